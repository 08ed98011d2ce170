from collections.abc import Callable
from pathlib import Path

import pytest

from codered.model.rule import Rule
from codered.packs.anchors import (
    binary_rules,
    find_flaws,
    is_anchored,
    list_anchors,
    list_atoms,
    memory_rules,
    place_rules,
)
from codered.packs.loading import load_pack
from codered.packs.rule_source import parse_rules

WritePack = Callable[..., Path]
ANCHOR = '$anchor_a = "abcd"'


def rule(condition: str, strings: str = ANCHOR) -> Rule:
    (found,) = parse_rules(f"rule r {{\n strings:\n  {strings}\n  $b = /x{{4}}/\n condition:\n  {condition}\n}}\n", "x")
    return found


@pytest.mark.parametrize(
    "condition",
    [
        "any of ($anchor*)",
        "any of ($anchor*) and $b",
        "any of ($anchor*) and ($b or filesize < 10)",
        "any of ($anchor*) /* or */ and $b",
        "any of ($anchor*) and for any i in (1..#b) : (@b[i] > 3 or true)",
    ],
)
def test_a_condition_that_only_narrows_is_sound(condition: str) -> None:
    assert list(find_flaws(rule(condition))) == []


@pytest.mark.parametrize(
    "condition",
    [
        "$anchor_a",
        "all of ($anchor*)",
        "any of them",
        "$b and any of ($anchor*)",
        "not any of ($anchor*)",
        "(any of ($anchor*))",
        "any of ($anchor*) or $b",
        "any of ($anchor*) and $b or filesize < 10",
        "any of ($anchor*) and ($b) or ($b)",
        "any of ($anchor*) in (0..100)",
        "any of ($anchor_*)",
    ],
)
def test_a_condition_that_may_hold_without_an_anchor_is_a_flaw(condition: str) -> None:
    (flaw,) = find_flaws(rule(condition))
    assert "any of ($anchor*)" in flaw.what
    assert flaw.line == 1


@pytest.mark.parametrize(
    ("strings", "word"),
    [
        ('$anchor = "abc"', "shorter than 4 bytes"),
        ('$anchor = "abcd" nocase', "modifier nocase"),
        ('$anchor = "abcd" xor', "modifier xor"),
        ('$anchor = "abcd" base64', "modifier base64"),
        ("$anchor = { 41 42 43 44 }", "no plain text"),
        ("$anchor = /abcd/", "no plain text"),
    ],
)
def test_an_anchor_is_a_plain_literal(strings: str, word: str) -> None:
    (flaw,) = find_flaws(rule("any of ($anchor*)", strings))
    assert word in flaw.what
    assert flaw.line == 3


def test_atoms_count_each_form() -> None:
    found = rule(
        "any of ($anchor*)", '$anchor_a = "ab\\x00d"\n  $anchor_b = "wide" wide\n  $anchor_c = "both" ascii wide'
    )
    assert [anchor.name for anchor in list_anchors(found)] == ["$anchor_a", "$anchor_b", "$anchor_c"]
    assert list_atoms(found) == (b"ab\0d", b"w\0i\0d\0e\0", b"both", b"b\0o\0t\0h\0")


def test_which_rules_binaries_are_tried_on(write_pack: WritePack) -> None:
    assert binary_rules(load_pack(write_pack()).pack) == {"demo_body"}
    text = load_pack(write_pack(("pack.yaml", "scope: binary", "scope: text"))).pack
    assert binary_rules(text) == set()
    named = "platform: windows\n    content: [demo_body, other]\n"
    assert place_rules(load_pack(write_pack(("pack.yaml", "platform: windows\n", named))).pack) == {"other"}


def test_which_rules_memory_is_tried_on(write_pack: WritePack) -> None:
    assert memory_rules(load_pack(write_pack()).pack) == set()
    for where, wanted in (("[files, memory]", {"demo_body"}), ("[memory]", {"demo_body"}), ("[traffic]", set())):
        edit = ("pack.yaml", "scope: binary\n", f"scope: binary\n    where: {where}\n")
        assert memory_rules(load_pack(write_pack(edit)).pack) == wanted


@pytest.mark.parametrize(
    ("condition", "strings", "anchored"),
    [
        ("any of ($anchor*) and $b", '$anchor = "abcd" nocase', True),
        ("any of ($anchor*)", '$anchor = "abcd"', True),
        ("any of ($anchor*)", '$anchor = "abc" nocase', False),
        ("$b or any of ($anchor*)", '$anchor = "abcd" nocase', False),
        ("$b", '$other = "abcd"', False),
    ],
)
def test_a_text_rule_may_be_tried_behind_anchors_of_any_case(condition: str, strings: str, anchored: bool) -> None:
    assert is_anchored(rule(condition if "$other" not in strings else "$b or $other", strings)) is anchored
