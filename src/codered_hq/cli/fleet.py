"""`codered fleet`: the host tool on many hosts at once, with a row for each of them, whatever became of it."""

from typing import Any

import rich_click as click

from codered.cli.options import as_json_option
from codered_hq.cli.entering import HeadquartersGroup, prepare
from codered_hq.cli.fleet_options import change_options, hosts_options, incident_option
from codered_hq.cli.speaking import speaker_options


@click.group("fleet", cls=HeadquartersGroup)
def command() -> None:
    """Scan, plan, apply and verify on many hosts, through Ansible or Salt, and say who did not answer and why.

    HOST: a name, an address, a MAC, a serial number, #NUMBER, or @FILE with one on each line. RUN: the number of an
    earlier run, or its first digits (at least 6), for the hosts of that run.
    """


@command.command("scan")
@hosts_options
@click.option("--fast", is_flag=True, help="Seconds a host: what runs, and what that points to. No base for plans.")
@click.option("--packs", default="", metavar="NAME,…", help="Look for these only. Default: all that the tool carries.")
@click.option("--path", "paths", multiple=True, metavar="PATH", help="Look at this only, on each host (repeatable).")
@click.option("--watch", default="", metavar="TIME", help="Watch so long what each host reaches for (0s: not).")
@click.option("--timeout", default="30m", metavar="TIME", help="How long one host may take. Default: 30m.")
@incident_option
@as_json_option
def scan(names: tuple[str, ...], **given: Any) -> int:
    """Scan hosts: what runs, what starts by itself, accounts, the usual places of the disk.

    Hosts that are off stay queued for seven days: codered fleet run-queue. Exits with 1 if something was found, else 3
    if a host is missing or could not look at everything, else 0.
    """
    prepare()
    from codered_hq.cli import fleet_running

    return fleet_running.scan(names, given)


@command.command("plan")
@hosts_options
@click.option("--show", "shown", default="", metavar="HOST", help="Print the newest plan of a host; ask nobody.")
@incident_option
@as_json_option
def plan(names: tuple[str, ...], **given: Any) -> int:
    """Have hosts make plans from their newest reports, if these have findings. The plans are kept here for review."""
    prepare()
    from codered_hq.cli import fleet_changing

    return fleet_changing.plan(names, given)


@command.command("apply")
@hosts_options
@change_options
@incident_option
@as_json_option
def apply(names: tuple[str, ...], **given: Any) -> int:
    """Have hosts carry out exactly the plans that are kept here for them, under headquarters' signature, within 30 min.

    What would change is shown first. The rules of engagement are asked for each host: --dry-run shows their answers.
    Exits with 6 or 7 if a host failed, 4 if the rules refused all, 5 if a host awaits approval, else 3 if one is
    missing, else 0.
    """
    prepare()
    from codered_hq.cli import fleet_changing

    return fleet_changing.change("apply", names, given)


@command.command("verify")
@hosts_options
@incident_option
@as_json_option
def verify(names: tuple[str, ...], **given: Any) -> int:
    """Have hosts prove that what was applied there is gone. One that is infected again reopens its case (exit 1)."""
    prepare()
    from codered_hq.cli import fleet_changing

    return fleet_changing.verify(names, given)


@command.command("rollback")
@hosts_options
@change_options
@incident_option
@as_json_option
def rollback(names: tuple[str, ...], **given: Any) -> int:
    """Have hosts undo what was applied there last. The rules of engagement are asked for this, too."""
    prepare()
    from codered_hq.cli import fleet_changing

    return fleet_changing.change("rollback", names, given)


@command.command("status")
@click.argument("run", metavar="[RUN]", default="")
@click.option("--missing", is_flag=True, help="List only hosts that did not answer, with the reason.")
@as_json_option
def status(run: str, missing: bool, as_json: bool) -> int:
    """List all runs, or every host of one: state, verdict, why, tries, and when it is tried again."""
    prepare()
    from codered_hq.cli import fleet_showing

    return fleet_showing.show_status(run, missing, as_json)


@command.command("trust")
@click.argument("host", metavar="HOST")
@click.option("--key", default="", metavar="NAME", help="The key (ed25519:…). Default: the one it answered with last.")
@click.option("--made-anew", is_flag=True, help="The infected machine was made anew: a clean whole scan ends its case.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def trust(host: str, key: str, made_anew: bool, yes: bool) -> int:
    """Know a host by another key, after you have looked at it: it was made anew, and no intruder answers for it."""
    prepare()
    from codered_hq.cli import fleet_trusting

    return fleet_trusting.trust(host, key, made_anew=made_anew, yes=yes)


@command.command("take")
@click.argument("report", metavar="REPORT", type=click.Path())
@click.option("--host", required=True, metavar="HOST", help="Whose disk it was.")
@incident_option
@speaker_options
@as_json_option
def take(**given: Any) -> int:
    """Take the report of a look at a host from outside: at its disk image or its mounted volume.

    For hosts that can't answer themselves. You vouch that it is of this host: it stands in the ledger under your name.
    A whole clean look ends an infection or a suspicion. Exits with 1 if something was found, 3 if there are gaps.
    """
    prepare()
    from codered_hq.cli import fleet_taking

    return fleet_taking.take(given)


@command.command("run-queue")
@click.option("--watch", is_flag=True, help="Go on until Ctrl-C.")
def run_queue(watch: bool) -> int:
    """Work off what is due: schedules, hosts that were off, runs that were broken off, watches that are over.

    Exits with 1 if something was found, else 3 if hosts are still missing, else 0. For cron, or a service with --watch.
    """
    prepare()
    from codered_hq.cli import fleet_queue

    return fleet_queue.run_queue(watch)


@command.group("schedule")
def schedule() -> None:
    """Runs that are due again and again; codered fleet run-queue makes them."""


@schedule.command("add")
@click.option("--word", required=True, type=click.Choice(["scan", "verify", "status"]), help="What is to be done.")
@click.option("--every", required=True, metavar="TIME", help="How often: 24h.")
@click.option("--until", default="", metavar="TIME|DATE", help="For how long (72h), or until when (2026-12-01).")
@click.option("--reason", default="", metavar="TEXT", help="Why, for people.")
@click.option("--fast", is_flag=True, help="Scans look at what runs, and what that points to.")
@hosts_options
def schedule_add(names: tuple[str, ...], **given: Any) -> int:
    """Have hosts scanned or verified again and again. Which hosts fit is looked up each time."""
    prepare()
    from codered_hq.cli import fleet_scheduling

    return fleet_scheduling.add(names, given)


@schedule.command("list")
@as_json_option
def schedule_list(as_json: bool) -> int:
    """List all schedules."""
    prepare()
    from codered_hq.cli import fleet_scheduling

    return fleet_scheduling.list_all(as_json)


@schedule.command("remove")
@click.argument("number", type=click.IntRange(1), metavar="NUMBER")
def schedule_remove(number: int) -> int:
    """Remove a schedule; runs that it began go on."""
    prepare()
    from codered_hq.cli import fleet_scheduling

    return fleet_scheduling.remove(number)
