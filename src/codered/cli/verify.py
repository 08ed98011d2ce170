"""`codered verify`: prove that what a plan removed is gone."""

from typing import Any

import rich_click as click

from codered.cli.options import VerifyOptions, output_options


@click.command("verify")
@click.argument("plan", metavar="PLAN")
@output_options
def command(**given: Any) -> int:
    """Scan again where an applied plan changed something and where it could come back from, without any cache.

    PLAN is a plan file or a plan's id. Answers clean (0), residual or reinfected (1), or incomplete (3): something
    could not be looked at, is still held, or the host must be started anew first.
    """
    from codered.cli import proving

    return proving.prove(VerifyOptions(**given))
