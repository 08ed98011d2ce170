"""Who a record speaks of. A host is its identity over time, not its address.

What proves more decides: a key of our agent, the machine id, the serial number, the name at the fleet engine; then the
MAC; then the name. An address alone leads to the host that was last seen with it. What several hosts have at once
(virtual machines with one MAC, two hosts of one name) is marked as shared and proves nothing any more.
"""

from collections.abc import Iterable

import msgspec

from codered_hq.hosts.placeholders import is_placeholder
from codered_hq.model.inventory import HostRecord

PROOFS = ("agent_key", "machine_id", "serial", "minion")
KINDS = (*PROOFS, "mac", "name", "netbios")
_NUMBERS = ("machine_id", "serial")
_NAMES = ("name", "netbios")
_SINGLE = frozenset(["agent_key", "machine_id", "serial"])
"""A machine has one of each: two hosts that differ in one of these are two, whatever else they share."""


class Known(msgspec.Struct):
    """What identity needs of a host: its number here, and its values by kind (those that are shared left out)."""

    host: int
    values: dict[str, set[str]]

    def differs(self, record: dict[str, str]) -> bool:
        """Whether it can't be who the record speaks of."""
        return any(
            kind in record and self.values.get(kind) and record[kind] not in self.values[kind] for kind in _SINGLE
        )


class Verdict(msgspec.Struct, frozen=True):
    """Who a record speaks of (None = nobody known), which other host is the same machine, and what turned out to be
    shared: (kind, value).
    """

    host: int | None
    same: int | None = None
    shared: tuple[tuple[str, str], ...] = ()


def list_identifiers(record: HostRecord) -> dict[str, str]:
    """What a record's host is known by: kind -> value. A number that many machines share is none."""
    return {
        kind: value
        for kind in KINDS
        if (value := getattr(record, kind)) and not (kind in _NUMBERS and is_placeholder(value))
    }


class IdentityIndex:
    """All hosts by what they are known by."""

    def __init__(self) -> None:
        self._hosts: dict[int, Known] = {}
        self._owners: dict[tuple[str, str], int] = {}
        self._shared: set[tuple[str, str]] = set()

    def add(self, host: int, kind: str, value: str, shared: bool = False) -> None:
        """Learn what a host is known by."""
        known = self._hosts.setdefault(host, Known(host, {}))
        if shared or (kind, value) in self._shared:
            self.share(kind, value)
            return
        known.values.setdefault(kind, set()).add(value)
        self._owners[kind, value] = host

    def denies(self, host: int, kind: str, value: str) -> bool:
        """Whether a host is known by another value of a kind of which a machine has one."""
        known = self._hosts.get(host)
        return kind in _SINGLE and bool(known and known.values.get(kind, {value}) != {value})

    def share(self, kind: str, value: str) -> None:
        """Learn that several hosts have this value."""
        self._shared.add((kind, value))
        owner = self._owners.pop((kind, value), None)
        if owner is not None:
            self._hosts[owner].values[kind].discard(value)

    def join(self, kept: int, gone: int) -> None:
        """Learn that two hosts were one."""
        for kind, values in self._hosts.pop(gone, Known(gone, {})).values.items():
            for value in values:
                self.add(kept, kind, value)

    def judge(self, record: HostRecord) -> Verdict:
        """Who a record speaks of, by everything but its address."""
        given = {kind: value for kind, value in list_identifiers(record).items() if (kind, value) not in self._shared}
        found = [(kind, self._owners.get((kind, value))) for kind, value in given.items()]
        hits = [(kind, self._hosts[owner]) for kind, owner in found if owner is not None]
        proven = {host.host for kind, host in hits if kind not in _NAMES}
        fits = [_fits(kind, host, given, host.host in proven) for kind, host in hits]
        fitting = [hit for hit, fit in zip(hits, fits, strict=True) if fit]
        shared = tuple(
            (kind, given[kind]) for (kind, _), fit in zip(hits, fits, strict=True) if not fit and kind not in _SINGLE
        )
        if not fitting:
            return Verdict(None, shared=shared)
        best = fitting[0][1]
        for kind, other in fitting[1:]:
            if other.host != best.host:
                return self._weigh(best, kind, other, given)
        return Verdict(best.host, shared=shared)

    def may_be(self, host: int, record: HostRecord) -> bool:
        """Whether a host that is found by its address only may be the record's: nothing that tells machines apart may
        differ. A host we know nothing of may be anybody.
        """
        known = self._hosts.get(host)
        given = list_identifiers(record)
        if known is None:
            return True
        names = known.values.get("name", set())
        if "name" in given and names and not any(is_same_name(given["name"], name) for name in names):
            return False
        return not any(
            kind in given and known.values.get(kind) and given[kind] not in known.values[kind]
            for kind in (*_SINGLE, "minion", "mac")
        )

    def _weigh(self, best: Known, kind: str, other: Known, given: dict[str, str]) -> Verdict:
        """Two hosts fit: one machine that two sources knew by different things, or a name that moved."""
        if not _contradict(best, other):
            return Verdict(best.host, same=other.host)
        return Verdict(best.host, shared=((kind, given[kind]),))


def _fits(kind: str, host: Known, given: dict[str, str], proven: bool) -> bool:
    """Whether what is known by this may be who the record speaks of. A verified key alone decides. A name alone is
    whatever a machine calls itself: it leads to no host that has other cards.
    """
    if kind == "agent_key":
        return True
    other_card = bool("mac" in given and host.values.get("mac")) and given["mac"] not in host.values["mac"]
    return not host.differs(given) and (proven or not other_card)


def is_same_name(one: str, other: str) -> bool:
    """Whether two names may be one machine's: the same, or one of them without its domain."""
    short = ("." in one) != ("." in other)
    return one == other or (short and one.partition(".")[0] == other.partition(".")[0])


def _find_number(record: HostRecord) -> str:
    given = list_identifiers(record)
    return next((given[kind] for kind in _NUMBERS if kind in given), "")


def _contradict(one: Known, other: Known) -> bool:
    """Whether two hosts have each a value of their own of a kind by which machines differ."""
    return any(
        one.values.get(kind) and other.values.get(kind) and not one.values[kind] & other.values[kind]
        for kind in (*_SINGLE, "mac", "name")
    )


def find_shared(records: Iterable[HostRecord]) -> set[tuple[str, str]]:
    """What one source gives to several machines at the same time: a name with several MACs, a MAC with several names.
    Only current records count: yesterday's name of a MAC contradicts nothing.
    """
    names: dict[str, set[str]] = {}
    macs: dict[str, set[str]] = {}
    machines: dict[str, set[str]] = {}
    for record in records:
        if record.current and record.mac and record.name:
            names.setdefault(record.name, set()).add(record.mac)
            macs.setdefault(record.mac, set()).add(record.name)
        if record.current and record.mac and (proof := _find_number(record)):
            machines.setdefault(record.mac, set()).add(proof)
    return (
        {("name", name) for name, found in names.items() if len(found) > 1}
        | {("mac", mac) for mac, found in macs.items() if len(found) > 1}
        | {("mac", mac) for mac, found in machines.items() if len(found) > 1}
    )
