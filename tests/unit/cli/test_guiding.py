import re
from pathlib import Path

import msgspec
import pytest

from codered.cli import guided_steps
from codered.cli.guided_applying import apply_agreed
from codered.export.responses.wording import TITLES
from codered.model.errors import ExitCode, Refused
from codered.model.plan import Plan
from codered.model.report import Report
from codered.respond.workflow import StepResult
from tests.fixtures.changing import hash_tree
from tests.fixtures.saying import Say
from tests.fixtures.volumes import SHOWN, path_below


def test_every_step_is_walked_and_explained(say: Say, volume: Path, tmp_path: Path) -> None:
    before = hash_tree(volume)
    answer = say("respond", "--root", volume, "--yes")
    assert answer.code == 0
    titles = list(TITLES.values())
    steps = [answer.out.index(f"\n{number}. {title}\n") for number, title in enumerate(titles, 1)]
    assert steps == sorted(steps)
    assert answer.out.count("PLAN: 6 changes") == 1
    assert "codered: what the plan removed is gone. Now patch, and read the advice above" in answer.err
    assert not any(path_below(volume, shown).exists() for shown in SHOWN)
    saved, beside = sorted((tmp_path / "state/plans").iterdir())
    plan = msgspec.json.decode(saved.read_bytes(), type=Plan)
    assert msgspec.json.decode(beside.read_bytes(), type=Report).id == plan.report_id
    assert say("rollback", plan.id, "--yes").code == 0
    assert hash_tree(volume) == before


@pytest.mark.parametrize("more", [(), ("--staged",)])
def test_nothing_is_changed_before_somebody_agrees(say: Say, volume: Path, more: tuple[str, ...]) -> None:
    """Where nobody can be asked it is staged: looked at, planned, advised; and how to go on is said."""
    before = hash_tree(volume)
    answer = say("respond", "--root", volume, *more)
    assert answer.code == 1
    assert "Clean or rebuild" in answer.out
    assert "6. Apply" not in answer.out
    (kept,) = re.findall(r"codered respond --resume (\S+) --yes", answer.err)
    assert hash_tree(volume) == before
    assert say("respond", "--resume", kept, "--yes").code == 0
    assert not any(path_below(volume, shown).exists() for shown in SHOWN)


def test_what_stays_frozen_is_no_clean_end(say: Say, volume: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hold(plan: Plan) -> StepResult:
        return apply_agreed(plan)._replace(code=ExitCode.INCOMPLETE)

    monkeypatch.setattr(guided_steps, "apply_agreed", hold)
    answer = say("respond", "--root", volume, "--yes")
    assert answer.code == 3
    assert "something is still frozen" in answer.err


def test_a_clean_place_needs_no_plan(say: Say, tmp_path: Path) -> None:
    (tmp_path / "clean").mkdir()
    assert say("respond", tmp_path / "clean").code == 3  # no file at all: an evidence disk that nobody mounted
    (tmp_path / "clean/page.htm").write_text("hello")
    answer = say("respond", tmp_path / "clean")
    assert answer.code == 0
    assert "4. Plan" not in answer.out


def test_what_is_found_and_is_nothing_to_change(say: Say, tmp_path: Path) -> None:
    query = "default.ida?" + "N" * 224 + "%u9090%u6858%ucbd3%u7801"
    line = f'198.51.100.9 - - [19/Jul/2001:15:38:38 +0000] "GET /{query} HTTP/1.0" 404 209\n'
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/access.log").write_text(line)
    answer = say("respond", tmp_path / "logs")
    assert answer.code == 1
    assert "nothing here is for this tool to change" in answer.err
    assert "6. Apply" not in answer.out


def test_what_comes_back_is_told(say: Say, volume: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if something put a file back between apply and verify."""

    def apply_and_put_back(plan: Plan) -> StepResult:
        result = apply_agreed(plan)
        path_below(volume, SHOWN[2]).write_bytes(b"back")
        return result

    monkeypatch.setattr(guided_steps, "apply_agreed", apply_and_put_back)
    answer = say("respond", "--root", volume, "--yes")
    assert answer.code == 1
    assert "codered: there is still something: look at the report above\n" in answer.err
    assert "INCOMPLETE: " in answer.out or "REINFECTED: " in answer.out


def test_what_the_plan_left_alone_is_still_there(say: Say, volume: Path) -> None:
    (volume / "C/captures").mkdir()
    marks = b"\0CodeRedII\0c:\\inetpub\\scripts\\root.exe\0d:\\explorer.exe\0"
    (volume / "C/captures/saved.dmp").write_bytes(marks)
    answer = say("respond", "--root", volume, "--yes")
    assert answer.code == 1


def test_what_changed_since_it_was_agreed_to_is_planned_anew(say: Say, volume: Path) -> None:
    assert say("respond", "--root", volume).code == 1
    path_below(volume, SHOWN[0]).write_bytes(b"another")
    before = hash_tree(volume)
    answer = say("respond", "--resume", "--yes")
    assert (answer.code, hash_tree(volume)) == (4, before)
    assert "not as the plan expects" in answer.err
    assert "start a new response: codered respond" in answer.err
    assert "--resume" not in answer.err
    assert say("respond", "--resume", "--yes").code == 2  # nothing waits to go on


def test_what_can_be_mended_goes_on(say: Say, volume: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(plan: Plan) -> StepResult:
        raise Refused("another run works on this plan", where=plan.id)

    with monkeypatch.context() as busy:
        busy.setattr(guided_steps, "apply_agreed", refuse)
        answer = say("respond", "--root", volume, "--yes")
    assert answer.code == 4
    assert "codered respond --resume" in answer.err
    assert say("respond", "--resume", "--yes").code == 0
