"""Limits on new connections, for where a block would stop work that must go on: texts of rate_limits.json filled with
addresses and ports that were read again.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Template

import msgspec

from codered.export.controls.devices import show_network, tell_what
from codered.export.controls.orders import CheckedOrder, Control, Network, Platform
from codered.model.errors import WrongUse

MOST_LINES = 2000


class RateWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The texts for one kind of device: one `line` for each address and range of ports, the ports as `any`, `one` or
    `range`; `families` are the versions of IP it is about.
    """

    title: str
    inside: str
    families: tuple[int, ...]
    head: str
    line: str
    any: str
    one: str
    range: str
    tail: str
    undo: str
    notes: tuple[str, ...]


@cache
def read_rate_words() -> dict[str, RateWords]:
    """All kinds of devices by their platform."""
    data = Path(__file__).with_suffix(".json").read_bytes()
    return msgspec.json.decode(data, type=dict[str, RateWords])


def make_rate_control(platform: Platform, order: CheckedOrder) -> Control:
    """The limit for what is infected. Raises WrongUse if nothing is, or if it needs too many lines."""
    words = read_rate_words()[platform]
    fitting = [network for network in order.infected if network.version in words.families]
    notes = [
        f"NOT covered on this device: {show_network(network)}. Limit it elsewhere."
        for network in order.infected
        if network.version not in words.families
    ]
    if any(item.protocol != "tcp" for item in order.ports):
        notes.append("Ports of udp are not limited: it has no new connections to tell from others.")
    lines = list(_list_lines(words, fitting, order))
    if not lines:
        raise WrongUse("nothing that could be limited", where=platform, advice="name infected addresses, ports of tcp")
    if len(lines) > MOST_LINES:
        raise WrongUse(f"{len(lines)} lines are too many", where=platform, advice="name fewer ports, or a network")
    named = {"inside": order.inside or words.inside}
    return Control(
        platform=platform,
        title=words.title,
        what=tell_what(order).replace("nothing from", "few new connections from", 1).partition(";")[0],
        apply=words.head + "".join(lines) + Template(words.tail).substitute(named),
        undo=Template(words.undo).substitute(named),
        notes=(*words.notes, *notes),
    )


def _list_lines(words: RateWords, networks: list[Network], order: CheckedOrder) -> Iterator[str]:
    ranges = [(item.first, item.last) for item in order.ports if item.protocol == "tcp"]
    wanted: list[tuple[int, int] | None] = [*ranges] if order.ports else [None]
    number = 0
    for network in networks:
        for ports in wanted:
            number += 1
            yield _write_line(words, network, ports, number)


def _write_line(words: RateWords, network: Network, ports: tuple[int, int] | None, number: int) -> str:
    named = {
        "number": str(number),
        "network": str(network),
        "version": str(network.version),
        "ip": "ip" if network.version == 4 else "ip6",
        "wildcard": _write_wildcard(network),
    }
    text = words.any
    if ports is not None:
        first, last = ports
        form = words.one if first == last else words.range
        text = Template(form).substitute(named, first=str(first), last=str(last))
    line = words.line.replace("$ports", text) if text else words.line.replace("$ports ", "").replace("$ports", "")
    return Template(line).substitute(named)


def _write_wildcard(network: Network) -> str:
    if network.num_addresses == 1:
        return f"host {network.network_address}"
    return f"{network.network_address} {network.hostmask}"
