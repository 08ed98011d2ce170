"""The frame that every page for people stands in: its head, its look, its foot. It needs no network and no script."""

import string
from functools import cache
from importlib import resources
from typing import NamedTuple

from codered.export.writing.escaping import Markup, encode_entities, escape_html, join_markup


class Page(NamedTuple):
    """What differs between pages. `verdict` is the class that colours the head, `word` the verdict as it is shown,
    `story` the first sentence, which may quote what was found; `facts` and `sections` are markup already.
    """

    title: str
    verdict: str
    word: str
    story: str
    facts: Markup
    sections: tuple[Markup, ...]
    made_by: str


def draw_page(page: Page) -> str:
    """The whole page. Text is escaped; the story, which may hold what was found, is written as numeric entities."""
    values = {
        "title": escape_html(page.title),
        "style": _read("page_frame.css"),
        "verdict": escape_html(page.verdict),
        "word": escape_html(page.word),
        "story": encode_entities(page.story),
        "facts": page.facts,
        "sections": join_markup(page.sections),
        "made_by": escape_html(page.made_by),
    }
    return string.Template(_read("page_frame.html")).substitute(values)


@cache
def _read(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
