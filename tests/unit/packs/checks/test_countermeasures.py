from collections.abc import Callable

import pytest

from codered.packs.checks.countermeasures import (
    check_containment,
    check_removal,
    check_scan_behaviour,
)
from codered.packs.problems import CheckedPack

MakePack = Callable[..., CheckedPack]


def test_a_good_pack_has_no_problem(checked_pack: MakePack) -> None:
    checked = checked_pack()
    for check in (check_scan_behaviour, check_containment, check_removal):
        assert list(check(checked)) == []


@pytest.mark.parametrize("shares", [("0.5", "0.51"), ("1.5", "0.5"), ("-0.1", "0.5"), ("nan", "0.5"), ("inf", "0")])
def test_shares_that_make_no_sense(checked_pack: MakePack, shares: tuple[str, str]) -> None:
    edits = [
        ("pack.yaml", "share: 0.5\n      within: same_8", f"share: {shares[0]}\n      within: same_8"),
        ("pack.yaml", "share: 0.5\n      within: any", f"share: {shares[1]}\n      within: any"),
    ]
    assert list(check_scan_behaviour(checked_pack(*edits)))


def test_eighths_add_up(checked_pack: MakePack) -> None:
    old = "    - share: 0.5\n      within: same_8\n    - share: 0.5\n      within: any\n"
    new = "".join(f"    - share: {share}\n      within: any\n" for share in ["0.1"] * 10)
    assert list(check_scan_behaviour(checked_pack(("pack.yaml", old, new)))) == []


def test_a_rate_is_a_number(checked_pack: MakePack) -> None:
    for rate, count in (("11.5", 0), ("-1", 1), ("inf", 1), ("nan", 1)):
        edit = ("pack.yaml", "scan_behaviour:\n", f"scan_behaviour:\n  per_second: {rate}\n")
        assert len(list(check_scan_behaviour(checked_pack(edit)))) == count


def test_ports_of_containment(checked_pack: MakePack) -> None:
    edit = (
        "pack.yaml",
        "      ports: [80]\n      because: it spreads",
        "      ports: [65536]\n      because: it spreads",
    )
    (problem,) = check_containment(checked_pack(edit))
    assert problem.what == "65536 is no port"


@pytest.mark.parametrize(
    ("path", "contradicts"),
    [
        (r"D:\INETPUB\Scripts\demo.exe", True),
        (r"?:\inetpub\scripts\demo.exe", True),
        (r"c:\demo\other.exe", True),
        (r"?:\demo\other.exe", True),
        (r"D:\demo\other.exe", False),
        (r"C:\demo\good.exe", False),
        (r"C:\demo\other.dll", False),
        ("/demo/other.exe", False),
        (r"HKLM\SOFTWARE\demo", False),
    ],
)
def test_what_must_not_be_touched_is_not_taken_for_the_threat(
    checked_pack: MakePack, path: str, contradicts: bool
) -> None:
    problems = list(check_removal(checked_pack(("pack.yaml", r"path: C:\winnt\explorer.exe", f"path: '{path}'"))))
    assert bool(problems) is contradicts
