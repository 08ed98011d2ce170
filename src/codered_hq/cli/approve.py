"""`codered approve`: what waits for somebody's yes, and saying it, or no."""

from typing import Any

import rich_click as click

from codered.cli.options import as_json_option
from codered_hq.cli.entering import HeadquartersGroup, prepare
from codered_hq.cli.speaking import speaker_options


@click.group("approve", cls=HeadquartersGroup)
def command() -> None:
    """Say yes or no to what the rules of engagement leave to people.

    An approval is for exactly these machines, this change and these rules, holds for half an hour, and is used once.
    Nobody approves what he asked for himself; who has two roles counts once; one no of a needed role ends it. IDs may
    be given by their first six digits.
    """


@command.command("list")
@speaker_options
@as_json_option
def list_waiting(**given: Any) -> int:
    """List what waits, first of all for you (--as): what, on which machines, who asked, who is missing, until when."""
    prepare()
    from codered_hq.cli import approving

    return approving.list_waiting(given)


@command.command("why")
@click.argument("uid", metavar="ID")
@as_json_option
def why(uid: str, as_json: bool) -> int:
    """Print all of one decision: what the gate was given, the rule and its sentence, every vote."""
    prepare()
    from codered_hq.cli import approving

    return approving.explain(uid, as_json)


@command.command("yes")
@click.argument("uids", metavar="ID…", nargs=-1, required=True)
@click.option("--why", default="", metavar="TEXT", help="On what grounds, for the ledger.")
@speaker_options
@as_json_option
def yes(uids: tuple[str, ...], **given: Any) -> int:
    """Approve it. With the last yes that is needed, a containment is carried out at once.

    Exits with 0 if nobody is missing any more, 5 if somebody is, 4 if it is refused, 6 or 7 if carrying it out failed.
    """
    prepare()
    from codered_hq.cli import approving

    return approving.answer(uids, given, yes=True)


@command.command("no")
@click.argument("uids", metavar="ID…", nargs=-1, required=True)
@click.option("--why", required=True, metavar="TEXT", help="On what grounds, for who asked and for the ledger.")
@speaker_options
@as_json_option
def no(uids: tuple[str, ...], **given: Any) -> int:
    """Say no: then it is not done, whoever said yes. Who asked for it may take it back so, too."""
    prepare()
    from codered_hq.cli import approving

    return approving.answer(uids, given, yes=False)


@command.command("glass")
@click.argument("uid", metavar="ID")
@click.option("--reason", required=True, metavar="TEXT", help="What happens if it is not done now (20 signs or more).")
@speaker_options
@as_json_option
def glass(uid: str, **given: Any) -> int:
    """Break the glass: one named role allows it alone, everybody is told, and it is reviewed afterwards.

    Never in a drill, never for a machine that is never to be touched, never past a guard.
    """
    prepare()
    from codered_hq.cli import approving

    return approving.break_it(uid, given)
