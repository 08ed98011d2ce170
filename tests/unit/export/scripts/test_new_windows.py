import base64

import tree_sitter
import tree_sitter_powershell
from hypothesis import given
from hypothesis import strategies as st

from codered.export.scripts.from_plan import make_from_plan
from codered.export.scripts.new_windows import mark_value, write_new_scripts
from tests.fixtures.script_plans import change_value, codered2_actions, delete_key, edit_lines, make_plan, text_of

PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))


def test_both_scripts_are_powershell_and_undo_goes_backwards() -> None:
    plan = make_plan(*codered2_actions(), delete_key("ControlSet001\\Services\\Evil"), edit_lines())
    made = write_new_scripts(make_from_plan(plan, "iis7", ()))
    assert sorted(made) == ["clean.ps1", "undo.ps1"]
    for data in made.values():
        assert not PARSER.parse(data).root_node.has_error
        assert PARSER.parse(data.replace(b"}", b"", 1)).root_node.has_error
        assert data.isascii()
        assert data.count(b"\n") == data.count(b"\r\n")
        assert b"@@" not in data
    text = made["clean.ps1"].decode()
    assert plan.digest in text
    mark = "String:" + base64.b64encode("c:\\,,217".encode("utf-16-le")).decode()
    assert f"('/c') @('{mark}') $false ''" in text
    assert "Clear-Key 6 ('HKLM\\SYSTEM\\ControlSet001\\Services\\Evil') 2 3" in text
    assert "@((, @(2, $null)))" in text
    undone = [line.split()[1] for line in made["undo.ps1"].decode().splitlines() if line.startswith("Restore-")]
    assert undone == ["7", "6", "5", "4", "3", "2", "1"]


def test_only_what_powershell_2_knows() -> None:
    text = write_new_scripts(make_from_plan(make_plan(), "windows", ()))["clean.ps1"].decode()
    for newer in ("Get-FileHash", "-Raw", "[PSCustomObject]", "::new(", "-notin ", " -in ", "$PSScriptRoot"):
        assert newer not in text
    assert "Write-Output" not in text.partition("function Write-Step")[2].partition("if ($env:PROCESSOR")[0]


@given(st.text(max_size=30).filter(str.isprintable), st.text(max_size=30).filter(str.isprintable))
def test_whatever_a_value_is_named_it_is_one_argument(name: str, data: str) -> None:
    plan = make_plan(change_value("A", name, text_of(data)))
    made = write_new_scripts(make_from_plan(plan, "iis7", ()))
    assert not PARSER.parse(made["clean.ps1"]).root_node.has_error


def test_marks_of_values() -> None:
    def mark(kind: str, data: bytes) -> str:
        return f"{kind}:{base64.b64encode(data).decode()}"

    assert mark_value(4, b"\x01\0\0\0") == mark("DWord", b"\x01\0\0\0")
    assert mark_value(2, text_of("a").data) == mark("ExpandString", b"a\0")
    assert mark_value(7, "a\0b\0\0".encode("utf-16-le")) == mark("MultiString", "a\0b".encode("utf-16-le"))
    assert mark_value(3, b"") == "Binary:"
