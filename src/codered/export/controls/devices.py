"""A control for a router or firewall: its access lists, what attaches them, and the way back."""

from codered.export.controls.access_lists import write_access_lists
from codered.export.controls.device_words import DeviceWords, EachWords, read_device_words
from codered.export.controls.orders import SIDES, CheckedOrder, Control, Network, Platform
from codered.model.firewall import PortRange


def make_device_control(platform: Platform, order: CheckedOrder) -> Control:
    """The control for one of the platforms that Aerleon writes. Raises CoverageIncomplete."""
    words = read_device_words()[platform]
    lists = write_access_lists(platform, words, order)
    hosts = _list_hosts(words, order)
    return Control(
        platform=platform,
        title=words.title,
        what=tell_what(order),
        apply="".join(made.text for made in lists),
        then="".join(made.attach for made in lists) + words.finish + "".join(apply for apply, _ in hosts),
        undo="".join(made.undo for made in lists) + "".join(back for _, back in hosts) + words.undo_finish,
        notes=(*words.notes, *_tell_left_out(words, order)),
    )


def tell_what(order: CheckedOrder) -> str:
    """In a sentence what a control stops."""
    said = []
    if order.infected:
        said.append(f"nothing from {_name(order.infected)} to {show_ports(order.ports) or 'anywhere'}")
    if order.attackers:
        said.append(f"nothing from {_name(order.attackers)}")
    return "; ".join(said)


def _name(networks: tuple[Network, ...]) -> str:
    named = ", ".join(show_network(network) for network in networks[:3])
    return named if len(networks) <= 3 else f"{named} and {len(networks) - 3} more"


def show_network(network: Network) -> str:
    """A network, a single host without its prefix."""
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def show_ports(ports: tuple[PortRange, ...]) -> str:
    """Ports as people write them: "tcp 80, udp 1000-2000"."""
    return ", ".join(
        f"{item.protocol} {item.first}" + (f"-{item.last}" if item.last != item.first else "") for item in ports
    )


def _list_hosts(words: DeviceWords, order: CheckedOrder) -> list[tuple[str, str]]:
    """What is entered for each address, and its way back."""
    found = []
    for side in SIDES:
        each = words.each.get(side)
        for network in order.networks(side) if each else ():
            if each is not None and _is_about(each, network):
                found.append((_fill(each.apply, network), _fill(each.undo, network)))
    return found


def _is_about(each: EachWords, network: Network) -> bool:
    alone = network.num_addresses == 1 or "$host" not in each.apply
    return alone and each.family in (0, network.version)


def _fill(text: str, network: Network) -> str:
    return text.replace("$host", str(network.network_address)).replace("$network", str(network))


def _tell_left_out(words: DeviceWords, order: CheckedOrder) -> list[str]:
    """Addresses that no list and no line of this device is about."""
    notes = []
    for side in SIDES:
        each = words.each.get(side)
        kinds = [kind.family for kind in words.lists if side in kind.sides]
        for network in order.networks(side):
            by_list = 0 in kinds or network.version in kinds
            by_host = each is not None and bool(each.undo) and _is_about(each, network)
            if not (by_list or by_host):
                notes.append(f"NOT covered on this device: {show_network(network)}. Block it elsewhere.")
    return notes
