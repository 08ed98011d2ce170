import pytest

from codered.export.indicators.clamav_logic import MOST_STRINGS, Scope, write_signature
from codered.export.indicators.conditions import UnsayableError, read_condition
from codered.packs.rule_source import parse_rules

STRINGS = '$a = "alpha" $b = "beta" nocase $c = "gamma" $r = /de[l]ta/'


def write(condition: str, scope: Scope = "any", strings: str = STRINGS) -> str:
    rule = parse_rules(f"rule r {{\n strings: {strings}\n condition: {condition}\n}}", "here")[0]
    return write_signature("N", read_condition(rule), {string.name: string for string in rule.strings}, scope)


def test_conditions_become_expressions_over_numbered_strings() -> None:
    assert write("$a") == "N;Engine:81-255,Target:0;0;616c706861"
    assert write("2 of ($a, $b, $c)").split(";")[2] == "(0|1|2)>1,2"
    assert write("all of ($a, $b) and not $c").split(";")[2] == "(0&1)&(2=0)"
    assert write("($a or $b) and uint16(0) == 0x5A4D").split(";")[2:] == [
        "(0|1)&2",
        "616c706861",
        "62657461::i",
        "0:4d5a",
    ]
    assert write("$a and filesize < 4KB and filesize > 9").split(";")[1] == "Engine:81-255,FileSize:10-4095,Target:0"
    assert write("$a and filesize >= 9").split(";")[1] == f"Engine:81-255,FileSize:9-{(1 << 32) - 1},Target:0"


def test_expressions_stand_behind_the_literals_that_trigger_them() -> None:
    assert write("$r and 1 of ($a, $b)").split(";")[2:] == ["2&(0|1)", "616c706861", "62657461::i", "(0|1)/de[l]ta/E"]
    with pytest.raises(UnsayableError, match="without any literal"):
        write("$r or $a")


def test_binary_and_text_are_told_apart_by_a_nul() -> None:
    assert write("$a", "binary").split(";")[2:] == ["0&1", "616c706861", r"0,8191:0/\x00/Ee"]
    assert write("$a", "text").split(";")[2] == "0&(1=0)"


@pytest.mark.parametrize("condition", [
    "filesize < 9", "$a or filesize < 9", "uint16(0) == 0x5A4D", "not $a", "$a and filesize < 0",
    "$a and filesize > 9 and filesize < 4"])  # fmt: skip
def test_what_is_no_signature(condition: str) -> None:
    with pytest.raises(UnsayableError):
        write(condition)


def test_too_many_strings() -> None:
    strings = " ".join(f'$a{number} = "inert{number}"' for number in range(MOST_STRINGS + 1))
    with pytest.raises(UnsayableError, match="more than 64"):
        write("any of them", strings=strings)
