"""The words of headquarters in `codered drill`: at a table, or in the lab; each drill has a headquarters of its own."""

from typing import Any

import rich_click as click

from codered.cli.options import as_json_option
from codered_hq.cli.entering import HeadquartersCommand, HeadquartersGroup, find_settings, prepare
from codered_hq.cli.speaking import speaker_options


@click.group("tabletop", cls=HeadquartersGroup)
def tabletop() -> None:
    """Play an outbreak: a range of machines that are numbers, switches that are files; the words are the real ones."""


@tabletop.command("list", cls=HeadquartersCommand)
def list_all() -> int:
    """List the scenarios that are shipped."""
    prepare()
    from codered_hq.cli import drilling

    return drilling.list_scenarios()


@tabletop.command("start", cls=HeadquartersCommand)
@click.argument("scenario")
@click.option(
    "--name",
    default="",
    metavar="NAME",
    help="Of the drill and its folder. Default: the scenario's and today's, then -2, -3.",
)
@click.option(
    "--speed", default=0.0, metavar="N", help="Played seconds in a real one (0.1 to 60). Default: the scenario's."
)
@speaker_options
def start(scenario: str, name: str, speed: float, **given: Any) -> int:
    """Begin a drill in a headquarters of its own, below the real one, with copies of its people and its rules.

    Prints what to set (CODERED_HQ) so that every other word, `codered work` and `codered serve` are the drill's.
    """
    prepare(find_settings())
    from codered_hq.cli import drilling

    return drilling.start(scenario, name, speed, given)


@tabletop.command("status", cls=HeadquartersCommand)
def status() -> int:
    """Let the range go on to now, and show what was told, what waits for an answer, and the time left."""
    prepare()
    from codered_hq.cli import drilling

    return drilling.show_status()


@tabletop.command("answer", cls=HeadquartersCommand)
@click.argument("inject", type=int)
@click.argument("text")
@speaker_options
def answer(inject: int, text: str, **given: Any) -> int:
    """Note what was done about an inject."""
    prepare()
    from codered_hq.cli import drilling

    return drilling.answer(inject, text, given)


@tabletop.command("sweep", cls=HeadquartersCommand)
@click.argument("ranges", nargs=-1, required=True, metavar="CIDR…")
def sweep(ranges: tuple[str, ...]) -> int:
    """Sweep subnets of the range; nothing real is asked. Exits with 1 if something looks infected."""
    prepare()
    from codered_hq.cli import drilling

    return drilling.sweep(ranges)


@tabletop.command("end", cls=HeadquartersCommand)
@speaker_options
def end(**given: Any) -> int:
    """End the drill: the score is final, and each missed target becomes a lesson."""
    prepare()
    from codered_hq.cli import drilling

    return drilling.end(given)


@tabletop.command("score", cls=HeadquartersCommand)
@as_json_option
def score(as_json: bool) -> int:
    """Show the score, each number with its target, and the one of the drill before."""
    prepare()
    from codered_hq.cli import drilling

    return drilling.show_score(as_json=as_json)


@tabletop.command("report", cls=HeadquartersCommand)
@click.argument("name", default="", required=False)
@click.option("--html", default="", metavar="FILE", help="Write it as a page.")
@click.option("--pdf", default="", metavar="FILE", help="Write it as a PDF.")
def report(name: str, html: str, pdf: str) -> int:
    """Print the after-action report of a drill that ended; in a real headquarters of the last one, or of NAME."""
    prepare()
    from codered_hq.cli import drilling

    return drilling.report(name, html, pdf)


COMMANDS: dict[str, click.Command] = {"tabletop": tabletop}
"""`codered drill` reads them from here."""
