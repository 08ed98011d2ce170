"""What has been taken from a source so far, and what was not and why. Nothing is dropped in silence."""

from datetime import UTC, datetime, tzinfo
from typing import Literal

import msgspec

from codered.model.errors import WrongUse
from codered_hq.importing.times import LocalTimes
from codered_hq.model.inventory import (
    HostRecord,
    Inventory,
    OwnerRecord,
    PlaceRecord,
    ScanPointRecord,
    Skipped,
    Source,
    SubnetRecord,
    ZoneRecord,
)

MOST_RECORDS = 2_000_000
MOST_SKIPPED = 10_000


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a file does not say itself: the time zone of its times (None = UTC), which comes first in its dates ("" =
    only dates that are plain are taken), the origin of a zone file, the switch that a MAC table is of, and what the
    time is (None = now).
    """

    zone: tzinfo | None = None
    dates: Literal["", "day", "month"] = ""
    origin: str = ""
    switch: str = ""
    now: datetime | None = None


class Harvest:
    """Collects the records of one source."""

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self.now = self.options.now or datetime.now(UTC)
        self.times = LocalTimes(self.options.zone, self.options.dates)
        self.zones: list[ZoneRecord] = []
        self.subnets: list[SubnetRecord] = []
        self.owners: list[OwnerRecord] = []
        self.scan_points: list[ScanPointRecord] = []
        self.hosts: list[HostRecord] = []
        self.places: list[PlaceRecord] = []
        self._skipped: list[Skipped] = []
        self._notes: list[Skipped] = []
        self._more = self._more_notes = 0

    def skip(self, where: str, why: str) -> None:
        """A part that should have been a record is not taken."""
        if len(self._skipped) < MOST_SKIPPED:
            self._skipped.append(Skipped(where=where, why=why))
        else:
            self._more += 1

    def note(self, where: str, why: str) -> None:
        """A part is taken in another way than it stands there, or is in order and no record of ours."""
        if len(self._notes) < MOST_SKIPPED:
            self._notes.append(Skipped(where=where, why=why))
        else:
            self._more_notes += 1

    def add_host(self, host: HostRecord) -> None:
        """One more. Raises WrongUse at the limit."""
        if len(self.hosts) >= MOST_RECORDS:
            raise WrongUse(f"more than {MOST_RECORDS} records", advice="split it")
        self.hosts.append(host)

    def is_over(self, until: datetime | None) -> bool:
        """Whether a lease has ended."""
        return until is not None and until <= self.now

    def finish(self, source: Source) -> Inventory:
        """The inventory. Raises WrongUse if nothing at all could be used."""
        taken = (self.zones, self.subnets, self.owners, self.scan_points, self.hosts, self.places)
        if not any(taken):
            told = [*self._skipped, *self._notes][:1]
            first = f"; {told[0].where}: {told[0].why}" if told else ""
            what = f"no record in it that can be used (read as {source.kind}{first})"
            raise WrongUse(
                what, where=source.name, advice="see docs/headquarters.md for what is read, or name the form"
            )
        if self.times.guessed:
            self.note("times", "have no zone: taken as UTC; name the zone of the server that wrote them")
        return Inventory(
            source=source,
            zones=tuple(self.zones),
            subnets=tuple(self.subnets),
            owners=tuple(self.owners),
            scan_points=tuple(self.scan_points),
            hosts=tuple(self.hosts),
            places=tuple(self.places),
            skipped=_close(self._skipped, self._more),
            notes=_close(self._notes, self._more_notes),
        )


def _close(told: list[Skipped], more: int) -> tuple[Skipped, ...]:
    return (*told, Skipped(where="and more", why=f"{more} more of this kind")) if more else tuple(told)
