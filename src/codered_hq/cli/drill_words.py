"""The words of headquarters in `codered drill`: at a table, or in the lab; each drill has a headquarters of its own."""

from collections.abc import Callable
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


@click.group("lab", cls=HeadquartersGroup)
def lab() -> None:
    """Meet an outbreak on real servers and switches in the laboratory of a source checkout (root; docs/lab.md).

    Its words end as ./lab/lab does: 3 a part of it is dead, 4 refused, 7 it could not be built.
    """


def _into_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--into", default="", metavar="DIR",
        help="The laboratory's folder. Default: CODERED_LAB, else /tmp/codered-lab.",
    )(function)  # fmt: skip


@lab.command("start", cls=HeadquartersCommand)
@_into_option
@click.option("--size", type=click.Choice(["small", "large"]), default="small", help="large: with four branches.")
def start_in_lab(into: str, size: str) -> None:
    """Bring the laboratory up, make its headquarters ready, sound the alarm; print what the team knows."""
    prepare()
    from codered_hq.cli import laboratory

    laboratory.hand_over(into, "start", "--size", size)


@lab.command("status", cls=HeadquartersCommand)
@_into_option
def lab_status(into: str) -> None:
    """Show what the team was told, how it stands, and what is to be reached."""
    prepare()
    from codered_hq.cli import laboratory

    laboratory.hand_over(into, "status")


@lab.command("score", cls=HeadquartersCommand)
@_into_option
@as_json_option
def lab_score(into: str, as_json: bool) -> None:
    """Show the score so far, each number with its target, and the one of the drill before."""
    prepare()
    from codered_hq.cli import laboratory

    laboratory.hand_over(into, "score", *(["--json"] if as_json else []))


@lab.command("end", cls=HeadquartersCommand)
@_into_option
@click.option("--keep", is_flag=True, help="Leave the laboratory up; ./lab/lab down ends it.")
def end_in_lab(into: str, keep: bool) -> None:
    """End the drill: score, lessons, report in text, HTML and PDF; then take the laboratory down.

    They are kept in the folder of your own headquarters, below drills/; codered drill tabletop report NAME shows them.
    """
    prepare()
    from codered_hq.cli import laboratory

    laboratory.hand_over(into, "end", *(["--keep"] if keep else []))


COMMANDS: dict[str, click.Command] = {"tabletop": tabletop, "lab": lab}
"""`codered drill` reads them from here."""
