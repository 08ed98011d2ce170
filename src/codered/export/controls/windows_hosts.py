"""Texts that contain a Windows host, entered on the host itself: scripts for one that has the newer firewall, IPsec
filters for 2003 and 2000. NT 4 has neither, so its router must do it.
"""

import ipaddress
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Template

import msgspec

from codered.export.controls.devices import make_device_control, show_network, show_ports
from codered.export.controls.orders import CheckedOrder, Control, Network, Platform
from codered.model.errors import WrongUse

SCRIPTS = ("contain-on.ps1", "contain-confirm.ps1", "contain-off.ps1")
MOST_LINES = 500
_MARK = re.compile(r"@@([A-Z]+)@@")
_NT4 = "Windows NT 4 has no filter for what goes out. Unplug it, or enter this on the router it stands behind."
_SCRIPT_NOTES = (
    "Save the three scripts side by side. Run contain-on.ps1, look that your session lives, then contain-confirm.ps1.",
    "It isolates the host. To stop single ports only, take the windows_advfirewall rules.",
    "Sessions to the ports 22, 3389, 5985 and 5986 that exist stay, whoever has them: look at what the script names.",
    "As a last resort before: netsh advfirewall export C:\\crdrt-before.wfw (an import replaces everything).",
)


class OldWindowsWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The lines for a Windows with IPsec filters: `port` for each port, or `all`; `permit` for each management network,
    `permitted` once if there is one, `attacker` for each attacker.
    """

    title: str
    head: str
    permit: str
    permitted: str
    port: str
    all: str
    attacker: str
    tail: str
    undo: str
    notes: tuple[str, ...]


@cache
def read_old_windows_words() -> dict[str, OldWindowsWords]:
    """The lines by platform."""
    data = (Path(__file__).parent / "old_windows.json").read_bytes()
    return msgspec.json.decode(data, type=dict[str, OldWindowsWords])


def fill_script(name: str, order: CheckedOrder) -> str:
    """One of SCRIPTS with the order's networks and time in it."""
    text = (Path(__file__).parent / "windows" / name).read_text(encoding="ascii")
    values = {
        "MANAGEMENT": ", ".join(f"'{network}'" for network in order.management),
        "SECONDS": str(order.confirm_within),
    }
    return _MARK.sub(lambda found: values[found[1]], text)


def make_windows_control(order: CheckedOrder) -> Control:
    """The scripts that contain a Windows host: on, confirm and off."""
    on, confirm, off = (fill_script(name, order) for name in SCRIPTS)
    kept = ", ".join(map(show_network, order.management)) or "the remote sessions that exist"
    return Control(
        platform="windows",
        title="Windows with its own firewall: contain-on.ps1, contain-confirm.ps1, contain-off.ps1",
        what=f"nothing in or out but {kept}",
        apply=on,
        then=confirm,
        undo=off,
        notes=_SCRIPT_NOTES,
    )


def make_old_windows_control(platform: Platform, order: CheckedOrder) -> Control:
    """The IPsec filters of Windows 2003 or 2000. Raises WrongUse for an order that needs too many."""
    words = read_old_windows_words()[platform]
    permitted = [network for network in order.management if network.version == 4]
    lines = [*_list_filters(words, order)]
    if len(lines) > MOST_LINES:
        raise WrongUse(f"{len(lines)} filters are too many", where=platform, advice="name fewer ports")
    allow = "".join(_fill(words.permit, network, number) for number, network in enumerate(permitted, 1))
    kept = ", ".join(map(str, permitted)) or "broadcast and key exchange"
    what = f"nothing from this host to {show_ports(order.ports)}" if order.ports else f"nothing in or out but {kept}"
    six = [*order.management, *order.attackers]
    return Control(
        platform=platform,
        title=words.title,
        what=what,
        apply=words.head + "".join(lines) + allow + (words.permitted if permitted else "") + words.tail,
        undo=words.undo,
        notes=(
            *words.notes,
            *(
                f"NOT covered: {show_network(one)}, for these filters know IPv4 only."
                for one in six
                if one.version == 6
            ),
        ),
    )


def make_nt4_control(order: CheckedOrder) -> Control:
    """The router's access list for a host that can't help itself. Raises CoverageIncomplete."""
    control = make_device_control("cisco", order)
    return msgspec.structs.replace(
        control, platform="windows_nt4", title=f"Windows NT 4: {control.title}", notes=(_NT4, *control.notes)
    )


def _list_filters(words: OldWindowsWords, order: CheckedOrder) -> Iterator[str]:
    number = 0
    count = sum(item.last - item.first + 1 for item in order.ports)
    if count > MOST_LINES:
        raise WrongUse(f"{count} ports are too many for IPsec filters", advice=f"name at most {MOST_LINES}")
    for item in order.ports:
        for port in range(item.first, item.last + 1):
            number += 1
            named = {"port": str(port), "protocol": item.protocol.upper(), "number": str(number)}
            yield Template(words.port).substitute(named)
    if not order.ports:
        number += 1
        yield Template(words.all).substitute(number=str(number))
    for network in order.attackers:
        if network.version == 4:
            number += 1
            yield _fill(words.attacker, network, number)


def _fill(line: str, network: Network, number: int) -> str:
    mask = str(network.netmask) if isinstance(network, ipaddress.IPv4Network) else ""
    return Template(line).substitute(address=str(network.network_address), mask=mask, number=str(number))
