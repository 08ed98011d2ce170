from codered.export.writing.escaping import escape_html
from codered.export.writing.page_frame import Page, draw_page

HOSTILE = "<script>alert(1)</script>$title"


def test_all_that_is_text_is_escaped_and_nothing_is_left_to_fill_in() -> None:
    facts, section = escape_html("facts of it"), escape_html("a section")
    page = draw_page(Page(HOSTILE, HOSTILE, HOSTILE, HOSTILE, facts, (section, section), HOSTILE))
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;$title") == 4
    assert "&#60;&#115;&#99;&#114;" in page
    assert (page.count("facts of it"), page.count("a section")) == (1, 2)


def test_the_page_asks_nobody_for_anything() -> None:
    page = draw_page(Page("t", "clean", "CLEAN", "s", escape_html(""), (), "codered"))
    assert "default-src 'none'" in page
    assert "src=" not in page.replace("default-src", "").replace("style-src", "")
    assert "url(" not in page
    assert page.startswith("<!DOCTYPE html>")
