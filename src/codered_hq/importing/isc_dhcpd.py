"""ISC dhcpd: its lease file, and of its configuration the hosts and subnets. The last lease of an address is the one
that holds; `abandoned` means that something else answers there.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec

from codered_hq.importing.dhcpd_words import Statement, read_statements, undo_escapes
from codered_hq.importing.harvest import MOST_RECORDS, Harvest
from codered_hq.importing.records import add_host, add_record, try_value
from codered_hq.importing.source_files import SourceFile
from codered_hq.importing.times import read_epoch
from codered_hq.importing.values import Unfit, read_address, read_client_id, read_mac, read_name, show
from codered_hq.model.inventory import HostRecord

MOST_DEPTH: Final = 16
_OURS: Final = frozenset({"lease", "host", "iaaddr"})
_WANTED: Final = frozenset(
    ["starts", "ends", "cltt", "binding", "hardware", "client-hostname", "uid", "host-name", "fixed-address", "deleted"]
)
_Leases = dict[str, tuple[str, HostRecord | None, str]]


class _Block(msgspec.Struct):
    """An open block: what it is, of what, and what has been said in it."""

    kind: str
    subject: str
    line: int
    facts: dict[str, list[str]]


def is_dhcpd(lines: list[str]) -> bool:
    """Whether a lease or a declaration of a host begins somewhere."""
    starts = ("lease ", "host ", "subnet ", "iaaddr ", "ia-na ")
    words = [line.strip() for line in lines]
    if any("dhcpd.leases(5)" in word for word in words[:10]):
        return True
    return any(word.startswith(starts) and word.endswith("{") for word in words)


def read_dhcpd(source: SourceFile, harvest: Harvest) -> None:
    """Take the last lease of each address, and declared hosts and subnets."""
    leases: _Leases = {}
    stack: list[_Block | None] = []
    for statement in read_statements(_lines(source, harvest)):
        if statement.end == "{":
            stack.append(_open(statement, harvest) if len(stack) < MOST_DEPTH else None)
        elif statement.end == "}":
            block = stack.pop() if stack else None
            if block is not None:
                _close(block, leases, harvest)
        elif stack and (block := stack[-1]) is not None and statement.words:
            if statement.words[0] in _WANTED:
                block.facts[statement.words[0]] = statement.words[1:]
        elif statement.end == "":
            harvest.skip(f"line {statement.line}", "is cut off")
    for block in stack:
        if block is not None:
            harvest.skip(f"line {block.line}", f"{block.kind} {show(block.subject)} is cut off")
    for where, host, why in leases.values():
        if host is None:
            harvest.skip(where, why)
        else:
            add_host(harvest, where, host)


def _lines(source: SourceFile, harvest: Harvest) -> Iterator[tuple[int, str]]:
    for number, line in source.lines():
        if line is None:
            harvest.skip(f"line {number}", "too long a line")
        else:
            yield number, line


def _open(statement: Statement, harvest: Harvest) -> _Block | None:
    kind, *rest = statement.words or [""]
    if kind in _OURS and rest:
        return _Block(kind, rest[0], statement.line, {})
    if kind == "subnet" and len(rest) == 3 and rest[1] == "netmask":
        add_record(harvest, "subnets", {"range": f"{rest[0]} {rest[2]}"}, f"line {statement.line}")
    if kind == "subnet6" and rest:
        add_record(harvest, "subnets", {"range": rest[0]}, f"line {statement.line}")
    if kind == "iaprefix":
        harvest.skip(f"line {statement.line}", "a delegated prefix is no address of a host")
    return None


def _close(block: _Block, leases: _Leases, harvest: Harvest) -> None:
    if block.kind == "host":
        _take_host(block, harvest)
        return
    try:
        address = read_address(block.subject)
    except Unfit as story:
        harvest.skip(f"line {block.line}", str(story))
        return
    leases.pop(address, None)
    if len(leases) < MOST_RECORDS:
        leases[address] = _make_host(address, block, harvest)  # at once: a lease's words are many, and live long
    else:
        harvest.skip(f"line {block.line}", f"more than {MOST_RECORDS} leases")


def _make_host(address: str, block: _Block, harvest: Harvest) -> tuple[str, HostRecord | None, str]:
    where = f"line {block.line}"
    facts = block.facts
    state = (facts.get("binding") or [""])[-1]
    if state == "abandoned":
        return where, None, f"{address} is abandoned: something else answers there"
    until = _read_time("ends", facts, where, harvest)
    seen = _read_time("cltt" if "cltt" in facts else "starts", facts, where, harvest)
    host = HostRecord(
        address=address,
        mac=_read_card(facts, where, harvest),
        name=_read_fact(facts, "client-hostname", where, harvest),
        seen_at=seen,
        until=until,
        current=state in ("active", "", "bootp", "reserved") and not harvest.is_over(until),
    )
    return where, host, ""


def _take_host(block: _Block, harvest: Harvest) -> None:
    where = f"line {block.line}"
    if "deleted" in block.facts:
        harvest.note(where, f"host {show(block.subject)} was deleted")
        return
    fixed = "".join(block.facts.get("fixed-address", [])).split(",")
    name = _read_fact(block.facts, "host-name", where, harvest) or (
        try_value(harvest, where, read_name, block.subject) or ""
    )
    mac = _read_card(block.facts, where, harvest)
    for text in fixed[:16]:
        address = try_value(harvest, where, read_address, text) or "" if text else ""
        add_host(harvest, where, HostRecord(address=address, mac=mac, name=name))


def _read_card(facts: dict[str, list[str]], where: str, harvest: Harvest) -> str:
    hardware = facts.get("hardware")
    if hardware:
        if hardware[0] != "ethernet" or len(hardware) != 2:
            harvest.skip(where, f"not Ethernet: {show(' '.join(hardware))}")
            return ""
        return try_value(harvest, where, read_mac, hardware[1]) or ""
    uid = undo_escapes((facts.get("uid") or [""])[0])
    if len(uid) == 7:  # type and six octets: how a client without an identifier of its own is known
        try:
            return read_client_id(uid.encode("latin-1", "replace").hex())
        except Unfit:
            return ""
    return ""


def _read_fact(facts: dict[str, list[str]], name: str, where: str, harvest: Harvest) -> str:
    words = facts.get(name)
    return (try_value(harvest, where, read_name, undo_escapes(words[0])) or "") if words else ""


def _read_time(name: str, facts: dict[str, list[str]], where: str, harvest: Harvest) -> datetime | None:
    words = facts.get(name)
    if words is None:
        return None
    try:
        if len(words) == 2 and words[0] == "epoch":
            return read_epoch(words[1])
        if len(words) == 3:  # day of the week, date, time: in UTC unless db-time-format says local
            return harvest.times.read_utc(words[1], words[2])
        if words == ["never"]:
            return None
        raise Unfit(f"not a time: {show(' '.join(words))}")
    except Unfit as story:
        harvest.skip(where, f"{name}: {story}")
        return None
