"""Who a host says it is -> the inventory. It may be in an intruder's hands: what is no name, address or number of its
kind is left out, and there is a bound on how much.
"""

import ipaddress
import re
from collections.abc import Iterator
from datetime import datetime

from codered.export.writing.escaping import printable
from codered.model.job import HostFacts, NetworkCard
from codered_hq.hosts.models import Host, Identifier
from codered_hq.hosts.recording import record_seen_subnets
from codered_hq.hosts.telling import record_told
from codered_hq.model.inventory import HostRecord, Source

MOST_ADDRESSES = 256
MOST_CARDS = 64
MOST_ADMINS = 500
MOST_SUBNETS = 64
MOST_ROUTES = 2048
_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}")
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9_])?")
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z ._:-]{0,127}")
_NO_MACS = frozenset(["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"])


def take_facts(facts: HostFacts, key: str, at: datetime, asked: str = "", entered_as: str = "") -> None:
    """What the host that answered with this key at this time (aware) says of itself, for itself alone; and the subnets
    that its routes lead to. That it has the address at which it was asked is seen; its others it only tells. Was it not
    asked, but posts by itself, then `entered_as` is the name under which a person entered its key.
    """
    name = _match(_NAME, facts.domain_name) or _match(_NAME, facts.name)
    source = Source(kind="scan", name=name[:64] or "a host")
    admins = tuple(printable(admin[:200]) for admin in facts.admins[:MOST_ADMINS])
    same = {
        "name": "" if name.lower() in ("localhost", "localhost.localdomain") else name.lower().rstrip("."),
        "machine_id": _match(_ID, facts.machine_id).lower(), "serial": _match(_ID, facts.serial),
        "system": printable(facts.system[:200]), "product": printable(facts.product[:200]),
    }  # fmt: skip
    held = list(dict.fromkeys(_list_held(facts.cards[:MOST_CARDS])))[:MOST_ADDRESSES]
    records = [
        HostRecord(
            mac=mac, address=address, seen_at=at if address in ("", asked) else None, admins=admins, **same  # type: ignore[arg-type]
        )
        for mac, address in held or [("", "")]
    ]  # fmt: skip
    record_told(_find_host(key, entered_as or name, at), records, source, at, entered_as)
    # By its key, which it can't change like its name: what it said before does not pile up.
    record_seen_subnets(list(_list_subnets(facts))[:MOST_SUBNETS], source, at, of=key)


def _find_host(key: str, name: str, at: datetime) -> Host:
    """The one host that is known by this key; a new one where nobody is."""
    known = Identifier.objects.filter(kind="agent_key", value=key).select_related("host").first()
    if known is not None:
        return known.host
    host = Host.objects.create(label=name.lower().rstrip(".") or "unnamed", first_seen=at, last_seen=at)
    host.identifiers.create(kind="agent_key", value=key, source="scan: an answer", first_seen=at, last_seen=at)
    return host


def _list_held(cards: tuple[NetworkCard, ...]) -> Iterator[tuple[str, str]]:
    for card in cards:
        mac = _match(_MAC, card.mac.lower())
        mac = "" if mac in _NO_MACS else mac
        found = [str(each.ip) for text in card.addresses[:MOST_ADDRESSES] if (each := _read_interface(text))]
        if found or (mac and not card.addresses):
            yield from ((mac, address) for address in found or [""])


def _read_interface(text: str) -> ipaddress.IPv4Interface | ipaddress.IPv6Interface | None:
    """An address that others can reach."""
    try:
        found = ipaddress.ip_interface(text[:64].partition("%")[0])
    except ValueError:
        return None
    address = found.ip
    odd = address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified
    return None if odd else found


def _list_subnets(facts: HostFacts) -> Iterator[str]:
    """What its routes lead to, but the default route and single hosts."""
    for route in dict.fromkeys(facts.routes[:MOST_ROUTES]):
        try:
            network = ipaddress.ip_network(route[:64], strict=False)
        except ValueError:
            continue
        own = network.is_loopback or network.is_link_local or network.is_multicast
        if not own and 0 < network.prefixlen < network.max_prefixlen - 1:
            yield str(network)


def _match(pattern: re.Pattern[str], text: str) -> str:
    return text if pattern.fullmatch(text) else ""
