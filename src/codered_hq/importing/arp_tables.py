"""Tables of neighbours and of switches: `ip neigh`, `arp -an` and `arp -a`, /proc/net/arp, Cisco's `show ip arp` and
`show mac address-table`. A switch's table says where a MAC is plugged in; its name is that of the prompt.
"""

import re
from collections import Counter
from typing import Final

from codered_hq.importing.harvest import Harvest
from codered_hq.importing.records import add_host, try_value
from codered_hq.importing.source_files import SourceFile
from codered_hq.importing.values import Unfit, read_address, read_mac, read_name, read_text, show
from codered_hq.model.inventory import HostRecord, PlaceRecord

_ADDRESS = r"([0-9A-Fa-f:.]{3,45}(?:%[\w.-]{1,20})?)"
_CARD = r"((?:[0-9A-Fa-f]{1,2}[:-]){5}[0-9A-Fa-f]{1,2}|(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4})"
_NEIGHBOURS: Final = (
    re.compile(rf"{_ADDRESS} dev \S{{1,40}} (?:\S{{1,20}} ){{0,4}}?lladdr {_CARD}(?: [\w ]{{1,60}})?"),
    re.compile(rf"(?P<name>\S{{1,255}}) \({_ADDRESS}\) at {_CARD}(?: .{{0,120}})?"),
    re.compile(rf"{_ADDRESS}\s{{1,40}}0x[0-9a-f]{{1,4}}\s{{1,40}}0x[0-9a-f]{{1,4}}\s{{1,40}}{_CARD}\s.{{0,80}}"),
    re.compile(rf"Internet\s{{1,20}}{_ADDRESS}\s{{1,40}}[\d-]{{1,9}}\s{{1,40}}{_CARD}\s{{1,20}}ARPA(?:\s.{{0,80}})?"),
    re.compile(rf"{_ADDRESS}\s{{1,40}}{_CARD}\s{{1,40}}[^\W\d]{{1,20}}"),
)
_SWITCH = re.compile(
    rf"[*+ ]{{0,4}}(\d{{1,4}}|All)\s{{1,20}}{_CARD}\s{{1,20}}(?:dynamic|static|secure)\s{{1,20}}(\S.{{0,80}})",
    re.IGNORECASE,
)
_PROMPT = re.compile(r"([A-Za-z0-9][\w.-]{0,62})[#>]\s?(?:sh|show)\s.{0,200}")
_UNANSWERED = re.compile(r"\b(?:FAILED|INCOMPLETE|NOARP|incomplete|Incomplete)\b")
_HEADER = re.compile(
    r"(?:IP address|Protocol|Interface:|Vlan|Mac Address|\s{0,20}(?:Mac Address Table|Internet Address)|Legend|Total"
    r"|Address|Unicast|Multicast|All entries|\s{0,8}VLAN\s|[-=+\s]{0,200}$)",
    re.IGNORECASE,
)


def is_arp(lines: list[str]) -> bool:
    """Whether a line is one of a table of these."""
    return any(_find_neighbour(line) or _SWITCH.fullmatch(line.rstrip()[:300]) for line in lines)


def read_arp(source: SourceFile, harvest: Harvest) -> None:
    """Take neighbours as hosts, and a switch's MACs as places."""
    switch = harvest.options.switch
    seen: list[tuple[str, str, str, int, str]] = []
    for number, raw in source.lines():
        where = f"line {number}"
        if raw is None:
            harvest.skip(where, "too long a line")
            continue
        line = raw.strip()[:400]
        if match := _find_neighbour(line):
            _take_neighbour(match, line, where, harvest)
        elif match := _SWITCH.fullmatch(line):
            _note_place(match, switch or source.name.partition(".")[0], where, harvest, seen)
        elif match := _PROMPT.fullmatch(line):
            switch = harvest.options.switch or match[1]
        elif _UNANSWERED.search(line):
            harvest.note(where, "nobody answered there")
        elif line and not _HEADER.match(line):
            harvest.skip(where, f"not understood: {show(line)}")
    _take_places(seen, source, harvest)


def _find_neighbour(line: str) -> re.Match[str] | None:
    text = line.strip()[:400]
    return next((match for form in _NEIGHBOURS if (match := form.fullmatch(text))), None)


def _take_neighbour(match: re.Match[str], line: str, where: str, harvest: Harvest) -> None:
    if _UNANSWERED.search(line) or " 0x0 " in line:
        harvest.note(where, "nobody answered there")
        return
    named = match.groupdict().get("name", "")
    groups = [group for group in match.groups() if group is not None]
    address = try_value(harvest, where, read_address, groups[-2])
    mac = try_value(harvest, where, read_mac, groups[-1])
    name = (try_value(harvest, where, read_name, named) or "") if named else ""
    if address:  # a card without a place of its own (link-local) would only be one more record of it
        add_host(harvest, where, HostRecord(address=address, mac=mac or "", name=name))


def _note_place(
    match: re.Match[str], switch: str, where: str, harvest: Harvest, seen: list[tuple[str, str, str, int, str]]
) -> None:
    vlan, card, rest = match.groups()
    port = rest.split()[-1]
    if port.upper() in ("CPU", "ROUTER", "SUP-ETH1(R)", "DROP"):
        harvest.note(where, f"{card} is the switch itself")
        return
    try:
        mac, port = read_mac(card), read_text(port)
    except Unfit as story:
        harvest.skip(where, str(story))
        return
    seen.append((switch, port, mac, 0 if vlan.lower() == "all" else int(vlan), where))


def _take_places(seen: list[tuple[str, str, str, int, str]], source: SourceFile, harvest: Harvest) -> None:
    counts = Counter((switch, port) for switch, port, *_ in seen)
    for switch, port, mac, vlan, where in seen:
        name = try_value(harvest, where, read_name, switch)
        if not name:
            harvest.skip(where, "the switch has no name")
            continue
        place = PlaceRecord(
            mac=mac,
            switch=name,
            switch_address="",
            port=port,
            vlan=vlan if vlan <= 4094 else 0,
            macs=counts[switch, port],
            seen_at=source.modified,
        )
        harvest.places.append(place)
    if seen:
        harvest.note("switch tables", "say no time: taken as of when the file was written")
