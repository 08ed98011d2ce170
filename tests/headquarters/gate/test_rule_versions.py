"""Versions of the rules as they were signed."""

from pathlib import Path

import pytest

from codered.model.errors import Refused, WrongUse
from codered_hq.gate.models import RulesInForce
from codered_hq.gate.rule_versions import list_versions, open_version
from codered_hq.gate.rules_in_force import APPROVERS
from tests.fixtures.gate_crew import NOW
from tests.fixtures.rules_in_force import put_sample_in_force, write_lax_rules

pytestmark = pytest.mark.django_db


def test_each_version_is_there_as_it_was_signed(headquarters: Path) -> None:
    put_sample_in_force(headquarters, cap=50)
    put_sample_in_force(headquarters, version=2, cap=10, at=NOW)
    newest, first = list_versions()
    assert [(each.version, each.until is None) for each in (newest, first)] == [(2, True), (1, False)]
    opened = open_version(first.pk)
    assert (opened.raw, opened.book.version, opened.trusted) == (write_lax_rules(1, 50), 1, True)
    (headquarters / APPROVERS / "test-approver.pub").unlink()
    assert not open_version(newest.pk).trusted


def test_what_was_rewritten_is_not_shown_as_rules(headquarters: Path) -> None:
    put_sample_in_force(headquarters)
    row = RulesInForce.objects.get()
    RulesInForce.objects.update(digest="0" * 64)
    with pytest.raises(Refused, match="not what was put in force"):
        open_version(row.pk)
    RulesInForce.objects.update(document=b"nothing")
    with pytest.raises(Refused):
        open_version(row.pk)
    with pytest.raises(WrongUse, match="no such rules"):
        open_version(row.pk + 1)
