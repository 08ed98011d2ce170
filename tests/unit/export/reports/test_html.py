from collections.abc import Callable, Sequence
from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codered.export.reports.html import render_html
from codered.model.report import Report
from tests.fixtures.outbreak_reports import make_outbreak_report

Poison = Callable[[Report, Sequence[str]], Report]
VERDICTS = ("infected", "attacked", "suspicious", "vulnerable", "clean", "incomplete")
OUR_TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "section", "footer", "article", "div", "p",
    "h1", "h2", "h3", "h4", "ul", "li", "dl", "dt", "dd", "span", "code", "table", "caption", "thead", "tbody", "tr",
    "th", "td", "svg", "desc", "line", "text", "rect", "g", "path",
}  # fmt: skip
OUR_ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "scope", "data-label", "tabindex", "role", "id",
    "aria-labelledby", "viewbox", "x", "x1", "x2", "y", "y1", "y2", "width", "height", "text-anchor", "transform",
    "d", "rx",
}  # fmt: skip


class Reader(HTMLParser):
    """Collects tags and attributes, and checks that every tag is closed where it must be."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read_page(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert not reader._open
    return reader


@pytest.mark.parametrize("verdict", VERDICTS)
def test_needs_no_network_and_no_script(verdict: str, demo_reports: dict[str, Report]) -> None:
    page = render_html(demo_reports[verdict])
    reader = read_page(page)
    assert reader.tags <= OUR_TAGS
    assert reader.attributes <= OUR_ATTRIBUTES
    assert "default-src 'none'" in page
    assert "://" not in page
    assert "url(" not in page


def test_golden(attacked: Report, check_golden: Callable[[str, str], None]) -> None:
    check_golden("attacked.html", render_html(attacked))


def test_the_banner_says_what_it_means(attacked: Report) -> None:
    page = render_html(attacked)
    assert '<header class="verdict attacked">' in page
    assert '<p class="word">ATTACKED</p>' in page
    assert "24 requests of Code Red v1/v2 from 24 addresses; nothing here says" in read_page(page).text


def test_a_saved_page_does_not_hold_what_was_found(infected: Report, attacked: Report) -> None:
    for report, found in ((infected, "INERT"), (attacked, "default.ida")):
        page = render_html(report)
        assert found in read_page(page).text
        assert found not in page


def test_the_curve_is_there_only_with_times(attacked: Report, clean: Report) -> None:
    assert "<svg" in render_html(attacked)
    assert "<svg" not in render_html(clean)


def test_gaps_and_what_a_target_can_not_offer_are_said(infected: Report) -> None:
    text = read_page(render_html(infected)).text
    assert "permission denied" in text
    assert "a volume has no running processes" in text


def test_many_attackers_end_and_say_so(attacked: Report) -> None:
    assert attacked.logs
    logs = msgspec.structs.replace(attacked.logs, attackers=attacked.logs.attackers[:1] * 1200)
    assert "… and 200 more: see the JSON or CSV report." in render_html(msgspec.structs.replace(attacked, logs=logs))


def test_numbers_no_scan_can_count_to(attacked: Report) -> None:
    assert attacked.logs
    forged = msgspec.structs.replace(attacked.logs.attackers[0], count=10**4200, hours={"2001-07-19T14": 10**4200})
    page = render_html(
        msgspec.structs.replace(attacked, logs=msgspec.structs.replace(attacked.logs, attackers=(forged,)))
    )
    assert "more than 10^15" in page
    assert read_page(page)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(text=st.text(st.characters(), max_size=60), verdict=st.sampled_from(VERDICTS))
def test_no_hostile_text_escapes(demo_reports: dict[str, Report], poison: Poison, text: str, verdict: str) -> None:
    attack = (
        "</style></title><script>alert(1)</script><img src=x onerror=y>\"' onload='z' ${style} $title &lt;\u202e\x00"
    )
    page = render_html(poison(demo_reports[verdict], [attack + text, text]))
    reader = read_page(page)
    assert reader.tags <= OUR_TAGS
    assert reader.attributes <= OUR_ATTRIBUTES
    assert page.replace("\n", "").isprintable()


def test_an_outbreak_is_a_page_of_our_own_tags_that_loads_nothing(check_golden: Callable[[str, str], None]) -> None:
    page = render_html(make_outbreak_report())
    reader = read_page(page)
    assert reader.tags <= OUR_TAGS
    assert reader.attributes <= OUR_ATTRIBUTES
    for loading in ("http://", "https://", "src=", "url(", "@import"):
        assert loading not in page
    check_golden("outbreak.html", page)


@given(texts=st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_hostile_words_of_an_outbreak_stay_text(poison: Poison, texts: list[str]) -> None:
    page = render_html(poison(make_outbreak_report(), [f"<script>{text}" for text in texts]))
    assert read_page(page).tags <= OUR_TAGS
