"""`codered plan`: from a report to a reviewed list of changes."""

from typing import Any

import rich_click as click

from codered.cli.options import PlanOptions, advisories_option, as_json_option, source_options


@click.command("plan")
@click.argument("report", metavar="REPORT.json")
@source_options
@click.option("--include-suspicious", is_flag=True, help="Plan for suspicious findings too; review each of them first.")
@click.option("--patch", is_flag=True, help="Also upgrade the packages that have a hole, where the fix can be had.")
@click.option("--mitigate", is_flag=True, help="Also switch off modules by which a hole is reached: not a patch.")
@advisories_option
@click.option("-o", "--output", metavar="FILE", help="Where to save the plan. Default: the state folder, by its id.")
@as_json_option
def command(**given: Any) -> int:
    """Make a plan for what a report found: what, where, why, what it expects, whether it can be undone.

    REPORT.json is what `codered scan … -o REPORT.json` wrote. Nothing is changed: the plan is a file to review, and
    `codered apply` carries it out.

    Exits with 0, also where there is nothing to change; 3 if the plan is empty and that proves nothing: the scan was
    incomplete, or what is to go can't be removed now.
    """
    from codered.cli import changes

    return changes.make(PlanOptions(**given))
