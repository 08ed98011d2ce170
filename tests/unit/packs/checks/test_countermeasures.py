from collections.abc import Callable

import pytest

from codered.packs.checks.countermeasures import (
    check_containment,
    check_probe,
    check_removal,
    check_scan_behaviour,
    find_danger,
)
from codered.packs.problems import CheckedPack

MakePack = Callable[..., CheckedPack]


def test_a_good_pack_has_no_problem(checked_pack: MakePack) -> None:
    checked = checked_pack()
    for check in (check_scan_behaviour, check_probe, check_containment, check_removal):
        assert list(check(checked)) == []


@pytest.mark.parametrize("path", ["/", "/NULL.ida", "/scripts/root.exe", "/a?b=c&d=e", "/a%20b", "/" + "ab" * 100])
def test_a_harmless_probe(path: str) -> None:
    assert find_danger(path) == ""


@pytest.mark.parametrize(
    "path",
    [
        "", "x", "http://x/", "/a b", "/a\r\nHost: x", "/é",
        "/scripts/root.exe?/c+dir", "/x?/C+DIR", "/x?+dir", "/x?%2Fc", "/x?%252fc+dir", "/x?%20dir",
        "/c/winnt/system32/cmd.exe", "/x/CMD.EXE", "/x/c%6dd.exe", "/x/c%256dd.exe",
        "/a;b", "/a|b", "/a%7cb", "/a`b`", "/a$(b)", "/a%00b", "/a%2500b", "/a/../b", "/a/%2e%2e/b", "/a/..%5c..%5cb",
        "/a\\b", "/a%5cb", "/a%255cb", "/a/..%c0%af../b", "/default.ida?" + "N" * 224, "/x?" + "AB" * 600, "/x?%u9090",
    ],
)  # fmt: skip
def test_a_probe_that_might_do_harm(path: str) -> None:
    assert find_danger(path)


def test_a_probe_that_judges_nothing_or_too_early(checked_pack: MakePack) -> None:
    answers = "  answers:\n    - says: exposed\n      because: the mapping answers\n"
    answers += "      status: ['200']\n      body: NULL\\.ida\n"
    last = "    - says: undetermined\n      because: anything else tells nothing\n"
    (problem,) = check_probe(checked_pack(("pack.yaml", answers + last, "  answers: []\n")))
    assert problem.what == "the probe has no answers"
    early = answers.replace("      status: ['200']\n      body: NULL\\.ida\n", "")
    (problem,) = check_probe(checked_pack(("pack.yaml", answers + last, early + last)))
    assert "fits everything" in problem.what


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
