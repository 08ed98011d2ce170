from collections.abc import Callable

import pytest

from codered.packs.checks.probes import check_probes, find_danger
from codered.packs.problems import CheckedPack

MakePack = Callable[..., CheckedPack]


def test_a_good_pack_has_no_problem(checked_pack: MakePack) -> None:
    assert list(check_probes(checked_pack())) == []


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
    answers = "    answers:\n      - says: exposed\n        because: the mapping answers\n"
    answers += "        status: ['200']\n        body: NULL\\.ida\n"
    last = "      - says: undetermined\n        because: anything else tells nothing\n"
    (problem,) = check_probes(checked_pack(("pack.yaml", answers + last, "    answers: []\n")))
    assert problem.what == "the probe has no answers"
    early = answers.replace("        status: ['200']\n        body: NULL\\.ida\n", "").replace(
        "exposed", "undetermined"
    )
    (problem,) = check_probes(checked_pack(("pack.yaml", answers + last, early + last)))
    assert "fits everything" in problem.what


STATUS_ALONE = "        status: ['200']\n"
READ = STATUS_ALONE + "        body: NULL\\.ida\n"
PATH = "    path: /NULL.ida\n"


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (READ, STATUS_ALONE, "`exposed` by a status alone"),
        (READ, READ + "        server: '^IIS['\n", "not a pattern"),
        (READ, "        server: '^IIS'\n", "`exposed` by a status alone"),
        ("      - says: undetermined\n", "      - says: not_seen\n", "`not_seen` of whatever is answered"),
        (PATH, PATH + "    control: /x/{random}.ida\n", "no made-up name in the probe's folder"),
        (PATH, PATH + "    control: /other.ida\n", "no made-up name in the probe's folder"),
        (PATH, PATH + "    control: /{random}.exe?a;b\n", "the control holds"),
        ("  - id: demo-probe\n", "  - id: Demo\n", "`Demo` is no id"),
    ],
)
def test_what_claims_too_much(checked_pack: MakePack, old: str, new: str, what: str) -> None:
    (problem,) = check_probes(checked_pack(("pack.yaml", old, new)))
    assert what in problem.what


def test_a_control_lets_a_status_count(checked_pack: MakePack) -> None:
    edits = [("pack.yaml", PATH, PATH + "    control: /{random}.ida\n"), ("pack.yaml", READ, STATUS_ALONE)]
    assert list(check_probes(checked_pack(*edits))) == []
