"""Names that a worm chooses: they reach the reader as text, and the plan as the bytes they are."""

import os
import unicodedata
from pathlib import Path

import msgspec
import pytest

from codered.model.plan import Plan
from codered.packs.examples import read_tree
from codered.packs.loading import find_packs_folder
from tests.fixtures.command import Desk

NAMES = (
    b"new\nline.txt",
    b"\x1b[2J\x1b[31mred.txt",
    "exe.\u202etxt.gpj".encode(),
    b"caf\xe9.txt",
    b"\xff\xfe",
    b"-rf",
    b"<script>alert(1)<script>",
    b"=cmd()",
    "\u0085\u2028\u200b.txt".encode(),
    b"tab\there\r",
    b"back\\xslash",
)
EXAMPLE = find_packs_folder() / "sadmind-iis/examples/hit/iis.tree.yaml"


@pytest.fixture
def tree(tmp_path: Path) -> bytes:
    """A marker that is found by its content under every one of the names."""
    body = next(item.text for item in read_tree(EXAMPLE).files if item.text).encode()
    root = os.fsencode(tmp_path) + b"/tree"
    os.makedirs(root + b"/odd\n\xe9")
    for name in NAMES:
        for folder in (root, root + b"/odd\n\xe9"):
            with open(folder + b"/" + name, "wb") as file:
                file.write(body)
    return root


def wanted(tree: bytes) -> set[bytes]:
    return {folder + b"/" + name for name in NAMES for folder in (tree, tree + b"/odd\n\xe9")}


def test_text_has_no_character_that_acts(desk: Desk, tree: bytes) -> None:
    answer = desk.run("scan", os.fsdecode(tree), "-o", "r.html", "-o", "r.csv", "-o", "r.txt")
    assert (answer.code, answer.err) == (1, "")
    for text in (answer.out, *((desk.folder / name).read_text() for name in ("r.html", "r.csv", "r.txt"))):
        acting = {char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Cs")}
        assert acting <= {"\n", "\r", "\ufeff"}
    assert "<script>alert" not in (desk.folder / "r.html").read_text()


def test_json_holds_the_very_bytes(desk: Desk, tree: bytes) -> None:
    report = desk.scan(os.fsdecode(tree), code=1)
    assert {found.subject.file_path().to_bytes() for found in report.findings} == wanted(tree)
    assert not report.gaps()


def test_a_plan_carries_them_and_apply_finds_them(desk: Desk, tree: bytes) -> None:
    desk.run("scan", os.fsdecode(tree), "-o", "r.json")
    answer = desk.run("plan", "r.json", "-o", "p.json")
    plan = msgspec.json.decode((desk.folder / "p.json").read_bytes(), type=Plan)
    assert {action.path.to_bytes() for action in plan.actions} == wanted(tree), answer.out
    answer = desk.run("apply", "p.json", "--yes")
    assert answer.code == 0
    assert {char for char in answer.err if unicodedata.category(char).startswith("C")} == {"\n"}
    assert not any(os.path.lexists(path) for path in wanted(tree))
    assert desk.run("rollback", "p.json", "--yes").code == 0
    assert all(os.path.lexists(path) for path in wanted(tree))


def test_a_hostile_name_on_the_command_line(desk: Desk) -> None:
    answer = desk.run("scan", b"no\n\x1b[2J\xff")
    assert answer.code == 2
    assert answer.err == (
        "codered: no\\x0a\\x1b[2J\\udcff: no such file or folder — check the spelling, or that it is mounted\n"
    )
