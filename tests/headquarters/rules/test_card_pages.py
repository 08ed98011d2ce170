import subprocess
import sys
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered_hq.rules.card_pages import make_card_pdf, render_card_page
from codered_hq.rules.cards import make_card
from tests.fixtures.rules_of_engagement import ALLOW, read_sample_book, write_rules


def test_the_pdf_is_one_a4_page_that_says_it_all(tmp_path: Path) -> None:
    path = tmp_path / "card.pdf"
    path.write_bytes(make_card_pdf(make_card(read_sample_book())))
    told = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True, timeout=20).stdout
    assert "Pages:           1" in told
    assert "A4" in told
    text = subprocess.run(
        ["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True, timeout=20
    ).stdout
    for word in ("Rules of engagement - worm outbreak", "never_touch", "business, 4h", "yes, 24h", "50 hosts in 1h"):
        assert word in text


def test_a_long_card_is_one_page_too(tmp_path: Path) -> None:
    rules = "".join(f"  - id: r{number}\n    why: {'Never do this. ' * 18}\n    do: [patch]\n" for number in range(60))
    path = tmp_path / "card.pdf"
    path.write_bytes(make_card_pdf(make_card(write_rules("never:\n" + rules + ALLOW))))
    assert (
        "Pages:           1"
        in subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True, timeout=20).stdout
    )


def test_everything_is_escaped() -> None:
    rules = 'never:\n  - id: a\n    why: "<script src=http://x>&"\n    do: [patch]\n' + ALLOW
    page = render_card_page(make_card(write_rules(rules)))
    assert "<script" not in page
    assert "&lt;script src=http://x&gt;&amp;" in page


def test_without_weasyprint_it_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(WrongUse, match=r"^Unsupported: no PDF .*codered-detect\[reports\]"):
        make_card_pdf(make_card(read_sample_book()))
