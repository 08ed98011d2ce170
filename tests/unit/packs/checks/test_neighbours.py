from collections.abc import Callable

from codered.packs.anchors import MOST_ATOMS
from codered.packs.checks.neighbours import check_neighbours
from codered.packs.problems import CheckedPack

MakePack = Callable[..., CheckedPack]


def shared_by(name: str) -> tuple[str, str, str]:
    return ("pack.yaml", "platform: windows\n", f"platform: windows\n    shared_by: [{name}]\n")


def anchors(count: int, modifiers: str = "", stem: str = "anchor") -> tuple[str, str, str]:
    lines = "".join(f'        $anchor_{n} = "{stem}-{n:04}" {modifiers}\n' for n in range(count))
    return ("rules.yar", "        $anchor_two", lines + "        $anchor_two")


def test_packs_that_share_with_one_another(checked_pack: MakePack) -> None:
    one, two = checked_pack(shared_by("two"), name="one"), checked_pack(shared_by("one"), name="two")
    assert list(check_neighbours((one, two))) == []


def test_sharing_that_is_not_mutual_is_warned_about(checked_pack: MakePack) -> None:
    one, two = checked_pack(shared_by("two"), name="one"), checked_pack(name="two")
    (problem,) = check_neighbours((one, two))
    assert (problem.level, "which shares nothing of its files with one" in problem.what) == ("warning", True)


def test_sharing_another_layer_is_not_mutual(checked_pack: MakePack) -> None:
    layer = ("pack.yaml", "    equals: ['1']\n", "    equals: ['1']\n    shared_by: [one]\n")
    one, two = checked_pack(shared_by("two"), name="one"), checked_pack(layer, name="two")
    assert [problem.level for problem in check_neighbours((one, two))] == ["warning", "warning"]


def test_a_pack_that_is_not_there(checked_pack: MakePack) -> None:
    one, two = checked_pack(shared_by("twoo"), name="one"), checked_pack(name="two")
    (problem,) = check_neighbours((one, two))
    assert (problem.what, problem.advice) == ("there is no pack `twoo`", "did you mean `two`?")


def test_two_packs_of_one_name(checked_pack: MakePack) -> None:
    (problem,) = check_neighbours((checked_pack(), checked_pack()))
    assert problem.what == "a second pack `demo`"


def test_anchors_of_all_packs_are_counted_once_each(checked_pack: MakePack) -> None:
    # the pack's own anchors are three atoms: one plain, one `ascii wide`
    full = checked_pack(anchors(MOST_ATOMS - 3), name="one")
    assert list(check_neighbours((full, checked_pack(name="two")))) == []
    (problem,) = check_neighbours((full, checked_pack(anchors(1, stem="other"), name="two")))
    assert f"have {MOST_ATOMS + 1} anchors" in problem.what
    assert "two/rules.yar" in problem.where


def test_ascii_wide_counts_twice(checked_pack: MakePack) -> None:
    assert list(check_neighbours((checked_pack(anchors(30, "ascii wide")),))) == []
    assert len(list(check_neighbours((checked_pack(anchors(31, "ascii wide")),)))) == 1


def test_anchors_of_text_rules_do_not_count(checked_pack: MakePack) -> None:
    text = ("pack.yaml", "scope: binary", "scope: text")
    assert list(check_neighbours((checked_pack(anchors(100), text),))) == []
