"""Without its parts, headquarters says in one line what to install; the host tool never needs them."""

from pathlib import Path

import pytest
from django.db import OperationalError

from codered.model.errors import WrongUse
from codered_hq.cli.entering import enter_headquarters, prepare
from tests.fixtures.command import Desk
from tests.fixtures.saying import Say


def test_a_missing_extra_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "dns" else object())
    with pytest.raises(WrongUse, match=r"not installed here \(dns missing\) — install codered-detect\[hq\]"):
        prepare()


@pytest.mark.django_db
def test_it_opens(headquarters: Path) -> None:
    found = enter_headquarters()
    assert (found.folder, found.config.name) == (headquarters, "headquarters")


@pytest.mark.django_db
def test_a_mistyped_folder_is_a_new_headquarters_and_is_said(
    say: Say, headquarters: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = f"codered: a new headquarters was made: {headquarters} (CODERED_HQ names it)\n"
    assert say("hosts", "show").err == line
    assert say("hosts", "show").err == ""
    typed = headquarters.with_name("hp")
    monkeypatch.setenv("CODERED_HQ", str(typed))
    assert f"{typed} (CODERED_HQ names it)" in say("hosts", "show").err


def test_help_loads_no_django(tmp_path: Path) -> None:
    desk = Desk(tmp_path, tmp_path / "cache")
    (tmp_path / "django.py").write_text("raise SystemExit('loaded')\n")
    for words in (["--help"], ["hosts", "--help"], ["hosts", "import", "--help"]):
        answer = desk.run(*words, PYTHONPATH=f"{tmp_path}:{desk.environment['PYTHONPATH']}")
        assert (answer.code, "loaded" in answer.err) == (0, False), answer


def test_a_database_that_fails_in_the_middle_is_one_line(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_settings: str) -> None:
        raise OperationalError("database or disk is full\nmore")

    monkeypatch.setattr("codered_hq.opening.open_headquarters", fail)
    for words in (("hosts", "gaps"), ("fleet", "status"), ("sweep", "--list")):
        answer = say(*words)
        assert (answer.code, answer.err.count("\n")) == (2, 1), answer
        assert "the database can't be used: database or disk is full" in answer.err
