"""Every change that a plan may hold is one that the rules can speak of."""

from typing import get_args

import pytest

from codered.model.errors import Refused
from codered.model.plan import ActionKind as PlanKind
from codered_hq.fleet.plan_documents import read_plan_document
from codered_hq.fleet.plan_kinds import DESTROYING, list_kinds, name_target
from codered_hq.model.action import ACTION_KINDS, LOOKING, UNDOING
from tests.fixtures.changes_asked import document_kinds, document_plan


def test_each_kind_of_a_plan_has_one_in_the_rules() -> None:
    for kind in get_args(PlanKind):
        plan = read_plan_document(document_kinds(kind, kind).plan, "x")
        (known,) = list_kinds("apply", plan, "x")
        assert known in set(ACTION_KINDS) - LOOKING - UNDOING
    several = read_plan_document(document_kinds("kill_process", "stop_process", "upgrade_package").plan, "x")
    assert list_kinds("apply", several, "x") == ("kill_process", "patch")
    assert list_kinds("rollback", several, "x") == ("roll_back",)
    assert set(ACTION_KINDS) > DESTROYING
    with pytest.raises(Refused, match="holds no changes"):
        list_kinds("apply", read_plan_document(document_plan().plan, "x"), "x")


def test_a_target_is_of_these_plans_on_these_hosts_alone() -> None:
    name = name_target("apply", {1: "a", 2: "b"})
    assert name == name_target("apply", {2: "b", 1: "a"})
    others = ({1: "a"}, {1: "b", 2: "a"}, {1: "a", 3: "b"}, {1: "a", 2: "c"})
    assert len({name, name_target("rollback", {1: "a", 2: "b"}), *(name_target("apply", one) for one in others)}) == 6
