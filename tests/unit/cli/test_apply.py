from pathlib import Path

from tests.fixtures.saying import Say
from tests.fixtures.volumes import SHOWN, path_below


def test_apply_asks_somebody_or_is_refused(say: Say, plan: Path, volume: Path) -> None:
    answer = say("apply", plan)
    assert answer.code == 4
    assert answer.out.startswith("PLAN: 6 changes")
    assert answer.err == "codered: nobody is there to ask — review the plan, then add --yes\n"
    assert all(path_below(volume, shown).exists() for shown in SHOWN)


def test_apply_does_it_when_told(say: Say, plan: Path, volume: Path) -> None:
    answer = say("apply", plan, "--yes")
    assert (answer.code, answer.out) == (0, "")
    assert answer.err.count("done: quarantine_file") == 6
    assert not any(path_below(volume, shown).exists() for shown in SHOWN)
