"""Fields as texts -> records. A field that does not fit is left out and named; a record without what makes it one is
left out as a whole.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, TypeVar, get_args

import msgspec

from codered_hq.importing.harvest import Harvest
from codered_hq.importing.values import (
    MOST_NOTE,
    MOST_TAG,
    NoRecord,
    Unfit,
    read_address,
    read_choice,
    read_list,
    read_mac,
    read_name,
    read_number,
    read_range,
    read_text,
    read_word,
    read_words,
)
from codered_hq.model.inventory import (
    HostRecord,
    OwnerRecord,
    PlaceRecord,
    ScanPointRecord,
    SubnetRecord,
    ZoneKind,
    ZoneRecord,
)

Fields = Mapping[str, str | list[str]]
Record = msgspec.Struct
_T = TypeVar("_T")
KINDS: Final[tuple[str, ...]] = ("zones", "subnets", "owners", "scan_points", "hosts", "places")
_RECORDS: Final[dict[str, type[Record]]] = {
    "zones": ZoneRecord,
    "subnets": SubnetRecord,
    "owners": OwnerRecord,
    "scan_points": ScanPointRecord,
    "hosts": HostRecord,
    "places": PlaceRecord,
}
MOST_VLAN = 4094
# what a record can't be without; of a host it is one of several
_NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "zones": ("name", "kind"),
    "subnets": ("range",),
    "owners": ("name",),
    "scan_points": ("name", "zone"),
    "places": ("mac", "switch", "port", "seen_at"),
}


def field_names(kind: str) -> tuple[str, ...]:
    """The fields of a kind of record."""
    return _RECORDS[kind].__struct_fields__


def try_value(harvest: Harvest, where: str, read: Callable[[str], _T], text: str) -> _T | None:
    """The value, or None with the reason told."""
    try:
        return read(text)
    except NoRecord as story:
        harvest.note(where, str(story))
    except Unfit as story:
        harvest.skip(where, str(story))
    return None


def add_host(harvest: Harvest, where: str, host: HostRecord) -> bool:
    """Take a host if it has an address, a MAC or a name; whether it was taken."""
    if not (host.address or host.mac or host.name):
        harvest.skip(where, "neither an address, a MAC nor a name")
        return False
    harvest.add_host(host)
    return True


def add_record(harvest: Harvest, kind: str, fields: Fields, where: str) -> None:
    """Take a record of that kind from texts."""
    values: dict[str, object] = {}
    for name, text in fields.items():
        value = _read_field(harvest, kind, name, text, where)
        if value is not None:
            values[name] = value
    if kind == "hosts":
        add_host(harvest, where, msgspec.convert(values, HostRecord))
        return
    if missing := [name for name in _NEEDED[kind] if not values.get(name)]:
        harvest.skip(where, f"nothing usable for {', '.join(missing)}")
        return
    if kind == "places":
        values.setdefault("switch_address", "")
    getattr(harvest, kind).append(msgspec.convert(values, _RECORDS[kind]))


def _read_field(harvest: Harvest, kind: str, name: str, text: str | list[str], where: str) -> object:
    if not text:
        return None
    try:
        if name in ("tags", "admins"):
            return read_list(text, MOST_TAG if name == "tags" else 255)
        if isinstance(text, list):
            raise Unfit("is a list, and one text is wanted")
        if name == "range":
            network, changed = read_range(text)
            if changed:
                harvest.note(where, changed)
            return network
        if name in ("seen_at", "until"):
            return _read_time(harvest, text)
        return _reader_of(kind, name)(text)
    except NoRecord as story:
        harvest.note(where, f"{name}: {story}")
    except Unfit as story:
        harvest.skip(where, f"{name}: {story}")
    return None


def _read_time(harvest: Harvest, text: str) -> datetime | None:
    return harvest.times.read(text)


def _read_zone_kind(text: str) -> str:
    return read_choice(get_args(ZoneKind), text)


def _read_engine(text: str) -> str:
    return read_choice(("ansible", "salt"), text)


def _read_vlan(text: str) -> int:
    return read_number(text, MOST_VLAN)


def _read_count(text: str) -> int:
    return read_number(text, 999_999)


def _read_note(text: str) -> str:
    return read_text(text, MOST_NOTE, lines=True)


def _read_criticality(text: str) -> str:
    return read_word(read_words().criticality, text)


def _read_truth(text: str) -> bool:
    return read_word(read_words().truth, text)


def _read_machine_name(text: str) -> str | None:
    return read_name(text) or None


def _reader_of(kind: str, name: str) -> Callable[[str], object]:
    if kind == "hosts" and name == "name":
        return _read_machine_name
    if kind == "zones" and name == "kind":
        return _read_zone_kind
    return _READERS.get(name, read_text)


_READERS: Final[dict[str, Callable[[str], object]]] = {
    "address": read_address,
    "switch_address": read_address,
    "mac": read_mac,
    "netbios": read_name,
    "criticality": _read_criticality,
    "current": _read_truth,
    "engine": _read_engine,
    "macs": _read_count,
    "note": _read_note,
    "vlan": _read_vlan,
}
