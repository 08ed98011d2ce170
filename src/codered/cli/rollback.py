"""`codered rollback`: undo an applied plan."""

from typing import Any

import rich_click as click

from codered.cli.options import ChangeOptions, change_options, job_option


@click.command("rollback")
@click.argument("plan", metavar="PLAN")
@change_options
@job_option
def command(**given: Any) -> int:
    """Undo everything an applied plan changed, last change first, byte for byte.

    PLAN is a plan file or a plan's id. What somebody touched since is left alone and named (exit 7).
    """
    from codered.cli import changes

    return changes.take_back(ChangeOptions(**given))
