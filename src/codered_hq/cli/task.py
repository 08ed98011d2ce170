"""`codered task`: what is to be done next, and who does it."""

from typing import Any

import rich_click as click

from codered.cli.options import as_json_option
from codered_hq.cli.entering import HeadquartersGroup, prepare
from codered_hq.cli.incident_options import incident_option, role_option
from codered_hq.cli.speaking import speaker_options
from codered_hq.model.crisis import STEPS

_NUMBER = click.argument("number", type=click.IntRange(1), metavar="NUMBER")


@click.group("task", cls=HeadquartersGroup)
def command() -> None:
    """Take tasks, do them, and see who has what. A task is yours for 30 minutes; take it again to keep it."""


@command.command("next")
@click.option("--claim", is_flag=True, help="Take it at once.")
@click.option("--any", "any_role", is_flag=True, help="Of all roles, not of mine only.")
@incident_option
@speaker_options
@as_json_option
def following(**given: Any) -> int:
    """Show the most urgent task of your roles that nobody has. Exits with 3 if there is none."""
    prepare()
    from codered_hq.cli import task_working

    return task_working.show_next(given)


@command.command("claim")
@_NUMBER
@incident_option
@speaker_options
@as_json_option
def claim(**given: Any) -> int:
    """Take a task for 30 minutes, or keep it for 30 more. Refused while somebody else has it."""
    prepare()
    from codered_hq.cli import task_working

    return task_working.claim(given)


@command.command("add")
@click.argument("text", metavar="TEXT")
@click.option("--action", required=True, metavar="WORD", help="What is done: patch, call, block …")
@click.option("--target", default="", metavar="TEXT", help="To what: a host, a port, a department.")
@role_option(default="")
@click.option("--step", default="", type=click.Choice(["", *STEPS]), help="Its step. Default: the current one.")
@click.option("--priority", default=5, type=click.IntRange(1, 9), help="1 is first, 9 last. Default: 5.")
@click.option("--due", default="", metavar="TIME", help="In how much time: 30m, 4h.")
@incident_option
@speaker_options
@as_json_option
def add(**given: Any) -> int:
    """Add a task. Refused if the same is to be done to the same target already."""
    prepare()
    from codered_hq.cli import task_working

    return task_working.add(given)


@command.command("block")
@_NUMBER
@click.option("--why", required=True, metavar="TEXT", help="What it waits for.")
@incident_option
@speaker_options
@as_json_option
def block(**given: Any) -> int:
    """Say that it can't go on, and why."""
    prepare()
    from codered_hq.cli import task_working

    return task_working.end("block", given)


@command.command("done")
@_NUMBER
@click.option("--result", "why", default="", metavar="TEXT", help="What came of it.")
@incident_option
@speaker_options
@as_json_option
def done(**given: Any) -> int:
    """Say that it is done."""
    prepare()
    from codered_hq.cli import task_working

    return task_working.end("done", given)


@command.command("drop")
@_NUMBER
@click.option("--why", required=True, metavar="TEXT", help="Why it need not be done.")
@incident_option
@speaker_options
@as_json_option
def drop(**given: Any) -> int:
    """Say that it need not be done, and why."""
    prepare()
    from codered_hq.cli import task_working

    return task_working.end("drop", given)


@command.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that are over.")
@click.option("--mine", default="", metavar="PERSON", help="Only what this person has.")
@role_option(default="")
@incident_option
@as_json_option
def list_all(**given: Any) -> int:
    """List tasks, the most urgent first."""
    prepare()
    from codered_hq.cli import task_working

    return task_working.list_all(given)


@command.command("take-over")
@click.argument("person", metavar="PERSON")
@incident_option
@speaker_options
@as_json_option
def take_over(**given: Any) -> int:
    """Take all tasks that somebody has."""
    prepare()
    from codered_hq.cli import task_working

    return task_working.take_over(given)
