import re

from hypothesis import given
from hypothesis import strategies as st

from codered.export.scripts.from_plan import make_from_plan
from codered.export.scripts.old_windows import write_old_scripts, write_reg_data
from codered.export.scripts.steps import MetabaseStep, Script, ValueStep
from tests.fixtures.script_plans import ROOTS, change_value, codered2_actions, make_plan, quarantine, text_of


def steps_of(made: bytes) -> list[str]:
    """The calls of RunSteps."""
    body = made.decode("ascii").partition("Sub RunSteps()\r\n")[2].partition("\r\nEnd Sub")[0]
    return [line.strip() for line in body.split("\r\n") if not line.strip().startswith("'")]


def test_the_calls_of_a_code_red_2() -> None:
    made = write_old_scripts(make_from_plan(make_plan(*codered2_actions()), "iis5", ()))
    clean, undo = steps_of(made["clean.vbs"]), steps_of(made["undo.vbs"])
    key = f"HKLM\\SYSTEM\\{ROOTS}"
    assert clean[2] == f'CleanValue 3, "{key}", "/c", Array("c:\\,,217"), False, "", ""'
    assert clean[4].endswith('"SFCDisable", Array(CLng(-99)), False, "REG_DWORD", CLng(0)')
    assert re.fullmatch(r'CleanFile 1, "C:\\explorer.exe", 24, "[0-9a-f]{64}", Array\(\)', clean[0])
    assert undo[-1] == "UndoRecord"
    assert undo[2] == f'UndoValue 3, "{key}", "/c", Array("c:\\,,217"), False, "REG_SZ", "", ""'
    assert [call.split()[1] for call in undo[:-1]] == ["5,", "4,", "3,", "2,", "1,"]
    assert b"Sub CleanMetabase" not in made["clean.vbs"]


def test_registration_files_in_both_forms() -> None:
    plan = make_plan(*codered2_actions(), change_value("A", "\u00e9", text_of("x")))
    older = write_old_scripts(make_from_plan(plan, "iis4", ()))
    newer = write_old_scripts(make_from_plan(plan, "iis6", ()))
    assert older["clean.reg"].startswith(b"REGEDIT4\r\n\r\n")
    assert newer["clean.reg"].startswith(b"Windows Registry Editor Version 5.00\r\n\r\n")
    assert b'"/c"=-\r\n' in older["clean.reg"]
    assert b'"SFCDisable"=dword:00000000' in older["clean.reg"]
    assert b'"/c"="c:\\\\,,217"\r\n' in older["undo.reg"]
    assert b'"SFCDisable"=dword:ffffff9d' in older["undo.reg"]
    assert b"; left out, it can't be written in this form" in older["clean.reg"]


def test_data_that_a_form_can_not_hold() -> None:
    odd = text_of("\u00e9").data
    assert write_reg_data(1, odd, older=False) == "hex(1):e9,00,00,00"
    assert write_reg_data(1, odd, older=True) is None
    assert write_reg_data(2, text_of("%a").data, older=True) == "hex(2):25,61,00"
    assert write_reg_data(2, text_of("a").data, older=False) == "hex(2):61,00,00,00"
    assert write_reg_data(3, b"x", older=False) is None


@given(st.text(alphabet="\u00e9a\" &_'", max_size=400).filter(lambda name: name == name.strip() and '"' not in name))
def test_a_long_or_odd_name_stays_in_its_call(name: str) -> None:
    made = write_old_scripts(make_from_plan(make_plan(quarantine("C:\\x" + name)), "iis5", ()))
    text = made["clean.vbs"].decode("ascii").partition("Sub RunSteps()\r\n")[2].partition("\r\nEnd Sub")[0]
    lines = [line for line in text.split("\r\n") if not line.strip().startswith("'")]
    assert all(len(line) < 1022 for line in lines)
    assert all(line.endswith(" _") for line in lines[:-1])
    joined = "".join(line.removesuffix(" _").removeprefix("     ") for line in lines)
    parts = re.findall(r'"([^"]*)"|ChrW\((\d+)\)', joined)
    assert "".join(plain or chr(int(number or 0)) for plain, number in parts[:-1]) == "C:\\x" + name


def test_the_metabase_part_is_there_when_it_is_needed() -> None:
    step = MetabaseStep(below="c", expects=("c:\\",), because="x")
    flags = MetabaseStep(below="Scripts", expects=("519",), because="x", flags=513)
    value = ValueStep(key="HKLM\\A", name="", type=1, expects=(b"a\0\0\0",), because="x")
    made = write_old_scripts(Script(id="x", role="iis5", title="t", origin="o", steps=(step, flags, value)))
    clean = made["clean.vbs"]
    assert steps_of(clean)[:2] == [
        'CleanMetabase 1, "c", Array("c:\\"), -1',
        'CleanMetabase 2, "Scripts", Array(519), 513',
    ]
    assert clean.index(b"And Not SaveMetabase(") < clean.index(b"  If going Then ChangeFolder")
    assert b"@=-" in made["clean.reg"]
    assert b"@@" not in b"".join(made.values())
