from collections.abc import Callable

import pytest

from codered.model.indicators import ContentIndicator
from codered.packs.checks.removal_steps import check_removal_steps, tell_removed
from codered.packs.problems import CheckedPack

MakePack = Callable[..., CheckedPack]
STEP = "    - action: quarantine_file\n      indicators: [dropped]\n      because: it is the worm\n"
AUTOSTART = """autostart:
  - {id: line, because: b, confidence: likely, severity: high, references: [source], kind: cron, command: demo}
  - {id: run, because: b, confidence: likely, severity: high, references: [source], kind: run_key, command: demo}
processes:
"""


def make_step(action: str, *indicators: str) -> str:
    return f"    - action: {action}\n      indicators: [{', '.join(indicators)}]\n      because: so\n"


def test_a_good_pack_has_no_problem(checked_pack: MakePack) -> None:
    assert list(check_removal_steps(checked_pack())) == []


@pytest.mark.parametrize(
    ("action", "indicator"),
    [
        ("stop_process", "demo-process"),
        ("kill_process", "demo-process"),
        ("delete_file", "body"),
        ("clean_file", "dropped"),
        ("delete_value", "demo-value"),
        ("remove_line", "line"),
        ("remove_service", "line"),
        ("quarantine_file", "line"),
        ("delete_value", "run"),
        ("delete_file", "unknown-sign"),
    ],
)
def test_a_step_that_fits(checked_pack: MakePack, action: str, indicator: str) -> None:
    checked = checked_pack(("pack.yaml", "processes:\n", AUTOSTART), ("pack.yaml", STEP, make_step(action, indicator)))
    assert list(check_removal_steps(checked)) == []


@pytest.mark.parametrize(
    ("action", "indicator", "found"),
    [
        ("stop_process", "dropped", "a file"),
        ("stop_process", "body", "a file"),
        ("quarantine_file", "demo-process", "a process"),
        ("delete_value", "line", "an autostart entry"),
        ("remove_line", "run", "a Windows autostart entry"),
        ("delete_file", "demo-value", "a setting"),
        ("lock_account", "dropped", "a file"),
        ("delete_file", "demo-request", "a request"),
        ("stop_process", "demo-sent", "a request"),
    ],
)
def test_a_step_that_does_not(checked_pack: MakePack, action: str, indicator: str, found: str) -> None:
    checked = checked_pack(("pack.yaml", "processes:\n", AUTOSTART), ("pack.yaml", STEP, make_step(action, indicator)))
    (problem,) = check_removal_steps(checked)
    assert problem.what == f"{action} can't be done to what `{indicator}` finds, {found}"
    assert (problem.level, bool(problem.advice)) == ("error", True)


def test_processes_end_before_anything_goes(checked_pack: MakePack) -> None:
    wrong = STEP + make_step("stop_process", "demo-process")
    (problem,) = check_removal_steps(checked_pack(("pack.yaml", STEP, wrong)))
    assert (problem.what, problem.level) == ("stop_process after a step for files or settings", "warning")
    right = make_step("stop_process", "demo-process") + make_step("kill_process", "demo-process") + STEP
    assert list(check_removal_steps(checked_pack(("pack.yaml", STEP, right)))) == []


def test_a_rule_is_about_what_it_serves() -> None:
    sign = ContentIndicator(
        id="x", because="b", confidence="likely", severity="high", references=("r",), rule="r", scope="binary",
        where=("files", "memory", "traffic"),
    )  # fmt: skip
    assert tell_removed("content", sign) == ("a file", "a process", "a request")
