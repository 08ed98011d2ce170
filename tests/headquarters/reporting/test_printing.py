"""PDF without anything from outside."""

import importlib.util

import pytest

from codered.model.errors import WrongUse
from codered_hq.reporting.page import write_page
from codered_hq.reporting.printing import check_printing, make_pdf
from tests.fixtures.notice_servers import Seen, running_http
from tests.fixtures.status_reports import make_report


def test_a_pdf_is_tagged_and_fetches_nothing() -> None:
    seen = Seen()
    with running_http(seen) as url:
        page = write_page(make_report()).replace("</main>", f'<img src="{url}/x.png" alt="x"></main>')
        made = make_pdf(page)
    assert made.startswith(b"%PDF-")
    assert seen.requests == []


def test_without_the_extra_one_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(WrongUse, match="weasyprint"):
        check_printing()
