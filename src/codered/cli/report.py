"""`codered report`: show a saved report again, or convert it."""

from typing import Any, NamedTuple

import rich_click as click

from codered.cli.options import output_options


class Options(NamedTuple):
    """What the user asked for."""

    report: str
    as_json: bool
    output: tuple[str, ...]


@click.command("report")
@click.argument("report", metavar="REPORT.json")
@output_options
def command(**given: Any) -> int:
    """Show a report that was saved as JSON, and write it in other forms with -o."""
    from pathlib import Path

    from codered.cli import output
    from codered.respond import read_report

    asked = Options(**given)
    output.check_outputs(asked.output)
    output.write_report(read_report(Path(asked.report)), asked.as_json, asked.output)
    return 0
