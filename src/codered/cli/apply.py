"""`codered apply`: carry out a reviewed plan."""

from typing import Any

import rich_click as click

from codered.cli.options import ChangeOptions, change_options


@click.command("apply")
@click.argument("plan", metavar="PLAN")
@change_options
def command(**given: Any) -> int:
    """Carry out a plan: each change is journaled before and verified after, and all of it can be rolled back.

    PLAN is a plan file or a plan's id. It is refused, and nothing touched, if anything is no longer as the plan
    expects. If a change fails, everything done before it is undone. After a crash, the same command finishes the work.
    """
    from codered.cli import changes

    return changes.carry_out(ChangeOptions(**given))
