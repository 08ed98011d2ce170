"""From the words of `codered contain` to an order for the firewall."""

import ipaddress
import re
from typing import NamedTuple

from codered.cli import running
from codered.cli.contain_options import OnOptions
from codered.model.errors import WrongUse
from codered.model.firewall import ContainKind, FirewallOrder, PortRange, Session
from codered.model.pack import ThreatPack

BURST = 20  # new connections that a throttle lets pass at once
_PORTS = re.compile(r"(?:(tcp|udp):)?([0-9]{1,5}(?:-[0-9]{1,5})?(?:,[0-9]{1,5}(?:-[0-9]{1,5})?){0,63})")
_RATE = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)/([smh])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_MOST_PORTS = 200


class Wish(NamedTuple):
    """What is to be done, and why."""

    kind: ContainKind
    order: FirewallOrder
    because: str


def read_wish(asked: OnOptions, sessions: tuple[Session, ...]) -> Wish:
    """The order for what the user asked. Raises WrongUse."""
    if asked.isolate and (asked.block or asked.packs or asked.throttle):
        raise WrongUse("--isolate stands alone", advice="it stops everything: leave --block, --pack, --throttle away")
    if asked.throttle and (asked.block or asked.packs):
        raise WrongUse(
            "--throttle slows all ports, and can't close some in the same order",
            advice="say `contain on` twice: once with --block or --pack, once with --throttle",
        )
    if asked.freeze and not (asked.isolate or asked.block or asked.packs or asked.throttle):
        what, where = "freezes besides, and says nothing of the network", f"--freeze {asked.freeze[0]}"
        raise WrongUse(what, where=where, advice="say --isolate, --block, --pack or --throttle too")
    management = read_networks(asked.allow)
    ports, because = [*(each for text in asked.block for each in read_ports(text))], "asked for by its user"
    if asked.packs:
        packs = tuple(loaded.pack for loaded in running.load_named_packs(asked.packs))
        ports += list_pack_ports(packs)
        because = f"{', '.join(pack.name for pack in packs)}: its ports, asked for by its user"
        if not ports:
            what = "names no ports to block"
            raise WrongUse(what, where=", ".join(asked.packs), advice="name them: --block tcp:80, or --isolate")
    chosen = merge_ports(ports)
    if asked.throttle:
        rate = read_rate(asked.throttle)
        order = FirewallOrder(sessions=sessions, management=management, per_second=rate, burst=BURST, destroy=False)
        return Wish("throttle_outbound", order, because)
    if chosen:
        order = FirewallOrder(sessions=sessions, management=management, ports=chosen)
        return Wish("block_outbound", order, because)
    return Wish("isolate_host", FirewallOrder(sessions=sessions, management=management), because)


def read_ports(text: str) -> tuple[PortRange, ...]:
    """The ports of `tcp:80,443`, `udp:53`, `tcp:8000-8100`; TCP where nothing is said. Raises WrongUse."""
    match = _PORTS.fullmatch(text)
    found = []
    for piece in match[2].split(",") if match else ():
        first, _, last = piece.partition("-")
        low, high = int(first), int(last or first)
        if not 0 < low <= high <= 65535:
            break
        found.append(PortRange(protocol="udp" if match and match[1] == "udp" else "tcp", first=low, last=high))
    else:
        if found:
            return tuple(found)
    raise WrongUse("are no ports", where=f"--block {text[:60]!a}", advice="write tcp:80,443 or udp:53 or tcp:8000-8100")


def read_rate(text: str) -> float:
    """New connections a second of `2/s`, `30/m`. Raises WrongUse."""
    match = _RATE.fullmatch(text)
    rate = float(match[1]) / _SECONDS[match[2]] if match else 0.0
    if not 0 < rate <= 1_000_000:
        raise WrongUse(
            "is no rate", where=f"--throttle {text[:40]!a}", advice="write 2/s, 30/m or 2/h, at least one an hour"
        )
    return rate


def read_networks(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The networks of `--allow`, as CIDR. Raises WrongUse."""
    where = f"--allow {', '.join(texts)[:60]!a}"
    try:
        networks = {ipaddress.ip_network(text, strict=False) for text in texts}
    except ValueError:
        advice = "write 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32"
        raise WrongUse("is no network", where=where, advice=advice) from None
    if any(not network.prefixlen for network in networks):
        raise WrongUse("would let everything through", where=where, advice="name the networks that you come from")
    return tuple(sorted(str(network) for network in networks))


def list_pack_ports(packs: tuple[ThreatPack, ...]) -> list[PortRange]:
    """The ports that these packs want blocked on the way out."""
    return [
        PortRange(protocol=block.protocol, first=port, last=port)
        for pack in packs
        if pack.containment is not None
        for block in pack.containment.block
        if block.direction == "out"
        for port in block.ports
    ]


def merge_ports(ports: list[PortRange]) -> tuple[PortRange, ...]:
    """The same ports in order, each once, neighbours as one range. Raises WrongUse if they are too many."""
    merged: list[PortRange] = []
    for each in sorted(set(ports)):
        last = merged[-1] if merged else None
        if last is not None and last.protocol == each.protocol and each.first <= last.last + 1:
            merged[-1] = PortRange(protocol=each.protocol, first=last.first, last=max(last.last, each.last))
        else:
            merged.append(each)
    if len(merged) > _MOST_PORTS:
        raise WrongUse(f"more than {_MOST_PORTS} ranges of ports", advice="use --isolate, or wider ranges")
    return tuple(merged)
