"""The words of headquarters in `codered contain`: ports, VLANs and addresses; each is taken back by itself."""

from collections.abc import Callable
from typing import Any

import rich_click as click

from codered.cli.options import as_json_option
from codered.cli.options import change_options as agree_options
from codered_hq.cli.entering import HeadquartersCommand, prepare
from codered_hq.cli.hosts import selection_options
from codered_hq.cli.speaking import speaker_options

Decorated = Callable[..., Any]


def wish_options(function: Decorated) -> Decorated:
    """How long, why, for which incident, who says so, and how it is agreed to."""
    for option in (
        click.option("--incident", default="", metavar="NAME", help="The incident. Default: the only open one."),
        click.option("--reason", default="", metavar="TEXT", help="Why, for people and for the ledger; asked for."),
        click.option(
            "--for",
            "length",
            default="",
            metavar="TIME",
            help="Taken back after it: 4h (15s to 366d). Default: the rules'.",
        ),
    ):
        function = option(function)
    return agree_options(speaker_options(function))


@click.command("host", cls=HeadquartersCommand)
@click.argument("names", nargs=-1, metavar="[HOST|RUN]…")
@click.option("--infected", is_flag=True, help="All that are infected.")
@click.option("--quarantine-vlan", "quarantine", is_flag=True, help="Into the quarantine VLAN instead of off.")
@selection_options
@wish_options
def host(names: tuple[str, ...], **given: Any) -> int:
    """Cut hosts off at the switch ports where they are plugged in now, one decision for each.

    A host that is behind no known port is blocked on the routers of its subnet. Exits with 4 if the rules refuse all,
    5 if one waits for approval, 3 if some are refused, 6 failed and taken back, 7 failed and still in place.
    """
    prepare()
    from codered_hq.cli import containing

    return containing.contain_hosts(names, given)


@click.command("port", cls=HeadquartersCommand)
@click.argument("switch", metavar="SWITCH")
@click.argument("port", metavar="PORT")
@click.option("--quarantine-vlan", "quarantine", is_flag=True, help="Into the quarantine VLAN instead of off.")
@wish_options
def port(switch: str, port: str, **given: Any) -> int:
    """Switch a port off. Every machine behind it is asked for; never an uplink, a trunk, or the way to headquarters."""
    prepare()
    from codered_hq.cli import containing

    return containing.contain_port(switch, port, given)


@click.command("vlan", cls=HeadquartersCommand)
@click.argument("names", nargs=-1, required=True, metavar="[SWITCH] VLAN")
@click.option("--switch", default="", metavar="NAME", help="The same as SWITCH.")
@click.option("--all", "everywhere", is_flag=True, help="On all switches of [[devices]].")
@wish_options
def vlan(names: tuple[str, ...], **given: Any) -> int:
    """Shut the access ports of a VLAN: on a switch, or on all."""
    prepare()
    from codered_hq.cli import containing

    return containing.contain_vlan(names, given)


@click.command("subnet", cls=HeadquartersCommand)
@click.argument("networks", nargs=-1, required=True, metavar="CIDR…")
@wish_options
def subnet(networks: tuple[str, ...], **given: Any) -> int:
    """Block a subnet on the routers and firewalls that route it."""
    prepare()
    from codered_hq.cli import containing

    return containing.contain_networks("subnet", networks, given)


@click.command("block", cls=HeadquartersCommand)
@click.argument("networks", nargs=-1, metavar="[ADDRESS]…")
@click.option("--name", "names", multiple=True, metavar="DNSNAME", help="With --emit: this name (repeatable).")
@click.option("--mac", "macs", multiple=True, metavar="MAC", help="With --emit: this card (repeatable).")
@click.option(
    "--emit", default="", metavar="FORM,…",
    help="Change nothing: write it for other devices, with its undo: unbound bind-rpz dnsmasq kea isc-dhcpd squid pac, "
    "cisco ciscoasa juniper srx nftables paloalto.",
)  # fmt: skip
@click.option("-o", "--output", default="", metavar="DIR", help="With --emit: into this folder.")
@wish_options
def block(networks: tuple[str, ...], **given: Any) -> int:
    """Block addresses on the routers and firewalls that route them, or write blocks for DNS, DHCP and proxies."""
    prepare()
    if given["emit"] or given["names"] or given["macs"]:
        from codered_hq.cli import contain_emitting

        return contain_emitting.emit(networks, given)
    from codered_hq.cli import containing

    return containing.contain_networks("block", networks, given)


@click.command("release", cls=HeadquartersCommand)
@click.argument("names", nargs=-1, metavar="[UID|HOST]…")
@click.option("--all", "everything", is_flag=True, help="All that is contained.")
@wish_options
def release(names: tuple[str, ...], **given: Any) -> int:
    """Take containments back: ports up, blocks gone, as it was before."""
    prepare()
    from codered_hq.cli import contain_releasing

    return contain_releasing.release(names, given)


@click.command("list", cls=HeadquartersCommand)
@click.option("--ended", is_flag=True, help="Also what is over.")
@as_json_option
def list_all(ended: bool, as_json: bool) -> int:
    """List what is contained in the network, where, by which rule and whom, until when, and how that is known.

    What can't be taken back stands first. Exits with 1 if something can't be, 3 if something is late or not known.
    """
    prepare()
    from codered_hq.cli import contain_listing

    return contain_listing.list_all(ended=ended, as_json=as_json)


COMMANDS: dict[str, click.Command] = {
    "host": host, "port": port, "vlan": vlan, "subnet": subnet, "block": block, "release": release, "list": list_all,
}  # fmt: skip
"""In the order of the work; `codered contain` reads them from here."""
