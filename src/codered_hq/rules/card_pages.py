"""The card as one A4 page: HTML, and PDF made of it. Everything from the file is escaped; nothing is fetched."""

from typing import Any, Final

from codered.export.writing.escaping import escape_html
from codered.model.errors import WrongUse
from codered_hq.rules.cards import Card
from codered_hq.rules.matrix import SUPPOSED, Matrix

SIZES: Final = (9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0)
"""Points; the first that fits one page is taken."""
_STYLE: Final = """
@page { size: A4; margin: 12mm }
body { font-family: sans-serif; font-size: %spt; line-height: 1.3; color: #111 }
h1 { font-size: 1.7em; margin: 0 0 .4em } h2 { font-size: 1.15em; margin: 1em 0 .3em }
table { border-collapse: collapse; width: 100%% } td, th { text-align: left; vertical-align: top; padding: .25em .5em;
overflow-wrap: break-word } .matrix td, .matrix th { border: .5pt solid #888 } .facts th { width: 14em }
.no { background: #f3c6c0; font-weight: bold } .yes { background: #cfe8cf } .needs { background: #fbeec2 }
ul { margin: 0; padding-left: 1.4em } .small { font-size: .85em; color: #444 }
"""


def render_card_page(card: Card, points: float = SIZES[0]) -> str:
    """The card as one HTML page, in letters of this size."""
    style, title = _STYLE % f"{points:g}", escape_html(card.title)
    facts = "".join(f"<tr><th>{escape_html(name)}</th><td>{escape_html(text)}</td></tr>" for name, text in card.facts)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{style}</style>'
        f'</head><body><h1>{title}</h1><table class="facts">{facts}</table>'
        f"<h2>Who must say yes</h2>{_render_matrix(card.matrix)}"
        f'<p class="small">{escape_html(SUPPOSED[:1].upper() + SUPPOSED[1:])}. A time: undone after it.</p>'
        f"<h2>At most</h2>{_render_list(card.caps)}<h2>Never</h2>{_render_list(card.never)}</body></html>\n"
    )


def make_card_pdf(card: Card) -> bytes:
    """The card as a PDF of one page. Raises WrongUse where weasyprint is missing."""
    try:
        from weasyprint import HTML  # heavy, and an extra
    except (ImportError, OSError) as error:  # OSError: a library of the system that it needs
        advice = "install codered-detect[reports], or print the text: codered rules card"
        what = f"Unsupported: no PDF can be made here ({type(error).__name__} of weasyprint)"
        raise WrongUse(what, advice=advice) from None
    for points in SIZES:
        document = HTML(string=render_card_page(card, points), url_fetcher=_fetch_nothing).render()
        if len(document.pages) == 1:
            pdf: bytes = document.write_pdf()
            return pdf
    raise WrongUse("the card does not fit one page", advice="give these rules fewer tags and shorter sentences")


def _fetch_nothing(url: str, *_rest: Any, **_more: Any) -> dict[str, Any]:
    raise ValueError(f"nothing is fetched for a card: {url[:60]}")


def _render_matrix(matrix: Matrix) -> str:
    head = "".join(f"<th>{escape_html(name)}</th>" for name in ("", *matrix.classes))
    body = "".join(
        f"<tr><th>{escape_html(', '.join(row.kinds))}</th>{''.join(map(_render_cell, row.cells))}</tr>"
        for row in matrix.rows
    )
    left = f"<p>No room for the tags {escape_html(', '.join(matrix.left_out))}.</p>" if matrix.left_out else ""
    return f'<table class="matrix"><tr>{head}</tr>{body}</table>{left}'


def _render_cell(cell: str) -> str:
    kind = "no" if cell == "NO" else "yes" if cell.startswith("yes") else "needs"
    return f'<td class="{kind}">{escape_html(cell)}</td>'


def _render_list(lines: tuple[str, ...]) -> str:
    return "<ul>" + "".join(f"<li>{escape_html(line)}</li>" for line in lines or ("nothing is said",)) + "</ul>"
