"""What stands around the sections of every report: the traffic light and the drill's banner, above and below."""

import string
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from codered.export.writing.escaping import Markup, element, escape_html, join_markup
from codered_hq.reporting.words import cut

_COLOURS = {"CLEAR": "#ffffff", "GREEN": "#33ff00", "AMBER": "#ffc000", "RED": "#ff2b2b"}
DRILL = "DRILL: this is an exercise"


class Frame(NamedTuple):
    """What stands around the sections of a page; `kind` is the class of its body."""

    kind: str
    what: str
    footer: str


class Head(NamedTuple):
    """What a page begins with; `light` is its traffic light, as TLP:AMBER."""

    frame: Frame
    what: str
    title: str
    when: str
    light: str
    drill: bool


def fill_page(head: Head, sections: Sequence[Markup]) -> str:
    """A whole page of these sections."""
    values = {
        "title": escape_html(cut(f"{head.frame.what}: {head.title}", 150)),
        "style": _write_style(head.light, head.drill),
        "kind": head.frame.kind,
        "light": head.light.removeprefix("TLP:").partition("+")[0],
        "tlp": head.light,
        "drill": element("span", escape_html(DRILL), class_="drill") if head.drill else "",
        "what": escape_html(head.what),
        "heading": escape_html(cut(head.title, 110)),
        "when": escape_html(head.when),
        "sections": join_markup(sections),
        "footer": escape_html(cut(head.frame.footer, 300)),
    }
    return string.Template(_read_file("page.html")).substitute(values)


def _write_style(light: str, drill: bool) -> str:
    """The style; what stands in the margins of printed pages is from fixed lists, never a value."""
    colour = _COLOURS[light.removeprefix("TLP:").partition("+")[0]]
    margin = {"light": light, "colour": colour, "drill": DRILL if drill else ""}
    return string.Template(_read_file("page.css")).substitute(margin)


@cache
def _read_file(name: str) -> str:
    return files("codered_hq.reporting").joinpath(name).read_text(encoding="utf-8")
