"""`codered script`: a plan as scripts for a host that can't run this tool."""

from typing import Any

import rich_click as click

from codered.cli.options import as_json_option, pack_option
from codered.cli.script_options import ROLES, ScriptOptions


@click.command("script")
@click.argument("plan", metavar="[PLAN]", required=False)
@click.option(
    "--for", "role", type=click.Choice(ROLES), help="Which system PLAN's scripts are for; iis7 and later: iis7."
)
@click.option(
    "--prebuilt", type=click.Choice(ROLES), help="No plan: what the packs name without doubt, for this system."
)
@pack_option
@click.option("-o", "--output", metavar="DIR", help="The new folder to write.")
@click.option("--check", metavar="DIR", help="Only look whether a folder is as it was written.")
@as_json_option
def command(**given: Any) -> int:
    """Write a plan as scripts for a Windows host that is too old or too closed to run this tool, with their undo.

    iis4, iis5 and iis6 (NT 4 to 2003) get command files and Windows Script Host, iis7 and windows PowerShell. Each
    script only looks until it is told /go (-Go), and changes only what is exactly as the plan or the packs say.
    """
    from codered.cli import scripting

    return scripting.run(ScriptOptions(**given))
