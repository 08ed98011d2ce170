from collections.abc import Callable

import pytest

from codered.packs.checks.rules import check_rules, longest_literal
from codered.packs.problems import CheckedPack

MakePack = Callable[..., CheckedPack]


@pytest.mark.parametrize(
    ("source", "length"),
    [
        ("/abcd", 4),
        (r"/<script[^>]{0,60}>", 7),
        (r"/ab(cdef|g)", 4),
        (r"/abc?d", 2),
        (r"/abc*", 2),
        (r"/abc{0,3}", 2),
        (r"/abcd{2,3}", 4),
        (r"/[abcdef]+", 0),
        (r"/a\x41b", 1),
        (r"/a\sb", 1),
        (r"/a\.b\/c", 5),
        (r"/[\]abcd]", 0),
        ("/.*", 0),
    ],
)
def test_the_longest_literal_of_a_pattern(source: str, length: int) -> None:
    assert longest_literal(source) == length


def test_a_good_pack_has_no_problem(checked_pack: MakePack) -> None:
    assert list(check_rules(checked_pack())) == []


def test_a_rule_that_nothing_uses_is_named_unless_it_is_private(checked_pack: MakePack) -> None:
    more = 'rule more { strings: $a = "abcdef" condition: $a }\n'
    (problem,) = check_rules(checked_pack(("rules.yar", "rule demo_body", more + "rule demo_body")))
    assert problem.what == "no indicator uses rule more"
    assert problem.where.endswith("rules.yar:1")
    assert list(check_rules(checked_pack(("rules.yar", "rule demo_body", "private " + more + "rule demo_body")))) == []


@pytest.mark.parametrize(
    "edit",
    [
        ("pack.yaml", "platform: windows\n", "platform: windows\n    content: [more]\n"),
        ("pack.yaml", "    pattern: '^GET /demo'\n", "    rule: more\n"),
    ],
)
def test_files_and_traffic_use_rules_too(checked_pack: MakePack, edit: tuple[str, str, str]) -> None:
    more = 'rule more { strings: $a = "abcdef" condition: $a }\n'
    assert list(check_rules(checked_pack(edit, ("rules.yar", "rule demo_body", more + "rule demo_body")))) == []
    (problem,) = check_rules(checked_pack(edit))
    assert problem.what == "rules.yar has no rule `more`"


def test_a_pattern_without_a_literal_is_warned_about(checked_pack: MakePack) -> None:
    (problem,) = check_rules(checked_pack(("rules.yar", "/demo[0-9]{2}worm/", "/ab[0-9]{2}cd/i")))
    assert (problem.level, problem.where.endswith("rules.yar:6")) == ("warning", True)


def test_a_rule_for_text_needs_no_anchor(checked_pack: MakePack) -> None:
    loose = ("rules.yar", "any of ($anchor*) and (", "any of ($anchor*) or (")
    assert len(list(check_rules(checked_pack(loose)))) == 1
    assert list(check_rules(checked_pack(loose, ("pack.yaml", "scope: binary", "scope: text")))) == []
    assert len(list(check_rules(checked_pack(loose, ("pack.yaml", "scope: binary", "scope: any"))))) == 1


@pytest.mark.parametrize(
    ("condition", "named"),
    [("#more > 3", "#more"), ("@more[1] < 10", "@more"), ("for any i in (1..#more) : (!more[i] > 4)", "!more, #more")],
)
def test_counting_matches_is_warned_about(checked_pack: MakePack, condition: str, named: str) -> None:
    more = f'private rule more {{ strings: $more = "abcdef" condition: {condition} }}\n'
    (problem,) = check_rules(checked_pack(("rules.yar", "rule demo_body", more + "rule demo_body")))
    assert problem.level == "warning"
    assert problem.what == f"the condition of rule more counts or compares matches ({named})"


def test_to_differ_is_no_counting(checked_pack: MakePack) -> None:
    more = 'private rule more { strings: $more = "abcdef" condition: $more and filesize != 3 }\n'
    assert list(check_rules(checked_pack(("rules.yar", "rule demo_body", more + "rule demo_body")))) == []
