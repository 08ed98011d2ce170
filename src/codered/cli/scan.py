"""`codered scan`: look at this host, at paths, at an offline system, at web logs. Reads only."""

from typing import Any, NamedTuple

import rich_click as click

from codered.cli.options import internal_option, output_options, pack_option


class Options(NamedTuple):
    """What the user asked for."""

    paths: tuple[str, ...]
    root: str | None
    logs: tuple[str, ...]
    internal: tuple[str, ...]
    jobs: int | None
    packs: tuple[str, ...]
    as_json: bool
    output: tuple[str, ...]


@click.command("scan")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--root", metavar="DIR", help="An offline system: a mounted Windows or Linux volume, or an unpacked tree."
)
@click.option(
    "--logs",
    multiple=True,
    metavar="FILE",
    help="Web logs only: files (also compressed) or folders; PATHs are logs too.",
)
@internal_option
@click.option("--jobs", type=click.IntRange(1, 64), help="Processor cores to use. Default: all.")
@pack_option
@output_options
def command(**given: Any) -> int:
    """Look for the threats of all packs; nothing is changed.

    Without PATH: this host's web roots, web logs, autostart, temporary and home folders. A PATH that is laid out as a
    Windows volume is recognised and read as one. Web logs among the files are read as logs.

    Exits with 0 if clean, 1 if something was found, 3 if not everything could be looked at.
    """
    from codered.cli import running
    from codered.cli.output import check_outputs, exit_code_of, write_report

    asked = Options(**given)
    check_outputs(asked.output)
    networks = running.parse_networks(asked.internal)
    where = running.choose_target(asked.paths, asked.root, asked.logs)
    report = running.run_scan(where, running.load_rules(asked.packs), networks, asked.jobs or 0)
    write_report(report, asked.as_json, asked.output)
    return exit_code_of(report)
