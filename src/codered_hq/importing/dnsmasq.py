"""dnsmasq's lease file: `ends mac address name client-id`, one lease a line; after `duid …` those of IPv6."""

import re

from codered_hq.importing.harvest import Harvest
from codered_hq.importing.records import add_host, try_value
from codered_hq.importing.source_files import SourceFile
from codered_hq.importing.times import read_epoch
from codered_hq.importing.values import Unfit, read_address, read_mac, read_name
from codered_hq.model.inventory import HostRecord

_LEASE = re.compile(
    r"\d{1,12} (?:[0-9a-fA-F]{2}-)?(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2} [0-9.]{7,15} \S{1,255} \S{1,400}"
)
_LEASE6 = re.compile(r"\d{1,12} T?\d{1,10} [0-9a-fA-F:]{2,39} \S{1,255} \S{1,400}")


def is_dnsmasq(lines: list[str]) -> bool:
    """Whether the first line that says something is a lease or the server's DUID."""
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("duid "):
        return all(_LEASE6.fullmatch(line) for line in lines[1:3] if line)
    return bool(_LEASE.fullmatch(first))


def read_dnsmasq(source: SourceFile, harvest: Harvest) -> None:
    """Take all leases."""
    for number, line in source.lines():
        where = f"line {number}"
        if line is None:
            harvest.skip(where, "too long a line")
            continue
        parts = line.split()
        if not parts or parts[0] == "duid":
            continue
        if len(parts) != 5:
            harvest.skip(where, "not a lease of five words")
            continue
        _take(parts, where, harvest)


def _take(parts: list[str], where: str, harvest: Harvest) -> None:
    ends, card, address, name, _ = parts
    try:
        place = read_address(address)
        until = None if ends == "0" else read_epoch(ends)
    except Unfit as story:
        harvest.skip(where, str(story))
        return
    mac = "" if card.lstrip("T").isdigit() else try_value(harvest, where, read_mac, card) or ""
    host = HostRecord(
        address=place,
        mac=mac,
        name=try_value(harvest, where, read_name, name) or "",
        until=until,
        current=not harvest.is_over(until),
    )
    add_host(harvest, where, host)
