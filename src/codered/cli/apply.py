"""`codered apply`: carry out a reviewed plan."""

from typing import Any

import rich_click as click

from codered.cli.options import ChangeOptions, change_options, job_option


@click.command("apply")
@click.argument("plan", metavar="PLAN")
@change_options
@job_option
@click.option("--at-boot", is_flag=True, help="Have systemd finish a plan that was begun when this host starts.")
@click.option("--finish-at-boot", is_flag=True, hidden=True)
def command(at_boot: bool, finish_at_boot: bool, **given: Any) -> int:
    """Carry out a plan: each change is journaled before and verified after, and all of it can be rolled back.

    PLAN is a plan file or a plan's id. It is refused, and nothing touched, if anything is no longer as the plan
    expects. If a change fails, everything done before it is undone. After a crash, the same command finishes the work.

    Processes are frozen before anything else, and ended; that can't be undone. One that is started again each time it
    is ended stays frozen (exit 3): --at-boot has it ended when the host starts, before its network is up.
    """
    from codered.cli import booting, changes

    asked = ChangeOptions(**given)
    if finish_at_boot:
        return booting.finish(asked)
    return booting.leave(asked) if at_boot else changes.carry_out(asked)
