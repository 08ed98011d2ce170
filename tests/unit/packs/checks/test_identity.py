from collections.abc import Callable

import pytest

from codered.packs.checks.identity import check_identity
from codered.packs.problems import CheckedPack

MakePack = Callable[..., CheckedPack]


def test_a_good_pack_has_no_problem(checked_pack: MakePack) -> None:
    assert list(check_identity(checked_pack())) == []


@pytest.mark.parametrize("written", ["T119", "T11900", "t1190", "T1190.1", "T1190.0011", "TA0001"])
def test_attack_ids_of_the_pack_and_of_signs(checked_pack: MakePack, written: str) -> None:
    edits = (
        ("pack.yaml", "attack: [T1190]", f"attack: [T1190, T1505.003, {written}]"),
        ("pack.yaml", "because: The worm runs.", f"because: The worm runs.\n    attack: [{written}]"),
    )
    problems = list(check_identity(checked_pack(*edits)))
    assert [problem.what for problem in problems] == [f"`{written}` is no ATT&CK id"] * 2


def test_both_lists_of_cves(checked_pack: MakePack) -> None:
    edit = ("pack.yaml", "  cves: [CVE-2001-0500]\n  bull", "  cves: [MS01-033]\n  bull")
    (problem,) = check_identity(checked_pack(edit))
    assert problem.what == "`MS01-033` is no CVE id"


def test_a_pack_without_a_page_for_people_is_warned_about(checked_pack: MakePack) -> None:
    checked = checked_pack()
    del checked.loaded.files["README.md"]
    (problem,) = check_identity(checked)
    assert problem.level == "warning"
