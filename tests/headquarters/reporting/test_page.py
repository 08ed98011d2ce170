"""The page: needs nothing else, and nothing of it is anybody's markup but ours."""

from html.parser import HTMLParser

from codered_hq.reporting.frame import Frame
from codered_hq.reporting.page import draw_numbers, frame_page, write_page
from tests.fixtures.status_reports import make_hostile_report, make_report

TAGS = """html head meta title style body header p span h1 h2 main section ul li dl dt dd div table caption thead tbody
tr th td figure figcaption svg desc line text polyline footer"""


class Reader(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _value in attrs}


def test_every_field_may_be_hostile() -> None:
    page = write_page(make_hostile_report())
    read = Reader(page)
    assert read.tags <= set(TAGS.split())
    assert not read.attributes & {"src", "href", "onload", "onerror", "onclick", "style"}
    assert "<script" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "url(" not in page
    assert "TLP:RED" in page
    assert len(page) < 1_000_000


def test_the_page_tells_what_the_document_says() -> None:
    page = write_page(make_report())
    for told in (
        "DRILL: this is an exercise", "TLP:AMBER+STRICT", "Business impact", "closed, about 40,000 EUR an hour",
        "infected: 29 → 31 (+2)", "Can&#x27;t be taken back", "shut a whole network segment: vlan 20",
        "executive, business", "10.1.0.0/23", "we are here", "Tell these people yourself", "ledger head ccc",
        "next report 2026-11-23 13:00 UTC", "<svg",
    ):  # fmt: skip
        assert told in page, told
    assert page.count('content: "TLP:AMBER+STRICT"') == 2
    quiet = write_page(
        make_report(
            waiting=(), waiting_of=0, containments=(), containments_of=0, stuck=0, curve=None, gaps=(), gaps_of=0,
            coverage_complete=True, tasks=(), undelivered=(), impact={}, summary="", drill=False, changes=(),
        )
    )  # fmt: skip
    for told in (
        "None is in place.",
        "No host was found infected yet.",
        "Every known subnet is covered.",
        "No number has",
    ):
        assert told in quiet, told
    assert "DRILL" not in quiet
    assert 'class="value">31<' in str(draw_numbers(make_report()))
    assert '<body class="x"' in frame_page(make_report(), Frame("x", "y", "z"), ())
