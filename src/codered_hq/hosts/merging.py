"""Host records of one source -> hosts: found again or new, with all they are known by and since when."""

import ipaddress
from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

import msgspec

from codered_hq.hosts.identity import IdentityIndex, find_shared, list_identifiers
from codered_hq.hosts.models import AddressUse, Host, Identifier
from codered_hq.hosts.numbers import to_number
from codered_hq.model.inventory import HostRecord

FRESH = timedelta(days=7)
"""How long an address without a lease leads to the host last seen with it."""
CHUNK = 500  # values in one query: databases bound them
ALL_FROM = 5000  # records, from which on reading every host is quicker than asking for some
CLAIMED = ("owner", "site", "criticality", "system", "product")


_Key = TypeVar("_Key", bound=Hashable)


class Sighting(msgspec.Struct):
    """From when to when a source has said something."""

    first: datetime
    last: datetime

    def widen(self, at: datetime) -> None:
        """It has been said at this time too."""
        self.first, self.last = min(self.first, at), max(self.last, at)


class Use(msgspec.Struct):
    """An address of a host in this source. `dated` is False where the source tells no time: such a record takes no
    address from a host that was seen with it.
    """

    seen: Sighting
    mac: str
    until: datetime | None
    current: bool
    dated: bool


class HostKey(NamedTuple):
    """What is buffered for a host: (host, kind, value)."""

    host: int
    kind: str
    value: str


class Merger:
    """Takes the records of one source one by one; `buffers` then holds what is to be written. A new host has a
    negative number until it is written; `same` leads from a host that turned out to be another one to that one.
    """

    def __init__(self, records: Sequence[HostRecord], at: datetime, *, of_names: bool = False) -> None:
        """`of_names`: the source speaks of names of addresses (DNS), and several of them are no several machines."""
        self._at = at
        self._of_names = of_names
        self._index = IdentityIndex()
        self._holders: dict[str, list[AddressUse]] = {}
        self._next = -1
        self._new_holders: dict[str, int] = {}
        self.named: dict[int, str] = {}
        self.identifiers: dict[HostKey, Sighting] = {}
        self.claims: dict[HostKey, Sighting] = {}
        self.uses: dict[tuple[int, str], Use] = {}
        self.tags: dict[int, set[str]] = {}
        self.same: dict[int, int] = {}
        self.shared: set[tuple[str, str]] = set()
        self.seen: dict[int, Sighting] = {}
        self._load(records)
        for kind, value in find_shared(records):
            self._share(kind, value)

    def take(self, record: HostRecord) -> int:
        """Buffer one record; its host's number (see `resolve`)."""
        verdict = self._index.judge(record)
        for kind, value in verdict.shared:
            self._share(kind, value)
        host = verdict.host if verdict.host is not None else self._find_by_address(record)
        if host is None and self._of_names and (holder := self._find_holder(record)) is not None:
            return self._buffer_alias(self.resolve(holder), record)
        if host is None:
            host, self._next = self._next, self._next - 1
        if verdict.same is not None:
            self.same[verdict.same] = host
            self._index.join(host, verdict.same)
        self._buffer(self.resolve(host), record)
        return host

    def put(self, host: int, record: HostRecord) -> None:
        """Buffer one record of a host that is known already, whatever the record says."""
        self._buffer(host, record)

    def resolve(self, host: int) -> int:
        """The host that this one turned out to be."""
        while host in self.same:
            host = self.same[host]
        return host

    def _buffer(self, host: int, record: HostRecord) -> None:
        at = min(record.seen_at or self._at, self._at)  # a source whose clock runs ahead proves no future
        _widen(self.seen, host, at)
        for kind, value in list_identifiers(record).items():
            if self._index.denies(host, kind, value):  # it was found by its key, which outranks that
                _widen(self.claims, HostKey(host, f"{kind} told", value), at)
                continue
            self._index.add(host, kind, value)
            _widen(self.identifiers, HostKey(host, kind, value), at)
        for kind in CLAIMED:
            if value := getattr(record, kind):
                _widen(self.claims, HostKey(host, kind, value), at)
        for admin in record.admins:
            _widen(self.claims, HostKey(host, "admin", admin), at)
        if record.tags:
            self.tags.setdefault(host, set()).update(record.tags)
        if record.address:
            self._use(host, record, at)

    def _use(self, host: int, record: HostRecord, at: datetime) -> None:
        known = self.uses.get((host, record.address))
        current = record.current and not (record.until and record.until < self._at)
        if known is None:
            dated = record.seen_at is not None
            use = Use(Sighting(at, at), record.mac, record.until, current, dated)
            self.uses[host, record.address] = use
        else:
            known.seen.widen(at)
            known.current |= current
            known.dated |= record.seen_at is not None
            known.mac = known.mac or record.mac
            known.until = max(filter(None, (known.until, record.until)), default=None)
        if current:
            self._new_holders[to_number(record.address)] = host

    def _find_by_address(self, record: HostRecord) -> int | None:
        """The host that has the address now, if the record doesn't contradict it."""
        host = self._find_holder(record)
        return host if host is not None and self._index.may_be(self.resolve(host), record) else None

    def _find_holder(self, record: HostRecord) -> int | None:
        if not record.address or not record.current:
            return None
        number = to_number(record.address)
        host = self._new_holders.get(number)
        if host is None:
            at = record.seen_at or self._at
            held = [use for use in self._holders.get(number, ()) if _holds(use, at)]
            host = max(held, key=lambda use: use.last_seen).host_id if held else None
        return host

    def _buffer_alias(self, host: int, record: HostRecord) -> int:
        at = min(record.seen_at or self._at, self._at)
        _widen(self.seen, host, at)
        _widen(self.claims, HostKey(host, "alias", record.name), at)
        return host

    def _share(self, kind: str, value: str) -> None:
        self._index.share(kind, value)
        self.shared.add((kind, value))

    def _load(self, records: Sequence[HostRecord]) -> None:
        """Learn what the database knows of whoever the records may speak of."""
        if len(records) > ALL_FROM:
            uses, identifiers = list(AddressUse.objects.filter(current=True)), list(Identifier.objects.all())
        else:
            uses = _read_uses({to_number(record.address) for record in records if record.address})
            identifiers = _read_identifiers(records, {use.host_id for use in uses})
        for each in identifiers:
            self._index.add(each.host_id, each.kind, each.value, each.shared)
        for use in uses:
            self._holders.setdefault(use.number, []).append(use)


def _read_uses(numbers: set[str]) -> list[AddressUse]:
    return [
        use for some in _cut(sorted(numbers)) for use in AddressUse.objects.filter(number__in=some, current=True)
    ]  # fmt: skip


def _read_identifiers(records: Iterable[HostRecord], hosts: set[int]) -> list[Identifier]:
    values = {value for record in records for value in list_identifiers(record).values()}
    for some in _cut(sorted(values)):
        hosts |= set(Identifier.objects.filter(value__in=some).values_list("host_id", flat=True))
    return [each for some in _cut(sorted(hosts)) for each in Identifier.objects.filter(host_id__in=some)]


def _holds(use: AddressUse, at: datetime) -> bool:
    return (use.until is not None and use.until >= at) or at - use.last_seen <= FRESH


def _cut(values: list[str] | list[int]) -> Iterable[list[str] | list[int]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))


def _widen(sightings: dict[_Key, Sighting], key: _Key, at: datetime) -> None:
    known = sightings.get(key)
    if known is None:
        sightings[key] = Sighting(at, at)
    else:
        known.widen(at)


def is_address(text: str) -> bool:
    """Whether a host is called by its address only."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def name_host(host: Host | None, names: dict[str, str]) -> str:
    """What people call a host: the name it has, else the best of these (kind -> value)."""
    if host and host.label and not is_address(host.label) and host.label.count(":") != 5:
        return host.label
    found = (names.get(kind) for kind in ("name", "netbios", "minion", "address", "mac", "machine_id", "serial"))
    return next(filter(None, found), host.label if host else "unnamed")
