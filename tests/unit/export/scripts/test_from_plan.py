from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.export.scripts.from_plan import find_host_path, make_from_plan
from codered.export.scripts.steps import FileStep, KeyStep, LinesStep, MetabaseStep, ValueStep
from codered.model.errors import WrongUse
from codered.model.plan import Action, FileState, RegistryPlace, ValueState
from codered.packs.loading import load_packs
from tests.fixtures.script_plans import (
    ROOTS,
    change_value,
    codered2_actions,
    delete_key,
    dword_of,
    edit_lines,
    make_plan,
    quarantine,
    text_of,
)

PACKS = Path(__file__).parents[4] / "packs"


def test_every_action_of_a_code_red_2_becomes_a_step() -> None:
    plan = make_plan(*codered2_actions())
    packs = load_packs(PACKS, ("codered2",))
    script = make_from_plan(plan, "iis5", packs)
    assert not script.by_hand
    assert plan.digest in script.origin
    assert [type(step) for step in script.steps] == [FileStep] * 2 + [ValueStep] * 3 + [MetabaseStep] * 4
    value = script.steps[4]
    assert isinstance(value, ValueStep)
    assert (value.expects, value.sets) == ((b"\x9d\xff\xff\xff",), bytes(4))
    assert any("MS01-033" in line for line in script.afterwards)
    assert [type(step) for step in make_from_plan(plan, "iis7", packs).steps] == [FileStep] * 2 + [ValueStep] * 3


def test_what_an_old_system_can_not_do_is_named_with_the_reason() -> None:
    multi = ValueState(exists=True, type=7, data="a\0b\0\0".encode("utf-16-le"))
    user = replace(
        change_value("x", "y", text_of("z")),
        registry=RegistryPlace(hive="HKU\\S-1-5-21-1-2-3-500", key="Software\\Run", value="y"),
    )
    backslash = change_value(ROOTS, "a\\b", text_of("x"))
    plan = make_plan(edit_lines(), delete_key("ControlSet001\\Services\\Evil"), change_value(ROOTS, "/c", multi), user,
                     backslash)  # fmt: skip
    script = make_from_plan(plan, "iis6", ())
    assert script.steps == ()
    assert [item.because.partition(":")[0] for item in script.by_hand] == [
        "an old system has no safe way to change bytes of a file in place",
        "save it with `regedit /e` and delete it in regedit by hand",
        "a script for this system can't put back a value of the type 7",
        "a user's settings are only there while the user is logged on",
        "Windows Script Host can't name a value with a backslash in it",
    ]
    newer = make_from_plan(plan, "iis7", ())
    assert [type(step) for step in newer.steps] == [LinesStep, KeyStep, ValueStep, ValueStep, ValueStep]


@pytest.mark.parametrize(
    "action",
    [
        quarantine("C:\\a\\..\\b.exe"),
        quarantine("C:\\a\nb.exe"),
        quarantine('C:\\a"b.exe'),
        quarantine("C:\\*.exe"),
        quarantine("C:\\a \\b.exe"),
        quarantine("\\\\server\\share\\x"),
        replace(quarantine("C:\\x"), expects=FileState(exists=True, sha256="'; evil", size=1)),
        replace(edit_lines(), expects=FileState(exists=True, sha256="'; evil", size=1)),
        change_value("A\nB", "x", text_of("y")),
        change_value('A"B', "x", text_of("y")),
        change_value("A", "x", text_of("two\nlines")),
        change_value("A", "x", ValueState(exists=False), dword_of(1)),
        change_value("A", "x", ValueState(exists=True, type=4, data=b"1")),
        replace(quarantine("C:\\x"), kind="kill_process"),
        replace(quarantine("C:\\x"), kind="lock_account"),
    ],
)
def test_what_can_not_be_written_exactly_is_left_out_and_said(action: Action) -> None:
    script = make_from_plan(make_plan(action), "iis5", ())
    assert script.steps == ()
    assert len(script.by_hand) == 1
    assert "by hand" in script.by_hand[0].because


def test_a_plan_of_another_system_or_with_an_odd_id_is_refused() -> None:
    plan = make_plan()
    for wrong in (
        replace(plan, target=replace(plan.target, system="linux")),
        replace(plan, id="..\\x"),
        replace(plan, id='a" & b'),
    ):
        with pytest.raises(WrongUse):
            make_from_plan(wrong, "iis5", ())
    with pytest.raises(ValueError, match="relative"):
        find_host_path(quarantine("relative"))
