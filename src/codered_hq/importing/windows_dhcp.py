"""Windows' DHCP server: Get-DhcpServerv4Lease by Export-Csv, the list that its console exports, and the text of
`netsh dhcp server … scope … show clients 1`. Times are the server's local ones.
"""

import re
from typing import Final

from codered.model.errors import WrongUse
from codered_hq.importing.csv_files import read_rows
from codered_hq.importing.harvest import Harvest
from codered_hq.importing.records import add_host, try_value
from codered_hq.importing.source_files import SourceFile
from codered_hq.importing.values import Unfit, read_address, read_client_id, read_mac, read_name, show
from codered_hq.model.inventory import HostRecord

_COLUMNS: Final = {
    "ipaddress": "address", "client ip address": "address",
    "clientid": "card", "unique id": "card",
    "hostname": "name", "name": "name",
    "addressstate": "state", "type": "state",
    "leaseexpirytime": "until", "lease expiration": "until",
}  # fmt: skip
_IPV4 = r"\d{1,3}(?:\.\d{1,3}){3}"
_CLIENT = re.compile(
    rf"\s{{0,8}}({_IPV4})\s{{1,20}}-\s{{0,4}}{_IPV4}\s{{1,20}}-\s{{0,4}}([0-9A-Fa-f-]{{2,200}}?)\s{{1,60}}"
    r"-\s{0,4}(\S.{0,40}?)\s{1,60}-\s{0,2}[NDBUR](?:-\s{0,40}(.{0,260}))?",
    re.ASCII,
)
_TABLE = re.compile(r"IP Address\s{1,20}- Subnet Mask\s{1,20}- Unique ID", re.IGNORECASE)
_STARTS_WITH_ADDRESS = re.compile(rf"\s{{0,8}}{_IPV4}\s", re.ASCII)
_OVER: Final = ("expired", "inactive", "offered")


def is_windows_dhcp(lines: list[str]) -> bool:
    """Whether it is netsh's table, or a header names an address and a client's identifier."""
    if any(_TABLE.search(line[:200]) for line in lines):
        return True
    header = next((line for line in lines if line.strip() and not line.startswith("#TYPE")), "")
    columns = {_COLUMNS.get(name) for name in _split(header)}
    return {"address", "card"} <= columns


def read_windows_dhcp(source: SourceFile, harvest: Harvest) -> None:
    """Take all leases. Raises WrongUse if it is neither of the two forms."""
    if any(_TABLE.search(line[:200]) for line in source.sample()):
        _read_table(source, harvest)
        return
    rows = read_rows(source, harvest)
    _, header = next(rows, ("", []))
    places = {field: at for at, name in enumerate(header) if (field := _COLUMNS.get(name))}
    if "address" not in places or "card" not in places:
        advice = "export it with Get-DhcpServerv4Lease | Export-Csv, or save netsh's text"
        raise WrongUse("not an export of Windows' DHCP server", where=source.name, advice=advice)
    for where, row in rows:
        _take({field: row[at].strip() for field, at in places.items() if at < len(row)}, where, harvest)


def _split(header: str) -> list[str]:
    return [cell.strip().strip('"').lower() for cell in re.split(r"[,;\t]", header[:4000])]


def _read_table(source: SourceFile, harvest: Harvest) -> None:
    for number, line in source.lines():
        where = f"line {number}"
        if line is None:
            harvest.skip(where, "too long a line")
        elif match := _CLIENT.fullmatch(line.rstrip()[:700]):
            address, card, until, name = match.groups()
            state = "inactive" if until.upper() == "INACTIVE" else "active"
            fields = {"address": address, "card": card, "name": (name or "").strip(), "state": state}
            fields["until"] = "" if state == "inactive" else until
            _take(fields, where, harvest)
        elif _STARTS_WITH_ADDRESS.match(line):
            harvest.skip(where, f"not understood: {show(line)}")


def _take(fields: dict[str, str], where: str, harvest: Harvest) -> None:
    address = try_value(harvest, where, read_address, fields.get("address", ""))
    if address is None:
        return
    state = fields.get("state", "").lower()
    name = fields.get("name", "")
    if "declined" in state or name.upper() == "BAD_ADDRESS":
        harvest.skip(where, f"{address} is declined: something else answers there")
        return
    until = try_value(harvest, where, harvest.times.read, fields.get("until", ""))
    host = HostRecord(
        address=address,
        mac=_read_card(fields.get("card", ""), where, harvest),
        name=try_value(harvest, where, read_name, name) or "",
        until=until,
        current=not any(word in state for word in _OVER) and not harvest.is_over(until),
    )
    add_host(harvest, where, host)


def _read_card(text: str, where: str, harvest: Harvest) -> str:
    """The MAC of a client's identifier; one of another length says nothing of a card (dial-in, clients of IPv6)."""
    bare = text.replace("-", "").replace(":", "").strip()
    if len(bare) == 12:
        return try_value(harvest, where, read_mac, text) or ""
    try:
        return read_client_id(text)
    except Unfit:
        if text:
            harvest.skip(where, f"the identifier {show(text)} is no Ethernet address")
        return ""
