import contextlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.model.rule import Rule, RuleString, StringKind
from codered.packs.loading import find_packs_folder, load_pack
from codered.packs.rule_source import check_compiles, parse_rules, read_rules

WritePack = Callable[..., Path]


def _string(name: str, kind: StringKind, source: str, line: int) -> RuleString:
    return RuleString(name, kind, source, (), line)


def test_a_rule_is_read_with_its_lines(write_pack: WritePack) -> None:
    (rule,) = read_rules(load_pack(write_pack()))
    assert (rule.name, rule.line) == ("demo_body", 1)
    assert [(s.name, s.kind, s.modifiers, s.line) for s in rule.strings] == [
        ("$anchor_one", "text", (), 4),
        ("$anchor_two", "text", ("ascii", "wide"), 5),
        ("$other", "regex", (), 6),
    ]
    assert rule.condition[:6] == ("any", "of", "(", "$anchor*", ")", "and")


def test_comments_are_no_part_of_the_condition_and_kinds_are_told() -> None:
    text = "// one\nprivate rule a : tag {\n strings:\n  $h = { 41 ?? }\n condition:\n  $h /* or */ // or\n}\n"
    (rule,) = parse_rules(text, "x.yar")
    assert (rule.line, rule.condition, rule.scopes) == (2, ("$h",), ("private",))
    assert (rule.strings[0].kind, rule.strings[0].line) == ("hex", 4)


def test_the_bytes_of_a_literal() -> None:
    source = r"a\x00\xFF\"\\n\n\té"
    assert RuleString("$a", "text", source, (), 1).literal() == b'a\x00\xff"\\n\n\t' + "é".encode()


@pytest.mark.parametrize(
    ("rules", "line"),
    [
        ("rule a {\n condition:\n  $x\n}\n", 3),
        ("rule a { condition: true }\nrule a { condition: true }\n", 2),
        ("rule a {\n strings:\n  $a = /[/\n condition: $a }\n", 3),
        ('include "other.yar"\n', 1),
        ("rule a {\n condition: true\n", 3),
        ("\n\nnonsense\n", 3),
    ],
)
def test_a_broken_rule_names_its_line(write_pack: WritePack, rules: str, line: int) -> None:
    folder = write_pack(("rules.yar", "", rules))
    with pytest.raises(WrongUse) as caught:
        read_rules(load_pack(folder))
    assert caught.value.where == f"{folder / 'rules.yar'}:{line}"


def test_what_only_the_reader_refuses_names_its_line() -> None:
    with pytest.raises(WrongUse) as caught:
        parse_rules("rule a {\n condition: true }\n}\n", "x.yar")
    assert caught.value.where == "x.yar:3"


@pytest.mark.parametrize(
    "before",
    [
        "rule a {\n strings:\n  $a = { 41 [",
        'rule a {\n strings:\n  $a = "open',
        "rule a {\n strings:\n  $a = /open",
        'import "pe"\nprivate rule a : tag { meta: b = "c" strings: $a = "d" condition: $a and pe.is_pe }',
    ],
)
def test_what_was_read_before_changes_nothing(before: str) -> None:
    plain = 'rule b {\n strings:\n  $x = "x"\n  $y = { 42 }\n condition:\n  any of them\n}\n'
    rule = Rule(
        "b", 1, 7, (_string("$x", "text", "x", 3), _string("$y", "hex", "{ 42 }", 4)), ("any", "of", "them"), ()
    )
    with contextlib.suppress(WrongUse):
        parse_rules(before, "y.yar")
    assert parse_rules(plain, "x.yar") == (rule,)


def test_all_shipped_rules_read_alike_in_any_order() -> None:
    texts = [path.read_text() for path in sorted(find_packs_folder().glob("*/rules.yar"))]
    there = [parse_rules(text, "x.yar") for text in texts]
    assert there[::-1] == [parse_rules(text, "x.yar") for text in reversed(texts)]
    assert [[rule.name for rule in rules] for rules in there] == [re.findall(r"rule (\w+)", text) for text in texts]


def test_a_slow_pattern_is_refused_only_when_asked(write_pack: WritePack) -> None:
    loaded = load_pack(write_pack(("rules.yar", "/demo[0-9]{2}worm/", "/[a-z]+[0-9]+/")))
    check_compiles(loaded)
    with pytest.raises(WrongUse, match=r"rules.yar:6: slow pattern"):
        check_compiles(loaded, refuse_slow=True)
