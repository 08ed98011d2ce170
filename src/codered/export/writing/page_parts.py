"""Pieces of a page: tables, sections, chips. Everything comes in as Markup, so it has been escaped."""

from collections.abc import Sequence

import msgspec

from codered.export.writing.escaping import Markup, element, encode_entities, escape_html, join_markup


class Cell(msgspec.Struct, frozen=True):
    """A cell of a table: its content and its class ("number", "code" or none)."""

    content: Markup
    kind: str = ""


def make_cell(text: str, kind: str = "") -> Cell:
    """A cell of plain text."""
    return Cell(escape_html(text), kind)


def make_table(caption: str, headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Markup:
    """A table with caption and scoped headings; its first column heads the rows. On a phone each row becomes a card,
    which takes the cells' labels from `data-label`.
    """
    # A heading stands on the side of its numbers.
    kinds = ["number" if rows and rows[0][at].kind == "number" else "" for at in range(len(headings))]
    heads = [
        element("th", escape_html(name), scope="col", class_=kind) for name, kind in zip(headings, kinds, strict=True)
    ]
    head = element("tr", *heads)
    body = [element("tr", *_make_row(headings, row)) for row in rows]
    table = element(
        "table",
        element("caption", escape_html(caption)),
        element("thead", head),
        element("tbody", *body),
    )
    return element("div", table, class_="scroll")


def make_section(title: str, *content: Markup, name: str = "") -> Markup:
    """A section with its heading; `name` is its class."""
    return element("section", element("h2", escape_html(title)), *content, class_=name or "plain")


def make_chip(word: str) -> Markup:
    """A word in a coloured frame. Only words from the model's fixed lists have a colour."""
    return element("span", escape_html(word), class_=f"chip {word}")


def make_paragraph(text: str) -> Markup:
    """A paragraph of plain text."""
    return element("p", escape_html(text))


def make_quote(text: str) -> Markup:
    """What was found on a machine, as code; see `encode_entities` for why it is written so."""
    return element("code", encode_entities(text))


def make_list(items: Sequence[Markup]) -> Markup:
    """A bullet list; nothing at all when there are no items."""
    return element("ul", *(element("li", item) for item in items)) if items else Markup("")


def make_facts(facts: Sequence[tuple[str, Markup]]) -> Markup:
    """Names and values, those without a value left out."""
    pairs = (join_markup([element("dt", escape_html(name)), element("dd", value)]) for name, value in facts if value)
    return element("dl", *pairs)


def _make_row(headings: Sequence[str], row: Sequence[Cell]) -> list[Markup]:
    first = element("th", row[0].content, scope="row", class_=row[0].kind)
    rest = [
        element("td", cell.content, class_=cell.kind, data_label=heading)
        for heading, cell in zip(headings[1:], row[1:], strict=True)
    ]
    return [first, *rest]
