import pytest

from codered.packs.importing.grounds import find_absent, find_long_loop, is_grounded
from codered.packs.rule_texts import RuleText, Token, split_rules


def read(condition: str) -> tuple[Token, ...]:
    rule = next(split_rules("rule a { condition: " + condition + " }"))
    assert isinstance(rule, RuleText)
    return rule.condition


@pytest.mark.parametrize(
    "condition",
    ["$a", "any of them", "2 of ($a*)", "filesize < 1KB and $a", "($a or $b) and not $c", "#a > 2", "$ at 0", "known",
     "uint16(0) == 0x5A4D and (pe.is_dll() or $a)", "for any of them : ($ at 0)", "#a == 3", "#a != 0", "@a[1] < 9",
     "($a and filesize < 3) or (filesize > 4 and all of them)", "hash.md5(0, filesize) == \"x\""],
)  # fmt: skip
def test_a_string_a_module_or_a_grounded_rule_is_a_ground(condition: str) -> None:
    assert is_grounded(read(condition), {"pe", "hash"}, {"known"})


@pytest.mark.parametrize(
    "condition",
    ["true", "filesize < 10MB", "not $a", "$a or true", "none of them", "0 of them", "#a == 0", "#a < 5", "#a >= 0",
     "uint16(0) == 0x5A4D", "other", "$a or (filesize > 3 and filesize < 9)", "time.now() > 0", "console.log(\"x\")",
     "not not true", "for any i in (0..9) : (uint8(i) == 1)", "#a != 3", "elf.type == 1", "(" * 70 + "$a" + ")" * 70],
)  # fmt: skip
def test_what_any_file_may_fulfil_is_none(condition: str) -> None:
    assert not is_grounded(read(condition), {"pe", "time", "console"}, {"known"})


def test_loops_for_each_byte_and_reports_of_others_are_refused() -> None:
    assert "every byte" in find_long_loop(read("for any i in (0..filesize) : (uint8(i) == 1)"))
    assert "every byte" in find_long_loop(read("$a and for all i in (1..(filesize - 4)) : (uint8(i) == 1)"))
    assert "65,536 times" in find_long_loop(read("for any i in (0..0x100000) : (uint8(i) == 1)"))
    assert "65,536 times" in find_long_loop(read("for any i in (0..1MB) : (uint8(i) == 1)"))
    for good in ("for any i in (1..#a) : (@a[i] < 9)", "$a in (0..filesize)", "for any s in pe.sections : (s.x == 1)"):
        assert find_long_loop(read(good)) == ""
    assert "needs a sandbox report (module cuckoo)" in find_absent(read("$a and cuckoo.sync.mutex(/x/)"))
    assert find_absent(read("$cuckoo and cuckoo_rule")) == ""
