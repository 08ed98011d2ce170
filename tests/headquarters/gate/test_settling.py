"""How decisions end, and what is said of it."""

from pathlib import Path

import pytest

from codered.model.errors import AwaitingApproval, Refused
from codered_hq.gate.asking import ask
from codered_hq.gate.settling import allow, end_decision, explain_state, name_decision, read_request
from codered_hq.ledger.models import LedgerEntry
from codered_hq.ledger.reading import read_detail
from codered_hq.model.action import Cap
from tests.fixtures.gate_crew import ASKER, NOW, machine, wish
from tests.fixtures.rules_in_force import put_sample_in_force


@pytest.mark.django_db
def test_states_reservations_and_the_ledger_go_together(headquarters: Path) -> None:
    put_sample_in_force(headquarters)
    decision = ask(wish(machine(1), machine(2)), {}, ASKER)
    assert (name_decision(decision), read_request(decision).subjects) == (
        "isolate_host host-1 and 1 more (host #1)", (machine(1), machine(2)),
    )  # fmt: skip
    end_decision(decision, "void", "the wind turned", "gate", NOW)
    assert decision.reservations.filter(released=True).count() == 2
    allow(decision, (), "boss", NOW)
    assert decision.reservations.filter(released=False).count() == 2
    cap = Cap(rule="tiny", why="Too many.", kinds=("isolate_host",), hosts=1, seconds=60)
    other = ask(wish(machine(3)), {}, ASKER)
    end_decision(other, "void", "it is counted no more", "gate", NOW)
    allow(other, (cap,), "boss", NOW)
    assert (other.state, other.answer, other.rule) == ("refused", "no", "tiny")
    assert other.why == "Too many. (2 of 1 in the last minute)"
    entries = list(LedgerEntry.objects.filter(kind="decision"))
    assert [(entry.who, entry.what.split(":")[0]) for entry in entries[:3]] == [
        ("asker", "allowed"), ("gate", "void"), ("boss", "allowed"),
    ]  # fmt: skip
    detail = read_detail(entries[1])
    assert (detail["decision"], detail["state"], detail["target_set"]) == (decision.uid, "void", decision.target_set)


@pytest.mark.django_db
def test_every_state_says_what_to_do_in_one_line(headquarters: Path) -> None:
    put_sample_in_force(headquarters)
    decision = ask(wish(machine(1, "vital")), {}, ASKER)
    said = {}
    for state in ("awaiting", "allowed", "taken", "expired", "refused", "vetoed", "void"):
        decision.state = state
        error = explain_state(decision, ("business",))
        assert isinstance(error, AwaitingApproval if state == "awaiting" else Refused)
        assert "\n" not in str(error)
        assert error.advice
        said[state] = error.what
    assert said["awaiting"].startswith("waits for the yes of business (rule cut-vital")
    assert len(set(said.values())) == 7
