"""Kea: its lease file (memfile, CSV) of IPv4 and IPv6, and the answer of lease4-get-all or lease6-get-all."""

from typing import Final

import msgspec

from codered.model.errors import WrongUse
from codered_hq.importing.harvest import MOST_RECORDS, Harvest
from codered_hq.importing.records import add_host, try_value
from codered_hq.importing.source_files import SourceFile
from codered_hq.importing.times import check_time, read_epoch
from codered_hq.importing.values import Unfit, read_address, read_client_id, read_mac, read_name, show
from codered_hq.model.inventory import HostRecord

MOST_JSON: Final = 128 << 20
_STATES: Final = {"": "active", "0": "active", "1": "declined", "2": "expired", "3": "released", "4": "registered"}
_PREFIXES: Final = frozenset({"2", "IA_PD"})


class _Lease(msgspec.Struct, frozen=True, rename={"address": "ip-address", "lasts": "valid-lft", "kind": "type"}):
    """A lease as the control channel answers it; times in seconds since 1970."""

    address: str
    cltt: int
    lasts: int
    hwaddr: str = msgspec.field(default="", name="hw-address")
    client_id: str = msgspec.field(default="", name="client-id")
    hostname: str = ""
    state: int = 0
    kind: str = ""


class _Arguments(msgspec.Struct, frozen=True):
    leases: list[msgspec.Raw] = []


class _Answer(msgspec.Struct, frozen=True):
    arguments: _Arguments | None = None
    result: int = 0
    text: str = ""


def is_kea(lines: list[str]) -> bool:
    """Whether it begins with the header of a lease file, or is an answer with leases."""
    first = next((line for line in lines if line.strip()), "")
    if first.startswith(("address,hwaddr,client_id,", "address,duid,valid_lifetime,")):
        return True
    return first.lstrip().startswith(("{", "[")) and any('"leases"' in line for line in lines)


def read_kea(source: SourceFile, harvest: Harvest) -> None:
    """Take the last state of each lease. Raises WrongUse."""
    first = next((line for line in source.sample() if line.strip()), "")
    if first.lstrip().startswith(("{", "[")):
        _read_answer(source, harvest)
    else:
        _read_table(source, harvest)


def _read_table(source: SourceFile, harvest: Harvest) -> None:
    leases: dict[str, tuple[int, dict[str, str]]] = {}
    header: list[str] = []
    for number, line in source.lines():
        if line is None:
            harvest.skip(f"line {number}", "too long a line")
        elif not header:
            header = line.strip().split(",")[:64]
            if "address" not in header or "expire" not in header:
                raise WrongUse("not the header of a lease file of Kea", where=f"{source.name}:{number}")
        elif line:
            row = dict(zip(header, line.split(","), strict=False))
            address = row["address"]
            if row.get("valid_lifetime") == "0" and address in leases:  # how Kea writes that a lease was taken away
                row = {**leases[address][1], "state": row.get("state") or "2", "gone": "yes"}
            leases.pop(address, None)
            if len(leases) >= MOST_RECORDS:
                raise WrongUse(f"more than {MOST_RECORDS} leases", where=source.name, advice="split it")
            leases[address] = (number, row)
    for number, row in leases.values():
        _take_row(row, f"line {number}", harvest)


def _take_row(row: dict[str, str], where: str, harvest: Harvest) -> None:
    if row.get("lease_type", "0") in _PREFIXES:
        harvest.skip(where, "a delegated prefix is no address of a host")
        return
    try:
        until = read_epoch(row.get("expire", ""))
        lasts = row.get("valid_lifetime", "")
        seen = read_epoch(str(max(int(until.timestamp()) - int(lasts), 0))) if lasts.isdigit() else None
    except Unfit as story:
        harvest.skip(where, str(story))
        return
    except ValueError:
        harvest.skip(where, f"not a duration: {show(row.get('valid_lifetime', ''))}")
        return
    state = "gone" if row.get("gone") else _STATES.get(row.get("state", ""), "")
    host = HostRecord(
        address=row["address"],
        mac=_read_card(row.get("hwaddr", ""), row.get("client_id", ""), where, harvest),
        name=row.get("hostname", "").replace("&#x2c", ","),
        seen_at=seen,
        until=until,
    )
    _take(host, state, where, harvest)


def _read_answer(source: SourceFile, harvest: Harvest) -> None:
    try:
        found = msgspec.json.decode(source.whole(MOST_JSON), type=list[_Answer] | _Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise WrongUse(f"not an answer of Kea: {show(str(error))}", where=source.name) from None
    for answer in found if isinstance(found, list) else [found]:
        if answer.result not in (0, 3):
            harvest.skip("answer", f"Kea answered {answer.result}: {show(answer.text)}")
        for at, raw in enumerate(answer.arguments.leases if answer.arguments else [], 1):
            _take_answered(raw, f"lease {at}", harvest)


def _take_answered(raw: msgspec.Raw, where: str, harvest: Harvest) -> None:
    try:
        lease = msgspec.json.decode(raw, type=_Lease)
        seen, until = check_time(lease.cltt), check_time(lease.cltt + lease.lasts)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, Unfit) as error:
        harvest.skip(where, f"not a lease: {show(str(error))}")
        return
    if lease.kind in _PREFIXES:
        harvest.skip(where, "a delegated prefix is no address of a host")
        return
    mac = _read_card(lease.hwaddr, lease.client_id, where, harvest)
    host = HostRecord(address=lease.address, mac=mac, name=lease.hostname, seen_at=seen, until=until)
    _take(host, _STATES.get(str(lease.state), ""), where, harvest)


def _take(raw: HostRecord, state: str, where: str, harvest: Harvest) -> None:
    """Take a host whose address and name are still as they stood there."""
    if state in ("declined", ""):
        what = "declined: something else answers there" if state else "of an unknown state"
        harvest.skip(where, f"{show(raw.address)} is {what}")
        return
    address = try_value(harvest, where, read_address, raw.address)
    if address is None:
        return
    name = try_value(harvest, where, read_name, raw.name) or ""
    current = state in ("active", "registered") and not harvest.is_over(raw.until)
    host = HostRecord(address=address, mac=raw.mac, name=name, seen_at=raw.seen_at, until=raw.until, current=current)
    add_host(harvest, where, host)


def _read_card(hwaddr: str, client_id: str, where: str, harvest: Harvest) -> str:
    if hwaddr:
        return try_value(harvest, where, read_mac, hwaddr) or ""
    try:
        return read_client_id(client_id)
    except Unfit:  # an identifier that says nothing of a card is usual
        return ""
