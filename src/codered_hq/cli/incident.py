"""`codered incident`: an outbreak as the crisis team sees it, from the declaration to the lessons."""

from typing import Any

import rich_click as click

from codered.cli.options import as_json_option
from codered_hq.cli.entering import HeadquartersGroup, prepare
from codered_hq.cli.incident_options import name_argument
from codered_hq.cli.incident_roster import roster
from codered_hq.cli.incident_words import evidence, handover, lessons, message, notify, rumour, treat
from codered_hq.cli.speaking import speaker_options
from codered_hq.model.crisis import SEVERITIES, STEPS, TLPS


@click.group("incident", cls=HeadquartersGroup)
def command() -> None:
    """Declare an incident, lead it through its six steps, tell people, and close it with lessons.

    NAME: the incident that is meant; without it the only one that is open. Every change is entered in the ledger.
    """


@command.command("declare")
@click.argument("name", metavar="NAME")
@click.option("--title", required=True, metavar="TEXT", help="What it is, in one line.")
@click.option("--pack", "packs", multiple=True, metavar="NAME", help="The threat, if it is known (repeatable).")
@click.option("--severity", type=click.Choice(SEVERITIES), default="high", help="How bad it is. Default: high.")
@click.option("--tlp", type=click.Choice(TLPS), default="AMBER", help="Who may know of it (TLP 2.0). Default: AMBER.")
@click.option("--summary", default="", metavar="TEXT", help="What is known so far.")
@click.option("--drill", is_flag=True, help="This is a drill. It can't be changed afterwards.")
@click.option("--report-every", default="1h", metavar="TIME", help="How often a status report is due. Default: 1h.")
@speaker_options
@as_json_option
def declare(**given: Any) -> int:
    """Declare an incident. Its first tasks are opened, and its first status report is due in an hour."""
    prepare()
    from codered_hq.cli import incident_leading

    return incident_leading.declare(given)


@command.command("list")
@as_json_option
def list_all(as_json: bool) -> int:
    """List all incidents, open ones first."""
    prepare()
    from codered_hq.cli import incident_leading

    return incident_leading.list_all(as_json)


@command.command("status")
@name_argument
@click.option("--pdf", default="", metavar="FILE", help="Write the report as PDF.")
@click.option("--html", default="", metavar="FILE", help="Write the report as one HTML file.")
@click.option("--executive", is_flag=True, help="One page for executives: what the business loses, what comes next.")
@as_json_option
def status(**given: Any) -> int:
    """Report where the incident stands: five numbers, curve, coverage, decisions that wait, what comes next."""
    prepare()
    from codered_hq.cli import incident_reporting

    return incident_reporting.executive(given) if given["executive"] else incident_reporting.status(given)


@command.command("export")
@name_argument
@click.option(
    "--format",
    "form",
    required=True,
    type=click.Choice(["ocsf", "syslog", "stix", "cacao", "ledger"]),
    help="The form.",
)
@click.option("-o", "--output", default="", metavar="FILE", help="Write it here. Default: standard output.")
@click.option("--to", default="", metavar="URL", help="Send syslog there: tcp://HOST:PORT or tls://HOST:PORT.")
@click.option("--ca", default="", metavar="FILE", help="With tls://: whom to trust (PEM). Default: as the system does.")
def export(**given: Any) -> int:
    """Export what happened for other programs: events, indicators, the plan of the response, the ledger itself."""
    prepare()
    from codered_hq.cli import incident_exporting

    return incident_exporting.export(given)


@command.command("timeline")
@name_argument
@click.option("--since", default="", metavar="TIME|DATE", help="From then on (6h, 2026-11-22). Default: all.")
@as_json_option
def timeline(**given: Any) -> int:
    """Tell what happened in its order: the ledger, runs on the fleet, hosts that changed their state."""
    prepare()
    from codered_hq.cli import incident_telling

    return incident_telling.show_timeline(given)


@command.command("step")
@click.argument("name", metavar="NAME")
@click.argument("step", metavar="STEP", type=click.Choice(STEPS))
@speaker_options
@as_json_option
def step(**given: Any) -> int:
    """Go on to a step (or back to one): prepare, detect, contain, eradicate, recover, lessons. Its tasks are opened."""
    prepare()
    from codered_hq.cli import incident_leading

    return incident_leading.move(given)


@command.command("set")
@name_argument
@click.option("--severity", type=click.Choice(["", *SEVERITIES]), default="", help="How bad it is.")
@click.option("--tlp", type=click.Choice(["", *TLPS]), default="", help="Who may know of it.")
@click.option("--title", default="", metavar="TEXT", help="Another title.")
@click.option("--summary", default="", metavar="TEXT", help="What is known now.")
@click.option("--impact", "impacts", multiple=True, metavar="AREA=TEXT", help="What the business loses (repeatable).")
@click.option("--report-every", default="", metavar="TIME", help="How often a status report is due.")
@speaker_options
@as_json_option
def set_words(**given: Any) -> int:
    """Note what is new about the incident. AREA= with nothing behind it takes an area away."""
    prepare()
    from codered_hq.cli import incident_leading

    return incident_leading.change(given)


@command.command("close")
@click.argument("name", metavar="NAME")
@click.option("--leave-open", default="", metavar="REASON", help="Close it all the same; what is left is entered.")
@speaker_options
@as_json_option
def close(**given: Any) -> int:
    """Close it: refused while hosts are ill, approvals wait, containments hold, tasks of the step are open, nobody
    looked again since, or lessons lack an owner.
    """
    prepare()
    from codered_hq.cli import incident_leading

    return incident_leading.close(given)


for _word in (roster, treat, evidence, notify, message, rumour, handover, lessons):
    command.add_command(_word)
