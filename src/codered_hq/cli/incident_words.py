"""Words of `codered incident` about hosts, messages, rumours, lessons, and the next shift."""

from typing import Any

import rich_click as click

from codered.cli.options import as_json_option
from codered_hq.cli.entering import prepare
from codered_hq.cli.incident_options import incident_option, role_option
from codered_hq.cli.speaking import speaker_options
from codered_hq.model.crisis import TLPS

_NUMBER = click.argument("number", type=click.IntRange(1), metavar="NUMBER")
_WHY = click.option("--why", required=True, metavar="TEXT", help="Why.")


@click.command("treat")
@click.argument("host", metavar="HOST")
@click.argument("treatment", metavar="TREATMENT", type=click.Choice(["clean", "rebuild", "live-with-it"]))
@click.option("--reason", required=True, metavar="TEXT", help="Why. Against the advice: 20 signs or more.")
@click.option("--infected-since", default="", metavar="TEXT", help="When it was infected, if that is known.")
@click.option("--other-malware", default="", metavar="TEXT", help="What else was found on it.")
@click.option("--confidence", default="medium", type=click.Choice(["low", "medium", "high"]), help="Of all this.")
@click.option("--damage", default="", metavar="TEXT", help="What was lost, or may be.")
@click.option("--outage-cost", default="", metavar="TEXT", help="What each hour without it costs.")
@click.option("--legal-hold/--no-legal-hold", default=None, help="Nothing may be lost of it; only legal lifts that.")
@incident_option
@speaker_options
@as_json_option
def treat(**given: Any) -> int:
    """Decide about a host: clean, rebuild, or live-with-it. What is known that speaks for rebuilding is shown."""
    prepare()
    from codered_hq.cli import incident_hosts

    return incident_hosts.treat(given)


@click.command("evidence")
@click.argument("host", metavar="HOST")
@click.option("--container", required=True, metavar="PATH|ID", help="The container, a folder or zip. It is looked at.")
@click.option("--elsewhere", is_flag=True, help="It does not lie here: it is noted, NOT checked.")
@click.option("--head", default="", metavar="SHA256", help="The head of its custody chain. Default: as it is here.")
@incident_option
@speaker_options
@as_json_option
def evidence(**given: Any) -> int:
    """Note that evidence of a host was saved. Rules may ask for that before anything is destroyed there."""
    prepare()
    from codered_hq.cli import incident_hosts

    return incident_hosts.note_evidence(given)


@click.command("handover")
@click.option("--to", required=True, metavar="PERSON", help="Who takes over.")
@incident_option
@speaker_options
@as_json_option
def handover(**given: Any) -> int:
    """Hand your roles and tasks over, with a page of what is open, what waits, and what undoes itself when."""
    prepare()
    from codered_hq.cli import incident_telling

    return incident_telling.hand_over(given)


@click.command("notify")
@click.option("--audience", required=True, metavar="NAME", help="executives, crisis_team, staff, partners, press …")
@click.option("--subject", required=True, metavar="TEXT", help="One line.")
@click.option("--body", default="", metavar="TEXT", help="The message.")
@click.option("--file", "path", default="", metavar="FILE", help="The file that holds the message.")
@click.option("--tlp", default="", type=click.Choice(["", *TLPS]), help="Who may know. Default: by the audience.")
@click.option("--replaces", default=0, metavar="NUMBER", help="The message that this one replaces.")
@incident_option
@speaker_options
@as_json_option
def notify(**given: Any) -> int:
    """Write a message. It is a draft until those have approved its words who must; then: message send."""
    prepare()
    from codered_hq.cli import incident_messages

    return incident_messages.notify(given)


@click.group("message")
def message() -> None:
    """Approve, withdraw, send and list messages."""


@message.command("approve")
@_NUMBER
@role_option(default="")
@incident_option
@speaker_options
@as_json_option
def approve(**given: Any) -> int:
    """Approve exactly these words. Exits with 5 while somebody else must do so, too."""
    prepare()
    from codered_hq.cli import incident_messages

    return incident_messages.approve(given)


@message.command("withdraw")
@_NUMBER
@_WHY
@incident_option
@speaker_options
@as_json_option
def withdraw(**given: Any) -> int:
    """Withdraw a message; what of it waits in the queue is not sent any more."""
    prepare()
    from codered_hq.cli import incident_messages

    return incident_messages.withdraw(given)


@message.command("send")
@_NUMBER
@click.option("--way", default="", metavar="NAME", help="A [[notify]] of headquarters.toml, or a role.")
@click.option("--by-hand", default="", metavar="HOW", help="It was told in another way: note how.")
@incident_option
@speaker_options
@as_json_option
def send(**given: Any) -> int:
    """Queue an approved message; codered work sends it. Exits with 5 if somebody has not approved it yet."""
    prepare()
    from codered_hq.cli import incident_messages

    return incident_messages.send(given)


@message.command("list")
@incident_option
@as_json_option
def list_messages(**given: Any) -> int:
    """List all messages, and who must still approve them."""
    prepare()
    from codered_hq.cli import incident_messages

    return incident_messages.list_all(given)


@click.group("rumour")
def rumour() -> None:
    """Note what is said, and what is true."""


@rumour.command("add")
@click.argument("text", metavar="TEXT")
@click.option("--from", "heard_from", default="", metavar="WHO", help="Where it was heard.")
@incident_option
@speaker_options
@as_json_option
def add_rumour(**given: Any) -> int:
    """Note a rumour."""
    prepare()
    from codered_hq.cli import incident_notes

    return incident_notes.add_rumour(given)


@rumour.command("check")
@_NUMBER
@click.option("--true/--false", "true", required=True, help="Whether it is so.")
@click.option("--answer", required=True, metavar="TEXT", help="What is true.")
@incident_option
@speaker_options
@as_json_option
def check_rumour(**given: Any) -> int:
    """Say whether it is true, and what to answer."""
    prepare()
    from codered_hq.cli import incident_notes

    return incident_notes.check_rumour(given)


@rumour.command("list")
@incident_option
@as_json_option
def list_rumours(**given: Any) -> int:
    """List all rumours; exits with 3 while one is not looked into."""
    prepare()
    from codered_hq.cli import incident_notes

    return incident_notes.list_rumours(given)


@click.group("lessons")
def lessons() -> None:
    """Write down what is to change. A lesson closes only with the control, the proof, and a day to look again."""


def _lesson_options(function: Any) -> Any:  # noqa: ANN401 - a command that is being made
    for option in (
        click.option("--owner", default="", metavar="NAME", help="Who sees to it."),
        click.option("--due", default="", metavar="TIME|DATE", help="By when."),
        click.option("--control", default="", metavar="TEXT", help="What is changed so that it can't happen again."),
        click.option("--proof", default="", metavar="TEXT", help="What proves that it was changed."),
        click.option("--recheck", default="", metavar="TIME|DATE", help="When it is looked at again."),
    ):
        function = option(function)
    return incident_option(speaker_options(as_json_option(function)))


@lessons.command("add")
@click.argument("text", metavar="TEXT")
@_lesson_options
def add_lesson(**given: Any) -> int:
    """Write a lesson down."""
    prepare()
    from codered_hq.cli import incident_notes

    return incident_notes.add_lesson(given)


@lessons.command("change")
@_NUMBER
@_lesson_options
def change_lesson(**given: Any) -> int:
    """Give it an owner, a day, a control."""
    prepare()
    from codered_hq.cli import incident_notes

    return incident_notes.change_lesson(given)


@lessons.command("close")
@_NUMBER
@_lesson_options
def close_lesson(**given: Any) -> int:
    """Close it: needs an owner, the changed control, its proof, and a day to come on which it is looked at again."""
    prepare()
    from codered_hq.cli import incident_notes

    return incident_notes.close_lesson(given)


@lessons.command("list")
@incident_option
@as_json_option
def list_lessons(**given: Any) -> int:
    """List all lessons; exits with 3 while one is late."""
    prepare()
    from codered_hq.cli import incident_notes

    return incident_notes.list_lessons(given)
