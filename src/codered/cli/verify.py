"""`codered verify`: prove that what a plan removed is gone."""

from typing import Any

import rich_click as click

from codered.cli.options import VerifyOptions, output_options


@click.command("verify")
@click.argument("plan", metavar="PLAN")
@output_options
def command(**given: Any) -> int:
    """Scan again where an applied plan changed something, without any cache, and say whether it is clean.

    PLAN is a plan file or a plan's id. Exits with 0 if nothing is found there, 1 if something is.
    """
    from codered.cli import changes

    return changes.prove(VerifyOptions(**given))
