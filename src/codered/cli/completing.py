"""The scripts of `codered completion`: Click's own, which ask this tool on TAB."""

from click.shell_completion import get_completion_class

from codered.cli import codered
from codered.cli.output import show
from codered.model.errors import ExitCode, WrongUse

PROGRAM = "codered"
ASKED_BY = "_CODERED_COMPLETE"
"""The variable by which the shell asks; Click looks for it when `codered` starts."""


def show_script(shell: str) -> int:
    """Print it. Raises WrongUse."""
    show(make_script(shell))
    return ExitCode.CLEAN


def make_script(shell: str) -> str:
    """What the shell reads. Raises WrongUse for a shell that is not known."""
    made = get_completion_class(shell)
    if made is None:
        raise WrongUse("no such shell", where=shell, advice="use bash, zsh or fish")
    # Click asks the bash that happens to be here for its version, to warn about old ones; the script is the same.
    completion = made(codered, {}, PROGRAM, ASKED_BY)
    return completion.source_template % completion.source_vars() + "\n"
