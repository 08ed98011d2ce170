from collections.abc import Callable

import pytest

from codered.packs.anchors import MOST_ATOMS
from codered.packs.checks.memory import check_memory, count_memory_atoms
from codered.packs.problems import CheckedPack

MakePack = Callable[..., CheckedPack]
SERVES = ("pack.yaml", "    scope: binary\n", "    scope: text\n    where: [files, memory]\n")
PLAIN = ("rules.yar", "($other or filesize > 0)", "$other")


def test_an_anchored_rule_that_asks_for_nothing_of_a_file_is_fine(checked_pack: MakePack) -> None:
    assert list(check_memory(checked_pack(SERVES, PLAIN))) == []


def test_rules_that_do_not_serve_memory_are_let_be(checked_pack: MakePack) -> None:
    loose = ("rules.yar", "any of ($anchor*)", "1 of ($anchor*)")
    text = ("pack.yaml", "scope: binary", "scope: text")
    assert list(check_memory(checked_pack(text, loose))) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("any of ($anchor*) and", "$other or any of ($anchor*) and", "serves memory, but its condition"),
        ('"DEMO-WORM-MARKER"', '"DEMO-WORM-MARKER" nocase', "modifier nocase"),
        ('"DEMO-WORM-MARKER"', '"ab"', "shorter than 4 bytes"),
    ],
)
def test_a_text_rule_for_memory_is_anchored_too(checked_pack: MakePack, old: str, new: str, words: str) -> None:
    (problem,) = check_memory(checked_pack(SERVES, PLAIN, ("rules.yar", old, new)))
    assert (problem.level, words in problem.what) == ("error", True)
    assert "rules.yar:" in problem.where


def test_a_flaw_of_a_binary_rule_is_told_once_by_the_other_check(checked_pack: MakePack) -> None:
    binary = ("pack.yaml", "    scope: binary\n", "    scope: binary\n    where: [memory]\n")
    assert list(check_memory(checked_pack(binary, PLAIN, ("rules.yar", '"DEMO-WORM-MARKER"', '"ab"')))) == []


@pytest.mark.parametrize("words", ["filesize > 9", "$other at 0", "$anchor_one at 5"])
def test_what_only_a_file_has_is_warned_about(checked_pack: MakePack, words: str) -> None:
    edit = ("rules.yar", "($other or filesize > 0)", f"({words} and $other)")
    (problem,) = check_memory(checked_pack(SERVES, edit))
    assert (problem.level, "in pieces" in problem.advice) == ("warning", True)


def test_the_anchors_for_memory_of_all_packs_are_counted(checked_pack: MakePack) -> None:
    lines = "".join(f'        $anchor_{n} = "anchor-{n:04}"\n' for n in range(MOST_ATOMS - 3))
    many = ("rules.yar", "        $anchor_two", lines + "        $anchor_two")
    full, other = checked_pack(SERVES, many, name="one"), checked_pack(SERVES, name="two")
    assert list(count_memory_atoms((full, other))) == []
    more = ("rules.yar", '"DEMO-WORM-MARKER"', '"ANOTHER-WORM-MARKER"')
    (problem,) = count_memory_atoms((full, checked_pack(SERVES, more, name="three")))
    assert f"{MOST_ATOMS + 1} anchors for memory" in problem.what
    assert list(count_memory_atoms((full, checked_pack(more, name="four")))) == []
