"""One hash over all that a decision is about."""

from msgspec.structs import replace

from codered_hq.gate.target_sets import hash_target_set, list_counted, list_machines, name_machine
from tests.fixtures.gate_crew import HOUR, machine, wish


def test_a_machine_is_its_number_or_what_it_is_called_outside() -> None:
    assert [name_machine(machine(12)), name_machine(machine(0, name="02:00:00:00:00:01"))] == [
        "#12", "02:00:00:00:00:01",
    ]  # fmt: skip
    assert list_machines((machine(3), machine(12), machine(3, "vital"))) == ("#12", "#3")
    empty = wish(kind="disable_port", target="port sw1 3")
    assert [list_counted(each) for each in (empty, wish(machine(3)))] == [("port sw1 3",), ("#3",)]


def test_kind_target_and_every_machine_change_the_hash_and_nothing_else_does() -> None:
    asked = wish(machine(1), machine(2), target="port sw1 1")
    same = replace(asked, subjects=(machine(2, "vital"), machine(1)), at=asked.at + HOUR, requested_by="x", reason="y")
    others = (
        replace(asked, kind="disable_port"), replace(asked, target="port sw1 2"),
        replace(asked, subjects=(machine(1),)),
        replace(asked, subjects=(*asked.subjects, machine(0, name="10.0.0.9"))),
    )  # fmt: skip
    assert hash_target_set(same) == hash_target_set(asked)
    assert len({hash_target_set(each) for each in (asked, *others)}) == 5
