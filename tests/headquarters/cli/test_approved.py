"""After the last yes: containments are carried out at once, and what came of them is told."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from codered.model.errors import ExitCode
from codered_hq.cli.approved import go_on
from codered_hq.containment import acting
from codered_hq.gate.asking import ask
from codered_hq.gate.models import Decision
from codered_hq.opening import Headquarters, open_headquarters
from tests.fixtures.gate_crew import ASKER, machine, wish
from tests.fixtures.rules_in_force import put_sample_in_force

pytestmark = pytest.mark.django_db


@pytest.fixture
def entered(headquarters: Path) -> Headquarters:
    opened = open_headquarters()
    put_sample_in_force(headquarters, cap=1)
    return opened


def decide(number: int, *tags: str) -> Decision:
    return ask(wish(machine(number, *tags), at=datetime.now(UTC)), {"word": "contain"}, ASKER)


def test_a_containment_is_carried_out_and_told(
    entered: Headquarters, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[Any, ...]] = []
    made = SimpleNamespace(
        kind="disable_port", device="sw1", port="ge-0/1\x1b", networks=[], undo_at=datetime(2027, 1, 1, tzinfo=UTC),
        state="holding", error="", proof="answered before, silent after",
    )  # fmt: skip

    def carry_out(*given: Any) -> list[SimpleNamespace]:
        asked.append(given)
        return [made]

    monkeypatch.setattr(acting, "carry_out", carry_out)
    decision, at = decide(1), datetime.now(UTC)
    for state, error, code in (
        ("holding", "", ExitCode.CLEAN), ("failed", "it does nothing", ExitCode.ROLLED_BACK),
        ("stuck", "no answer", ExitCode.NOT_ROLLED_BACK), ("begun", "", ExitCode.NOT_ROLLED_BACK),
    ):  # fmt: skip
        made.state, made.error = state, error
        assert go_on(decision, entered, at) == code
        told = capsys.readouterr().err
        assert f"disable_port sw1 ge-0/1\\x1b: {state}" in told, told
        assert ("until 2027-01-01 00:00 UTC" in told) == (state == "holding")
        assert error in told
    assert asked[0] == (decision, entered.config, entered.folder, at)


def test_what_is_not_allowed_is_told_and_not_carried_out(
    entered: Headquarters, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(acting, "carry_out", lambda *_given: pytest.fail("it was carried out"))
    at = datetime.now(UTC)
    assert go_on(decide(1, "vital"), entered, at) == ExitCode.AWAITING_APPROVAL
    assert "still needs the yes of executive and business" in capsys.readouterr().err
    decide(1)
    assert go_on(decide(2), entered, at) == ExitCode.REFUSED
    assert "rule cut-cap" in capsys.readouterr().err
    taken = decide(1)
    taken.state = "taken"
    assert go_on(taken, entered, at) == ExitCode.CLEAN
