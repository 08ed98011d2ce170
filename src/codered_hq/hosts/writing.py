"""What a merger has buffered -> the database, in a few large statements: new hosts, identifiers, addresses, claims."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from codered_hq.hosts.claiming import believe
from codered_hq.hosts.joining import join_hosts
from codered_hq.hosts.merging import HostKey, Merger, Sighting, Use, name_host
from codered_hq.hosts.models import TEXT, AddressUse, Claim, Host, Identifier, Owner, Tag
from codered_hq.hosts.numbers import to_number

BATCH = 500


class HostWriter:
    """Writes one merger's buffers for one source ("dnsmasq:leases"). Call it within a transaction."""

    def __init__(self, merger: Merger, source: str) -> None:
        self._merger = merger
        self._source = source[:TEXT]
        self._hosts: dict[int, Host] = {}
        self.made = 0

    def write(self) -> dict[int, Host]:
        """The hosts by the numbers that `Merger.take` gave."""
        merger = self._merger
        for gone, kept in list(merger.same.items()):
            if gone > 0 and merger.resolve(kept) > 0:
                join_hosts(merger.resolve(kept), gone)
        self._make_hosts()
        self._write_identifiers()
        self._write_uses()
        self._write_claims()
        self._write_tags()
        return self._hosts

    def host_of(self, number: int) -> Host:
        """The written host of a number that `Merger.take` gave."""
        return self._hosts[self._merger.resolve(number)]

    def _make_hosts(self) -> None:
        """Read the hosts that are known, make the new ones. One that a new host turned out to be counts as known."""
        merger = self._merger
        for gone, kept in list(merger.same.items()):  # a known host that joined a new one: the known one stays
            if gone > 0 and (new := merger.resolve(kept)) < 0:
                del merger.same[gone]
                merger.same[new] = gone
        for host, seen in list(merger.seen.items()):
            real = merger.resolve(host)
            if real != host:
                merger.seen.pop(host)
                known = merger.seen.setdefault(real, seen)
                known.first, known.last = min(known.first, seen.first), max(known.last, seen.last)
        for some in _batches([host for host in merger.seen if host > 0]):
            self._hosts.update(Host.objects.in_bulk(some))
        names = self._collect_names()
        made: list[Host] = []
        for number, seen in merger.seen.items():
            row = self._hosts.get(number)
            label = name_host(row, names.get(number, {}))[:TEXT]
            if row is None:
                self._hosts[number] = Host(label=label, first_seen=seen.first, last_seen=seen.last)
                made.append(self._hosts[number])
            else:
                row.label, row.first_seen = label, min(row.first_seen, seen.first)
                row.last_seen = max(row.last_seen, seen.last)
        Host.objects.bulk_create(made, batch_size=BATCH)
        known_hosts = [host for number, host in self._hosts.items() if number > 0]
        _change(Host, known_hosts, ["label", "first_seen", "last_seen"])
        self.made = len(made)

    def _collect_names(self) -> dict[int, dict[str, str]]:
        names: dict[int, dict[str, str]] = {}
        for key in self._merger.identifiers:
            names.setdefault(self._merger.resolve(key.host), {}).setdefault(key.kind, key.value)
        for host, address in self._merger.uses:
            names.setdefault(self._merger.resolve(host), {}).setdefault("address", address)
        return names

    def _write_identifiers(self) -> None:
        shared = self._merger.shared
        rows = [
            Identifier(
                host=host, kind=kind, value=value[:TEXT], shared=(kind, value) in shared, source=self._source,
                first_seen=seen.first, last_seen=seen.last,
            )
            for host, kind, value, seen in self._resolved(self._merger.identifiers)
        ]  # fmt: skip
        known = {(each.host_id, each.kind, each.value): each for each in _read_for(Identifier, self._known())}
        _write_sightings(Identifier, rows, known, lambda row: (row.host_id, row.kind, row.value))
        for kind, value in shared:
            Identifier.objects.filter(kind=kind, value=value[:TEXT], shared=False).update(shared=True)

    def _write_claims(self) -> None:
        if not self._merger.claims:
            return
        owners = self._make_owners()
        rows = [
            Claim(
                host=host, kind=kind, value=value[:TEXT], source=self._source, first_seen=seen.first,
                last_seen=seen.last,
            )
            for host, kind, value, seen in self._resolved(self._merger.claims)
        ]  # fmt: skip
        known = {(row.host_id, row.kind, row.value, row.source): row for row in _read_for(Claim, self._known())}
        _write_sightings(Claim, rows, known, lambda row: (row.host_id, row.kind, row.value, row.source))
        changed = {row.host_id: row.host for row in rows}
        by_host: dict[int, list[Claim]] = {}
        for claim in _read_for(Claim, list(changed)):
            by_host.setdefault(claim.host_id, []).append(claim)
        said = {claim.value for claims in by_host.values() for claim in claims if claim.kind == "owner"} - set(owners)
        if said:
            owners |= {owner.name: owner for owner in Owner.objects.filter(name__in=said)}
        for number, host in changed.items():
            believe(host, by_host.get(number, ()), owners)
        fields = ["owner", "site", "criticality", "system", "product"]
        _change(Host, list(changed.values()), fields)

    def _make_owners(self) -> dict[str, Owner]:
        names = {key.value[:TEXT] for key in self._merger.claims if key.kind == "owner"}
        if not names:
            return {}
        Owner.objects.bulk_create([Owner(name=name) for name in sorted(names)], ignore_conflicts=True)
        return {owner.name: owner for owner in Owner.objects.filter(name__in=names)}

    def _write_uses(self) -> None:
        known = {(use.host_id, use.address): use for use in _read_for(AddressUse, self._known())}
        new, changed = [], []
        current: dict[str, tuple[int, Use]] = {}
        held = self._read_held()
        for (number, address), use in self._merger.uses.items():
            host = self.host_of(number)
            row = known.get((host.pk, address))
            if row is None:
                row = AddressUse(host=host, address=address, number=to_number(address), source=self._source)
                row.first_seen, row.last_seen, row.mac = use.seen.first, use.seen.last, use.mac
                row.until, row.current = use.until, use.current and (use.dated or _is_free(held, row))
                known[host.pk, address] = row
                new.append(row)
            else:
                later = use.seen.last >= row.last_seen
                row.first_seen, row.last_seen = min(row.first_seen, use.seen.first), max(row.last_seen, use.seen.last)
                row.mac, row.source = use.mac or row.mac, self._source if later else row.source
                if later:
                    row.until, row.current = (
                        use.until,
                        use.current and (row.current or use.dated or _is_free(held, row)),
                    )
                changed.append(row)
            if row.current:
                current[row.number] = (host.pk, use)
        AddressUse.objects.bulk_create(new, batch_size=BATCH)
        fields = ["first_seen", "last_seen", "mac", "source", "until", "current"]
        _change(AddressUse, changed, fields)
        self._close_others(current)

    def _read_held(self) -> dict[str, set[int]]:
        """Who holds the addresses that come without a time: such a record takes none from a host seen with it."""
        numbers = sorted({to_number(address) for (_, address), use in self._merger.uses.items() if not use.dated})
        held: dict[str, set[int]] = {}
        for some in _batches(numbers):
            for number, host in AddressUse.objects.filter(number__in=some, current=True).values_list(
                "number", "host_id"
            ):
                held.setdefault(number, set()).add(host)
        return held

    def _close_others(self, current: dict[str, tuple[int, Use]]) -> None:
        """An address has one host at a time, and a card one address of a kind: what was seen earlier has ended."""
        macs = {(host, use.mac) for host, use in current.values() if use.mac}
        hosts = sorted({host for host, _ in current.values()})
        rows = [row for some in _batches(sorted(current)) for row in AddressUse.objects.filter(number__in=some)]
        rows += [row for row in _read_for(AddressUse, hosts) if (row.host_id, row.mac) in macs]
        latest = {(row.host_id, row.mac, _is_v4(row)): row for row in sorted(rows, key=lambda row: row.last_seen)}
        ended = []
        for row in rows:
            holder = current.get(row.number)
            taken = holder is not None and holder[0] != row.host_id and holder[1].seen.last >= row.last_seen
            newest = latest[row.host_id, row.mac, _is_v4(row)]
            moved = bool(row.mac) and row.last_seen < newest.last_seen and newest.current
            if row.current and (taken or moved):
                ended.append(row.pk)
        for some in _batches(ended):
            AddressUse.objects.filter(pk__in=some).update(current=False)

    def _write_tags(self) -> None:
        names = sorted(set().union(*self._merger.tags.values())) if self._merger.tags else []
        Tag.objects.bulk_create([Tag(name=name[:64]) for name in names], ignore_conflicts=True)
        tags = {tag.name: tag.pk for tag in Tag.objects.filter(name__in=[name[:64] for name in names])}
        through = Host.tags.through
        rows = [
            through(host_id=self.host_of(number).pk, tag_id=tags[name[:64]])
            for number, found in self._merger.tags.items()
            for name in found
        ]
        through.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)

    def _resolved(self, buffer: dict[HostKey, Sighting]) -> Iterator[tuple[Host, str, str, Sighting]]:
        """What is buffered, by host; what two numbers of one host have in common comes once."""
        found: dict[tuple[int, str, str], Sighting] = {}
        for key, seen in buffer.items():
            at = found.setdefault((self._merger.resolve(key.host), key.kind, key.value), seen)
            at.first, at.last = min(at.first, seen.first), max(at.last, seen.last)
        return ((self._hosts[number], kind, value, seen) for (number, kind, value), seen in found.items())

    def _known(self) -> list[int]:
        return [host.pk for number, host in self._hosts.items() if number > 0]


def _write_sightings(
    model: type[Identifier] | type[Claim],
    rows: list[Any],
    known: dict[tuple[Any, ...], Any],
    name: Callable[[Any], tuple[Any, ...]],
) -> None:
    """New rows, and the times of those that are there."""
    new, changed = [], []
    for row in rows:
        there = known.get(name(row))
        if there is None:
            new.append(row)
            continue
        there.first_seen = min(there.first_seen, row.first_seen)
        if row.last_seen >= there.last_seen:
            there.last_seen, there.source = row.last_seen, row.source
        changed.append(there)
    model._default_manager.bulk_create(new, batch_size=BATCH)
    _change(model, changed, ["first_seen", "last_seen", "source"])


def _change(model: type[Any], rows: list[Any], fields: list[str]) -> None:
    """Write these fields of rows that are there. As an upsert by key: Django's own bulk_update takes five times as
    long for 20,000 rows.
    """
    model._default_manager.bulk_create(
        rows, batch_size=BATCH, update_conflicts=True, unique_fields=["id"], update_fields=fields
    )


def _read_for(model: type[Any], hosts: list[int]) -> Iterator[Any]:
    """The rows of a table that belong to these hosts."""
    return (row for some in _batches(hosts) for row in model._default_manager.filter(host_id__in=some))


def _batches(values: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(values)
    while some := list(islice(rest, BATCH)):
        yield some


def _is_free(held: dict[str, set[int]], use: AddressUse) -> bool:
    return not held.get(use.number, set()) - {use.host_id}


def _is_v4(use: AddressUse) -> bool:
    return "." in use.address
