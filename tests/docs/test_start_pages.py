"""The pages of docs/start, typed as they stand by a stranger: each command's end, and what it shows."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.compiled_rules import lay_out_rules
from tests.fixtures.guides import DOCS, Ended, Shell, Typed, agrees, read_session

PAGES = ("host", "responder", "enterprise", "author")
CHECKOUT = DOCS.parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout as a stranger has it, but for its environment: that of the tests is used, for it takes a minute to
    set one up (tests/journeys/test_launcher.py does).
    """
    launcher = tmp_path / "codered"
    launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -m codered "$@"\n')
    launcher.chmod(0o755)
    for name in ("scripts", "packs", "tests"):
        (tmp_path / name).symlink_to(CHECKOUT / name)
    return tmp_path


@pytest.fixture
def shell(folder: Path, compiled_rules: Path) -> Iterator[Shell]:
    lay_out_rules(compiled_rules, folder / "cache")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "CODERED_STATE": str(folder / "state"),
        "CODERED_CACHE": str(folder / "cache"),
    }
    shell = Shell(folder, environment)
    yield shell
    shell.close()


def check(typed: Typed, ended: Ended) -> None:
    assert ended.code in typed.codes, f"{typed.command}: exit {ended.code}\n{ended.out}"
    assert agrees(typed.shown, ended.out), f"{typed.command} shows something else:\n{ended.out}"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_typed_as_it_stands(page: str, shell: Shell) -> None:
    session = read_session((DOCS / f"start/{page}.md").read_text())
    assert len(session) > 3
    for typed in session:
        check(typed, shell.type(typed))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_short_and_ends_with_a_command(page: str) -> None:
    text = (DOCS / f"start/{page}.md").read_text()
    assert len(text.splitlines()) <= 120
    assert read_session(text)[-1].command.startswith("./codered ")
    after = text.rpartition("```console\n")[2].partition("\n```\n")[2]
    assert after.strip() == "", "the last block is not the end"


PAGE = """
```console
$ echo one; echo two; false  # exit 1: as always
one
…
$ x=three
$ echo $x
thr…
```
```sh
not typed
```
"""


def test_what_a_page_says_is_held_against_what_happens(tmp_path: Path) -> None:
    first, second, third = read_session(PAGE)
    assert (first.codes, second.codes, second.shown) == ((1,), (0,), "")
    shell = Shell(tmp_path, {"PATH": os.environ["PATH"]})
    try:
        for typed in (first, second, third):
            check(typed, shell.type(typed))
        with pytest.raises(AssertionError, match="exit 1"):
            check(first._replace(codes=(0,)), shell.type(first))
        with pytest.raises(AssertionError, match="shows something else"):
            check(third._replace(shown="four\n"), shell.type(third))
        code = (
            'import sys,time\ntry: print("ready", flush=True); time.sleep(60)\nexcept KeyboardInterrupt: sys.exit(130)'
        )
        endless = Typed(f"{sys.executable} -c '{code}'", (130,), "ready\n", interrupted=True)
        assert shell.type(endless).code == 130
    finally:
        shell.close()


@pytest.mark.parametrize(
    ("shown", "out", "fits"),
    [
        ("", "", True),
        ("", "surprise\n", False),
        ("a\nb\n", "a\n\n  b  \n", True),
        ("a\n…\n", "a\nb\nc\n", True),
        ("…\nc\n", "a\nb\nc\n", True),
        ("a\n", "a\nb\n", False),
        ("a … c\n", "a b c\n", True),
        ("a\n…\nd\n", "a\nb\nc\n", False),
    ],
)
def test_an_ellipsis_stands_for_anything(shown: str, out: str, fits: bool) -> None:
    assert agrees(shown, out) is fits
