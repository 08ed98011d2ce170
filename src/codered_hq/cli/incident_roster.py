"""`codered incident roster`: who has which role, whose backup is who, and whether they can be reached."""

from typing import Any

import rich_click as click

from codered.cli.options import as_json_option
from codered_hq.cli.entering import prepare
from codered_hq.cli.incident_options import incident_option, role_option
from codered_hq.cli.speaking import speaker_options

_STANDING = click.option("--standing", is_flag=True, help="For every incident, not for one.")


@click.group("roster")
def roster() -> None:
    """Fill the roles of the crisis team, with a backup for each, and call its people."""


@roster.command("show")
@incident_option
@as_json_option
def show_roster(**given: Any) -> int:
    """Show all roles; those without people or without a backup are marked, and then it exits with 3."""
    prepare()
    from codered_hq.cli import incident_rostering

    return incident_rostering.show_roster(given)


@roster.command("add")
@click.argument("person", metavar="PERSON")
@role_option(default="")
@click.option("--backup", is_flag=True, help="Called when the first choice does not answer.")
@click.option("--mail", default="", metavar="ADDRESS", help="Where notices go.")
@click.option("--phone", default="", metavar="NUMBER", help="For humans to call.")
@click.option("--account", default="", metavar="NAME", help="The account of this system that proves who speaks.")
@click.option("--public-key", default="", metavar="FILE", help="The public key that proves who speaks (PEM, Ed25519).")
@click.option("--dedicated-until", default="", metavar="TIME|DATE", help="Until then nothing else is this one's work.")
@incident_option
@_STANDING
@speaker_options
@as_json_option
def add(**given: Any) -> int:
    """Enter a person, or what is new about one, and give a role: in the open incident, or standing if there is none."""
    prepare()
    from codered_hq.cli import incident_rostering

    return incident_rostering.add(given)


@roster.command("backup")
@click.argument("person", metavar="PERSON")
@role_option(required=True)
@incident_option
@_STANDING
@speaker_options
@as_json_option
def backup(**given: Any) -> int:
    """Make somebody who is in the team the backup of a role."""
    prepare()
    from codered_hq.cli import incident_rostering

    return incident_rostering.make_backup(given)


@roster.command("remove")
@click.argument("person", metavar="PERSON")
@role_option(default="")
@click.option("--from-team", is_flag=True, help="All roles end, and no vote of this person counts any more.")
@incident_option
@_STANDING
@speaker_options
@as_json_option
def remove(**given: Any) -> int:
    """End somebody's role, or all of them there."""
    prepare()
    from codered_hq.cli import incident_rostering

    return incident_rostering.remove(given)


@roster.command("test")
@incident_option
@speaker_options
@as_json_option
def test(**given: Any) -> int:
    """Send everybody "answer me"; codered incident roster reached PERSON notes who did."""
    prepare()
    from codered_hq.cli import incident_rostering

    return incident_rostering.test(given)


@roster.command("reached")
@click.argument("person", metavar="PERSON")
@speaker_options
@as_json_option
def reached(**given: Any) -> int:
    """Note that somebody answered."""
    prepare()
    from codered_hq.cli import incident_rostering

    return incident_rostering.note_reached(given)


@roster.command("call")
@click.argument("roles", nargs=-1, metavar="[ROLE]…")
@click.option("--why", default="an incident was declared", metavar="TEXT", help="What is told to them.")
@incident_option
@speaker_options
@as_json_option
def call(**given: Any) -> int:
    """Call the first choice of these roles (default: of all). Who is silent for 10 minutes, his backup is called."""
    prepare()
    from codered_hq.cli import incident_rostering

    return incident_rostering.call(given)


@roster.command("commandeer")
@click.argument("person", metavar="PERSON")
@role_option(required=True)
@click.option("--for", "length", default="24h", metavar="TIME", help="For how long. Default: 24h.")
@incident_option
@speaker_options
@as_json_option
def commandeer(**given: Any) -> int:
    """Take somebody off other work, if the rules of engagement in force let you: ten people at most."""
    prepare()
    from codered_hq.cli import incident_rostering

    return incident_rostering.commandeer(given)
