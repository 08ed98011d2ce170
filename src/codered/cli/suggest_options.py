"""What `codered contain suggest` takes."""

from typing import NamedTuple

import rich_click as click

from codered.cli.options import Decorated


class SuggestOptions(NamedTuple):
    """What the user said to `codered contain suggest`."""

    report: str | None
    packs: tuple[str, ...]
    address: tuple[str, ...]
    block: tuple[str, ...]
    platforms: str
    attackers: bool
    allow: tuple[str, ...]
    inside: str
    outside: str
    confirm_within: str
    output: str | None
    as_json: bool


_OPTIONS = (
    click.option("--pack", "packs", multiple=True, metavar="NAME", help="Block the ports of this threat (repeatable)."),
    click.option("--address", multiple=True, metavar="CIDR", help="This host or network is infected (repeatable)."),
    click.option("--block", multiple=True, metavar="PORTS", help="Only these ports: tcp:80,443 or udp:53."),
    click.option(
        "--for", "platforms", default="cisco,nftables", show_default=True, metavar="LIST",
        help="cisco ciscoasa juniper srx nftables paloalto windows_advfirewall, openc2, cisco_rate juniper_rate "
        "nftables_rate, windows windows_2003 windows_2000 windows_nt4, or all.",
    ),
    click.option("--attackers", is_flag=True, help="Also stop the strangers that the report saw attacking."),
    click.option("--allow", multiple=True, metavar="CIDR", help="A Windows host keeps this network (repeatable)."),
    click.option("--inside", default="", metavar="NAME", help="The device's interface or zone of the infected hosts."),
    click.option("--outside", default="", metavar="NAME", help="Its interface or zone to the Internet."),
    click.option(
        "--confirm-within", default="10m", show_default=True, metavar="TIME",
        help="A Windows host opens by itself then; 0s = never.",
    ),
    click.option("-o", "--output", metavar="DIR", help="Write files into this folder instead of showing the texts."),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON document."),
)  # fmt: skip


def suggest_options(function: Decorated) -> Decorated:
    """The report and all options of `codered contain suggest`."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return click.argument("report", required=False, metavar="[REPORT.json]")(function)
