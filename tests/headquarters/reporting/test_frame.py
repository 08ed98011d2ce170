"""The frame of every report."""

from codered.export.writing.escaping import Markup
from codered_hq.reporting.frame import DRILL, Frame, Head, fill_page


def make(light: str, *, drill: bool) -> str:
    head = Head(Frame("x", "Report", "foot <b>"), "what <b>", "title <b>", "when <b>", light, drill)
    return fill_page(head, [Markup("<p>in</p>")])


def test_everything_but_the_sections_is_escaped() -> None:
    page = make("TLP:AMBER+STRICT", drill=True)
    assert page.count("&lt;b&gt;") == 5
    assert "<b>" not in page
    assert "<p>in</p>" in page
    assert '<span class="tlp AMBER">TLP:AMBER+STRICT</span>' in page
    assert page.count(f'<span class="drill">{DRILL}</span>') == 2


def test_what_is_no_drill_does_not_say_so() -> None:
    assert DRILL not in make("TLP:RED", drill=False)
