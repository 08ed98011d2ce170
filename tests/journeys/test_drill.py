"""`codered drill host`: it passes, and it fails when the tool does not do what it must."""

import re
import shutil

from codered.packs.loading import find_packs_folder
from tests.fixtures.command import SOURCE, Desk

TITLES = ("Look", "Plan", "Apply", "Verify", "Roll back", "Apply again", "Verify again")


def test_the_drill_passes_and_leaves_nothing(desk: Desk) -> None:
    answer = desk.run("drill", "host", "-q", TMPDIR=str(desk.folder))
    assert (answer.code, answer.err) == (0, "")
    steps = re.findall(r"^(\d)\. ([^:]+): exit code (\d), as it must be$", answer.out, re.MULTILINE)
    assert steps == [(str(number), title, "1" if title == "Look" else "0") for number, title in enumerate(TITLES, 1)]
    before, after = re.findall("tree hash: ([0-9a-f]{64})$", answer.out, re.MULTILINE)
    assert before == after
    assert re.search(r"^The drill PASSED in [0-9.]+ s$", answer.out, re.MULTILINE)
    assert list(desk.folder.iterdir()) == []


def test_the_drill_shows_every_step_as_a_user_sees_it(desk: Desk) -> None:
    out = desk.run("drill", "host", TMPDIR=str(desk.folder)).out
    for word in ("scan --root", "plan", "apply", "verify", "rollback"):
        assert f"\n$ codered {word} " in out
    assert "INFECTED" in out
    assert "CLEAN" in out
    assert "\x1b" not in out


def test_a_tool_that_does_not_put_back_fails_its_drill(desk: Desk) -> None:
    """`sitecustomize` stands for the bug: it makes every rollback do nothing and say that all is well."""
    (desk.folder / "bug").mkdir()
    (desk.folder / "bug/sitecustomize.py").write_text(
        "import sys\nif sys.argv[1:2] == ['rollback'] or 'rollback' in sys.orig_argv: raise SystemExit(0)\n"
    )
    path = f"{desk.folder}/bug:{SOURCE}"
    answer = desk.run("drill", "host", "-q", PYTHONPATH=path, TMPDIR=str(desk.folder))
    assert answer.code == 1
    last = [line for line in answer.out.splitlines() if line[:1].isdigit()][-1]
    assert re.match(r"5\. Roll back: exit code \d+, NOT as it must be: ", last)
    assert "The drill FAILED" in answer.out


def test_packs_that_find_nothing_fail_the_drill(desk: Desk) -> None:
    """As if the rules had lost a sign: the drill looks for every one that the pack promises."""
    shutil.copytree(find_packs_folder(), desk.folder / "packs")
    path = desk.folder / "packs/codered2/pack.yaml"
    body = path.read_text()
    assert r"'C:\explorer.exe'" in body
    path.write_text(body.replace(r"'C:\explorer.exe'", r"'C:\explorer.exx'"))
    answer = desk.run("drill", "host", "-q", CODERED_PACKS=str(desk.folder / "packs"))
    assert answer.code == 1
    assert "1. Look: exit code 1, NOT as it must be: not found: C/explorer.exe" in answer.out
