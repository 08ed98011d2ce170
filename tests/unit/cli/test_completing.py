"""The scripts of `codered completion`."""

import pytest

from codered.cli.completing import make_script
from codered.model.errors import WrongUse


def test_scripts_ask_this_tool_by_its_name() -> None:
    assert "complete -o nosort -F _codered_completion codered" in make_script("bash")
    assert make_script("zsh").startswith("#compdef codered\n")
    assert "complete --no-files --command codered" in make_script("fish")
    assert all(make_script(shell).endswith("\n") for shell in ("bash", "zsh", "fish"))


def test_another_shell_is_told() -> None:
    with pytest.raises(WrongUse, match="use bash, zsh or fish"):
        make_script("csh")
