"""`codered completion` as it is typed, and what the shells ask on TAB."""

import subprocess
import sys
from pathlib import Path

import pytest

from codered.cli.completion import SHELLS
from tests.fixtures.command import SOURCE, Desk


@pytest.mark.parametrize("shell", SHELLS)
def test_scripts_are_printed(tmp_path: Path, shell: str) -> None:
    answer = Desk(tmp_path, tmp_path / "cache").run("completion", shell)
    assert (answer.code, answer.err) == (0, "")
    assert f"_CODERED_COMPLETE={shell}_complete" in answer.out


def test_another_shell_is_wrong_use(tmp_path: Path) -> None:
    assert Desk(tmp_path, tmp_path / "cache").run("completion", "csh").code == 2


def test_tab_completes_words_options_and_files(tmp_path: Path) -> None:
    desk = Desk(tmp_path, tmp_path / "cache")

    def press_tab(words: str, number: int) -> set[str]:
        answer = desk.run(_CODERED_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(number))
        assert (answer.code, answer.err) == (0, "")
        return set(answer.out.split())

    assert {"plain,scan", "plain,self-check", "plain,sweep"} <= press_tab("codered s", 1)
    assert "plain,contain" not in press_tab("codered s", 1)
    assert "plain,--root" in press_tab("codered scan --r", 2)
    assert {"plain,on", "plain,host"} <= press_tab("codered contain ", 2)


def test_bash_takes_the_script(tmp_path: Path) -> None:
    script = Desk(tmp_path, tmp_path / "cache").run("completion", "bash").out
    ask = "COMP_WORDS=(codered roll); COMP_CWORD=1; _codered_completion codered; echo ${COMPREPLY[@]}"
    program = tmp_path / "codered"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={SOURCE} exec {sys.executable} -m codered "$@"\n')
    program.chmod(0o755)
    done = subprocess.run(
        ["bash", "-c", f'set -u; PATH="{tmp_path}:$PATH"\n{script}\n{ask}'], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("rollback\n", "")


def test_tab_loads_no_django() -> None:
    """First the list of all words, which loads each word's own file."""
    code = "import sys; from codered.cli import codered as c; import click; x = click.Context(c)\n"
    code += "[c.get_command(x, name) for name in c.list_commands(x)]\n"
    code += "print([name for name in ('django', 'yara_x', 'cryptography') if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(SOURCE)}, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
