"""What an inventory says that can't all be true at once. It is only told: which source is right, people decide."""

from collections.abc import Callable, Iterable
from typing import Final, Literal

import msgspec

from codered_hq.model.inventory import HostRecord, Inventory, SubnetRecord

MOST_TOLD: Final = 10_000
MOST_SIDES: Final = 10
Kind = Literal["subnet", "address", "name", "mac", "owner", "zone"]
_WHY: Final[dict[Kind, str]] = {
    "subnet": "documented twice with other facts",
    "address": "used by several machines",
    "name": "the name of several machines",
    "mac": "several machines at once have it",
    "owner": "described twice",
    "zone": "described twice",
}
_PROOFS: Final = ("agent_key", "machine_id", "serial")


class Contradiction(msgspec.Struct, frozen=True, kw_only=True):
    """What about (a range, an address, a name, a MAC), and why: at most MOST_SIDES of what is said of it."""

    kind: Kind
    about: str
    why: str


def find_contradictions(inventory: Inventory) -> tuple[Contradiction, ...]:
    """Ranges documented twice with other facts, an address of two machines, a name of two machines, a MAC of several
    machines at once, an owner or zone described twice. Ranges within another are in order.
    """
    current = [host for host in inventory.hosts if host.current]
    # in the DNS an address has as many names as it likes (aliases, virtual hosts)
    told_once = () if inventory.source.kind in ("zone-file", "dns") else ("name",)
    found = [
        *_find_subnets(inventory.subnets),
        *_find_twice("zone", inventory.zones),
        *_find_twice("owner", inventory.owners),
        *_find_shared("address", current, lambda host: host.address, ("mac", *told_once, *_PROOFS)),
        *_find_shared("name", current, lambda host: host.name, ("mac", *_PROOFS)),
        *_find_macs(current),
    ]
    return tuple(found[:MOST_TOLD])


def _find_subnets(subnets: Iterable[SubnetRecord]) -> list[Contradiction]:
    groups: dict[str, dict[str, None]] = {}
    for subnet in subnets:
        groups.setdefault(subnet.range, {})[_describe(subnet, ("range", "note"))] = None
    return [_tell("subnet", range_, sides) for range_, sides in groups.items() if len(sides) > 1]


def _find_twice(kind: Kind, records: Iterable[msgspec.Struct]) -> list[Contradiction]:
    groups: dict[str, dict[str, None]] = {}
    for record in records:
        groups.setdefault(getattr(record, "name", ""), {})[_describe(record, ("name", "note"))] = None
    return [_tell(kind, name, sides) for name, sides in groups.items() if len(sides) > 1]


def _find_shared(
    kind: Kind,
    hosts: Iterable[HostRecord],
    subject: Callable[[HostRecord], str],
    facts: tuple[str, ...],
) -> list[Contradiction]:
    """Subjects of which two records say different things in one of the facts; a fact that is missing says nothing."""
    groups: dict[str, list[HostRecord]] = {}
    for host in hosts:
        if key := subject(host):
            groups.setdefault(key, []).append(host)
    found = []
    for key, group in groups.items():
        if len(group) < 2:
            continue
        sides: dict[str, None] = {}
        for fact in facts:
            values = dict.fromkeys(value for host in group if (value := getattr(host, fact)))
            if fact == "name":
                values = _drop_short_names(values)
            if len(values) > 1:
                sides |= dict.fromkeys(f"{fact} {value}" for value in values)
        if sides:
            found.append(_tell(kind, key, sides))
    return found


def _find_macs(hosts: Iterable[HostRecord]) -> list[Contradiction]:
    """A card with several names, proofs or IPv4 addresses at once: virtual machines, routers, or a copied card."""
    groups: dict[str, list[HostRecord]] = {}
    for host in hosts:
        if host.mac:
            groups.setdefault(host.mac, []).append(host)
    found = []
    for mac, group in groups.items():
        if len(group) < 2:
            continue
        sides: dict[str, None] = {}
        names = _drop_short_names(dict.fromkeys(host.name for host in group if host.name))
        addresses = dict.fromkeys(host.address for host in group if "." in host.address)
        for fact, values in (("name", names), ("address", addresses)):
            if len(values) > 1:
                sides |= dict.fromkeys(f"{fact} {value}" for value in values)
        if sides:
            found.append(_tell("mac", mac, sides))
    return found


def _drop_short_names(names: dict[str, None]) -> dict[str, None]:
    """`pc1` and `pc1.example.org` are one name."""
    full = {name.partition(".")[0] for name in names if "." in name}
    return {name: None for name in names if "." in name or name not in full}


def _describe(record: msgspec.Struct, left_out: tuple[str, ...]) -> str:
    facts = ((name, getattr(record, name)) for name in record.__struct_fields__ if name not in left_out)
    return ", ".join(f"{name} {' '.join(v) if isinstance(v, tuple) else v}" for name, v in facts if v) or "nothing"


def _tell(kind: Kind, about: str, sides: dict[str, None]) -> Contradiction:
    told = tuple(sides)[:MOST_SIDES]
    more = f" | and {len(sides) - len(told)} more" if len(sides) > len(told) else ""
    return Contradiction(kind=kind, about=about, why=f"{_WHY[kind]}: {' | '.join(told)}{more}")
