"""`codered respond`: the whole work on a host, from the first look to the watch after it."""

from typing import Any

import rich_click as click

from codered.cli.options import source_options
from codered.cli.respond_options import RespondOptions, respond_options


@click.command("respond")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@respond_options
@source_options
def command(**given: Any) -> int:
    """Look, contain, keep evidence, plan, review, apply, restore, patch, verify, watch: step by step, each explained.

    Without PATH: this host. Nothing is changed before you agree; where nobody can be asked it only looks and plans, and
    says how to go on. After a crash or a start of the host: codered respond --resume.
    """
    from codered.cli import guiding

    return guiding.guide(RespondOptions(**given))
