"""`codered hosts`: every machine and subnet, whose it is, where it is plugged in, and what is not known."""

from collections.abc import Callable
from typing import Any

import rich_click as click

from codered.cli.options import as_json_option
from codered_hq.cli.entering import HeadquartersGroup, prepare
from codered_hq.cli.speaking import speaker_options

Decorated = Callable[..., Any]


def selection_options(function: Decorated) -> Decorated:
    """Which hosts are meant; several narrow each other down."""
    for option in reversed(
        (
            click.option(
                "--subnet", "subnets", multiple=True, metavar="RANGE", help="With an address in it now (repeatable)."
            ),
            click.option("--tag", "tags", multiple=True, metavar="TAG", help="Marked with it (repeatable: with all)."),
            click.option("--owner", default="", metavar="NAME", help="Whose they are."),
            click.option("--site", default="", metavar="NAME", help="Where they stand."),
            click.option("--zone", default="", metavar="NAME", help="In this zone now."),
            click.option(
                "--state", default="", metavar="STATE", help="unknown, suspect, infected, contained, cleaned …"
            ),
            click.option("--criticality", default="", metavar="WORD", help="low, normal, high or vital."),
        )
    ):
        function = option(function)
    return function


@click.group("hosts", cls=HeadquartersGroup)
def command() -> None:
    """The inventory of headquarters: hosts over time, subnets, owners, zones, switch ports.

    A host is what it is known by (machine id, serial number, MAC, name), not its address: one whose address changes
    stays one machine. Sources that contradict each other are kept side by side, with their age.
    """


@command.command("import")
@click.argument("files", nargs=-1, metavar="FILE…")
@click.option("--form", default="", metavar="FORM", help="What the files are; default: told from their content.")
@click.option("--netbox", default="", metavar="URL", help="Take subnets, sites and devices from a NetBox.")
@click.option("--token-file", default="", metavar="FILE", help="The NetBox token, as the only line of a file.")
@click.option("--time-zone", default="", metavar="ZONE", help="Of times that name none (Europe/Berlin). Default: UTC.")
@click.option(
    "--dates", default="", type=click.Choice(["", "day", "month"]), help="What comes first in dates like 03/04."
)
@click.option("--switch", default="", metavar="NAME", help="The switch that a MAC table is of.")
@click.option("--origin", default="", metavar="DOMAIN", help="The domain of a zone file that names none.")
@click.option("--dry-run", is_flag=True, help="Read and check, and record nothing.")
@as_json_option
def import_files(**given: Any) -> int:
    """Take inventory files: CSV, YAML, DHCP leases (ISC, Kea, dnsmasq, Windows), DNS zones, ARP and MAC tables.

    What could not be taken is listed with its place and reason (exit 3).
    """
    prepare()
    from codered_hq.cli import host_importing

    return host_importing.take_files(host_importing.Given(**given))


@command.command("show")
@click.argument("names", nargs=-1, metavar="[HOST]…")
@selection_options
@as_json_option
def show(names: tuple[str, ...], as_json: bool, **given: Any) -> int:
    """List hosts, or tell all about one. HOST: a name, an address, a MAC, a serial number, #NUMBER."""
    prepare()
    from codered_hq.cli import host_showing

    return host_showing.show_hosts(names, as_json, given)


@command.command("tag")
@click.argument("names", nargs=-1, metavar="[HOST]…")
@selection_options
@click.option("--add", multiple=True, metavar="TAG", help="Mark with it (repeatable).")
@click.option("--remove", multiple=True, metavar="TAG", help="Take the mark away (repeatable).")
@click.option("--set-owner", default="", metavar="NAME", help="Say whose they are; outranks every other source.")
@click.option("--set-site", default="", metavar="NAME", help="Say where they stand.")
@click.option(
    "--set-criticality",
    type=click.Choice(["low", "normal", "high", "vital"]),
    help="Say how vital they are.",
)
@click.option("--set-system", default="", metavar="TEXT", help="Say what runs on them.")
@speaker_options
def tag(names: tuple[str, ...], **given: Any) -> int:
    """Mark hosts, and settle by hand what sources say differently. The ledger keeps who said so.

    Once an incident commander or an executive can prove himself, only these two loosen what rules look at.
    """
    prepare()
    from codered_hq.cli import host_marking

    return host_marking.mark(names, given)


@command.command("subnet")
@click.argument("range_", metavar="RANGE")
@click.option("--set-vlan", default="", metavar="NUMBER", help="Say which VLAN it is.")
@click.option("--set-site", default="", metavar="NAME", help="Say where it is.")
@click.option("--set-zone", default="", metavar="NAME", help="Say which zone it is in: one that is documented.")
@click.option("--set-owner", default="", metavar="NAME", help="Say whose it is.")
@speaker_options
def subnet(**given: Any) -> int:
    """Settle by hand what sources say differently of a subnet; no import changes it then. The ledger keeps who did."""
    prepare()
    from codered_hq.cli import subnet_settling

    return subnet_settling.settle(given)


@command.command("gaps")
@as_json_option
def gaps(as_json: bool) -> int:
    """What the inventory does not know or knows twice: contradictions, no owner, out of reach (exit 3 if any)."""
    prepare()
    from codered_hq.cli import host_showing

    return host_showing.show_gaps(as_json)


@command.command("export")
@click.argument("form", metavar="FORM")
@selection_options
@click.option("-o", "--output", default="", metavar="FILE", help="Where to write it. Default: standard output.")
def export(form: str, output: str, **given: Any) -> int:
    """Write the inventory for other tools. FORM: yaml (comes back by import), csv, json, ansible or hosts-file."""
    prepare()
    from codered_hq.cli import host_importing

    return host_importing.export(form, output, given)


@command.command("resolve")
@click.argument("names", nargs=-1, metavar="[HOST]…")
@selection_options
@click.option(
    "--range", "ranges", multiple=True, metavar="RANGE", help="Also every address of this range (repeatable)."
)
@click.option("--multicast", is_flag=True, help="Ask by mDNS and LLMNR too.")
@as_json_option
def resolve(names: tuple[str, ...], **given: Any) -> int:
    """Ask the network who has the addresses: NetBIOS node status, reverse DNS (confirmed), WINS, mDNS and LLMNR.

    Without a choice: the current addresses of all hosts. Who did not answer, and why, is counted.
    """
    prepare()
    from codered_hq.cli import host_resolving

    return host_resolving.resolve_hosts(names, given)


@command.command("locate")
@click.argument("names", nargs=-1, metavar="[HOST]…")
@selection_options
@as_json_option
def locate(names: tuple[str, ...], **given: Any) -> int:
    """Find where hosts are plugged in: switch, port, VLAN, description; by SNMP from the devices of headquarters.toml.

    Links between switches are no place. Exit 3 if a device could not be read or a host is nowhere.
    """
    prepare()
    from codered_hq.cli import host_locating

    return host_locating.locate_hosts(names, given)
