import pytest

from codered.cli.packs import export_writing
from codered.cli.packs.export_writing import Wanted
from codered.export.indicators.forms import FORMS
from tests.fixtures.saying import Say


def test_it_hands_over_what_was_asked_for(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Wanted] = []

    def write(wanted: Wanted) -> int:
        told.append(wanted)
        return 0

    monkeypatch.setattr(export_writing, "export_packs", write)
    assert say("packs", "export", "a", "b", "--as", "yara", "--as", "nmap", "--to", "x").code == 0
    assert say("packs", "export", "--to", "x", "--report", "r", "--force", "--json").code == 0
    assert told == [Wanted(("a", "b"), ("yara", "nmap"), "x"), Wanted((), (), "x", "r", True, True)]
    assert say("packs", "export").code == 2


def test_the_help_names_every_form(say: Say) -> None:
    shown = say("packs", "export", "--help").out
    assert [name for name in FORMS if name not in shown] == []
