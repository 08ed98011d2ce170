"""Which rules hold, and under whose signature."""

from pathlib import Path

import pytest

from codered.model.errors import Refused, WrongUse
from codered.signing.keys import load_trusted_keys, make_key
from codered_hq.gate.asking import ask
from codered_hq.gate.models import Decision, Reservation, RulesInForce
from codered_hq.gate.rules_in_force import APPROVERS, find_rules, put_in_force
from codered_hq.ledger.models import LedgerEntry
from codered_hq.rules.signing import sign_rules
from tests.fixtures.gate_crew import ASKER, HOUR, MINUTE, NOW, machine, wish
from tests.fixtures.rules_in_force import LONG_AGO, put_sample_in_force, write_lax_rules

pytestmark = pytest.mark.django_db


def test_the_newest_rules_hold_and_what_others_decided_is_void(headquarters: Path) -> None:
    assert find_rules(NOW) is None
    first = put_sample_in_force(headquarters, cap=50)
    assert (put_sample_in_force(headquarters, cap=50).digest, RulesInForce.objects.count()) == (first.digest, 1)
    waits, allowed = ask(wish(machine(1, "vital")), {}, ASKER), ask(wish(machine(2)), {}, ASKER)
    assert [waits.state, allowed.state] == ["awaiting", "allowed"]
    second = put_sample_in_force(headquarters, version=2, cap=10, at=NOW + MINUTE)
    now = find_rules(NOW + HOUR)
    assert now is not None
    assert (now.version, now.digest, now.book) == (2, second.digest, second.book)
    then = find_rules(NOW)
    assert then is not None
    assert then.version == 1
    assert find_rules(LONG_AGO - HOUR) is None
    assert set(Decision.objects.values_list("state", flat=True)) == {"void"}
    assert not Reservation.objects.filter(released=False).exists()
    assert list(LedgerEntry.objects.filter(kind="rules").values_list("what", flat=True)) == [
        "version 1 of the rules is in force", "version 2 of the rules is in force",
    ]  # fmt: skip


def test_only_newer_rules_under_a_trusted_signature_come_in_force(headquarters: Path, tmp_path: Path) -> None:
    put_sample_in_force(headquarters, version=3)
    keys = load_trusted_keys(headquarters / APPROVERS)
    with pytest.raises(Refused):
        put_in_force(sign_rules(write_lax_rules(4), make_key(tmp_path / "k")), keys, "x", NOW)
    with pytest.raises(Refused, match="version 2 is not newer than version 3"):
        put_sample_in_force(headquarters, version=2)
    with pytest.raises(Refused, match="version 3 is not newer"):
        put_sample_in_force(headquarters, version=3, cap=1000)
    with pytest.raises((WrongUse, Refused)):
        put_in_force(b"no rules", keys, "x", NOW)
    assert RulesInForce.objects.get().version == 3


def test_rules_of_somebody_who_is_trusted_no_longer_allow_nothing(headquarters: Path) -> None:
    put_sample_in_force(headquarters)
    allowed = ask(wish(machine(1)), {}, ASKER)
    assert allowed.state == "allowed"
    (headquarters / APPROVERS / "test-approver.pub").unlink()
    with pytest.raises(Refused):
        find_rules(NOW)
    decision = ask(wish(machine(2)), {}, ASKER)
    assert (decision.state, decision.rule) == ("refused", "no-rules")


def test_rules_changed_in_the_database_allow_nothing(headquarters: Path) -> None:
    put_sample_in_force(headquarters, cap=50)
    RulesInForce.objects.update(version=9)
    with pytest.raises(Refused, match="not what was put in force"):
        find_rules(NOW)
    RulesInForce.objects.update(document=b"x")
    with pytest.raises(Refused, match="no sealed document"):
        find_rules(NOW)
    assert ask(wish(machine(1)), {}, ASKER).rule == "no-rules"
