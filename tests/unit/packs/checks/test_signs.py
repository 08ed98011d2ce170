from collections.abc import Callable

import pytest

from codered.packs.checks.signs import check_files, check_settings, check_signs, check_traffic, is_path
from codered.packs.problems import CheckedPack

MakePack = Callable[..., CheckedPack]


@pytest.mark.parametrize(
    "path",
    [
        r"C:\x", r"?:\inetpub\scripts\root.exe", r"d:\a b\c*.exe", "/dev/cuc", "/etc/rc2.d/S71rpc", r"C:\WINNT\x.",
        "/tmp/.hidden/*",
    ],
)  # fmt: skip
def test_paths_that_can_exist(path: str) -> None:
    assert is_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "", "x", r"x\y", "C:", "C:\\", r"C:x", "C:/x", r"CC:\x", r"\x", r"C:\\x", r"C:\x" + "\\", r"C:\a:b", r"C:\a|b",
        r"C:\a?b", r"C:\..\x", r"C:\.\x", "/", "//x", "/x/", "/x/../y", "/x\\y", "/x\ny", "%SystemRoot%\\x", r"*:\x",
    ],
)  # fmt: skip
def test_paths_that_cannot(path: str) -> None:
    assert not is_path(path)


def test_a_good_pack_has_no_problem(checked_pack: MakePack) -> None:
    checked = checked_pack()
    for check in (check_signs, check_files, check_settings, check_traffic):
        assert list(check(checked)) == []


def test_an_unverified_source_beside_a_good_one_may_decide(checked_pack: MakePack) -> None:
    good = ("pack.yaml", "confidence: suspicious\n    severity: high\n    references: [hearsay]",
            "confidence: likely\n    severity: high\n    references: [hearsay, source]")  # fmt: skip
    assert list(check_signs(checked_pack(good))) == []
    bad = ("pack.yaml", "confidence: suspicious", "confidence: confirmed")
    (problem,) = check_signs(checked_pack(bad))
    assert "is confirmed and rests on unverified references only" in problem.what


def test_a_sign_is_not_shared_with_its_own_pack(checked_pack: MakePack) -> None:
    edit = ("pack.yaml", "platform: windows\n", "platform: windows\n    shared_by: [demo]\n")
    (problem,) = check_signs(checked_pack(edit))
    assert problem.what == "shared with the pack itself"


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ("    sizes: [5]\n", "says neither where nor what"),
        (f"    sha256: [{'a' * 64}]\n", "is never looked for"),
        (f"    sizes: [5]\n    sha256: [{'A' * 64}]\n", "is no SHA-256"),
        ("    names: [a/b]\n", "is no file name"),
        ("    names: ['*']\n", "is no file name"),
    ],
)
def test_a_file_indicator_says_where_to_look(checked_pack: MakePack, lines: str, what: str) -> None:
    old = "    paths: ['?:\\inetpub\\scripts\\demo.exe', 'C:\\demo\\*.exe']\n    except_paths: ['C:\\demo\\good.exe']\n"
    (problem,) = check_files(checked_pack(("pack.yaml", old, lines)))
    assert what in problem.what


def test_an_unix_indicator_has_unix_paths(checked_pack: MakePack) -> None:
    problems = list(check_files(checked_pack(("pack.yaml", "platform: windows", "platform: unix"))))
    assert len(problems) == 3
    assert list(check_files(checked_pack(("pack.yaml", "platform: windows", "platform: any")))) == []


def test_a_hash_with_its_size_is_enough(checked_pack: MakePack) -> None:
    old = "    paths: ['?:\\inetpub\\scripts\\demo.exe', 'C:\\demo\\*.exe']\n"
    edit = ("pack.yaml", old, f"    sizes: [5]\n    sha256: [{'a' * 64}]\n")
    assert list(check_files(checked_pack(edit))) == []


def test_a_clean_value_is_one_that_gets_set(checked_pack: MakePack) -> None:
    edit = ("pack.yaml", "    equals: ['1']\n", "    equals: ['1']\n    clean: '0'\n    clean_is: {}\n")
    for choice, count in (("absent", 1), ("manual", 1), ("value", 0)):
        assert len(list(check_settings(checked_pack((*edit[:2], edit[2].format(choice)))))) == count


def test_a_payload_is_known_in_one_way(checked_pack: MakePack) -> None:
    both = ("pack.yaml", "    pattern: '^GET /demo'\n", "    pattern: '^GET /demo'\n    rule: demo_body\n")
    (problem,) = check_traffic(checked_pack(both))
    assert "either a pattern or a rule" in problem.what
