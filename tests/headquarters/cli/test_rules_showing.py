import json
from pathlib import Path

import pytest

from codered_hq.cli import rules_showing
from codered_hq.rules.samples import read_sample
from tests.fixtures.rules_of_engagement import FIRST_RULES
from tests.fixtures.saying import Say


def test_the_sample_is_printed_byte_by_byte(say: Say, tmp_path: Path) -> None:
    assert say("rules", "show", "--sample").out.encode() == read_sample()
    path = tmp_path / "first.yaml"
    path.write_bytes(FIRST_RULES)
    assert say("rules", "show", path).out.encode() == FIRST_RULES
    assert json.loads(say("rules", "show", path, "--json").out)["version"] == 7
    assert say("rules", "show", path, "--sample").code == 2


def test_the_card_as_text_and_as_a_pdf(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, card = tmp_path / "rules.yaml", tmp_path / "card.pdf"
    path.write_bytes(read_sample())
    assert "50 hosts in 1h" in say("rules", "card", path).out
    monkeypatch.setattr(rules_showing, "make_card_pdf", lambda given: b"%PDF- " + given.title.encode())
    told = say("rules", "card", path, "-o", card)
    assert (told.code, told.out) == (0, "")
    assert card.read_bytes() == b"%PDF- Rules of engagement - worm outbreak"
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".codered-")] == []
    assert say("rules", "card", path, "-o", tmp_path / "card.html").code == 2
    assert say("rules", "card", path, "-o", tmp_path / "none" / "card.pdf").code == 2


def test_a_hostile_title_does_not_reach_the_terminal(say: Say, tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_bytes(read_sample().replace(b"title: Rules", b'title: "\\e[31mRules"\n#', 1))
    assert "\x1b" not in say("rules", "card", path).out
