"""A zone file of the DNS: A, AAAA, PTR and CNAME. $INCLUDE is refused, $GENERATE bounded; other records name nobody."""

import re
from typing import Final

import dns.exception
import dns.name
import dns.rdataclass
import dns.reversename
import dns.tokenizer
import dns.zonefile
from dns.rdata import Rdata

from codered.model.errors import WrongUse
from codered_hq.importing.harvest import Harvest
from codered_hq.importing.records import add_host, try_value
from codered_hq.importing.source_files import SourceFile
from codered_hq.importing.values import Unfit, read_address, read_name, show
from codered_hq.model.inventory import HostRecord

MOST_BYTES: Final = 32 << 20
MOST_GENERATED: Final = 65_536
MOST_ALIASES: Final = 8
_RECORD = re.compile(r"\S{0,255}\s{1,80}(?:\d{1,10}[smhdwSMHDW]?\s{1,40})?IN\s{1,40}(?:\d{1,10}\s{1,40})?[A-Z]{1,10}\s")
_GENERATE = re.compile(r"\$GENERATE\s{1,40}(\d{1,9})-(\d{1,9})(?:/(\d{1,9}))?\s", re.IGNORECASE)
_TAKEN: Final = ("A", "AAAA", "CNAME", "PTR")
_Names = dict[str, list[str]]


class _Collected(dns.zonefile.RRsetsReaderTransaction):
    """What the reader finds, kept as it comes: dnspython's own zones drop in silence what is not below one origin."""

    def __init__(self) -> None:
        manager = dns.zonefile.RRSetsReaderManager(dns.name.root, False, dns.rdataclass.IN)
        super().__init__(manager, True, False)  # type: ignore[no-untyped-call]
        self.records: list[tuple[str, Rdata]] = []

    def add(self, name: dns.name.Name, ttl: int, rdata: Rdata) -> None:  # noqa: ARG002 - the reader's way to say it
        """One more record."""
        if rdata.rdtype.name in _TAKEN:
            self.records.append((name.to_text(omit_final_dot=True), rdata))


def is_zone_file(lines: list[str]) -> bool:
    """Whether there is a directive of a zone file, or a record of class IN."""
    return any(line.startswith(("$ORIGIN", "$TTL")) or _RECORD.match(line[:600]) for line in lines)


def read_zone_file(source: SourceFile, harvest: Harvest) -> None:
    """Take all names with their addresses. Raises WrongUse with the line where it is no zone file."""
    text = source.whole(MOST_BYTES).decode(errors="replace")
    _check_directives(text, source.name)
    collected = _Collected()
    origin = dns.name.from_text(_find_origin(text, harvest))
    try:
        tokens = dns.tokenizer.Tokenizer(text, "line")
        reader = dns.zonefile.Reader(tokens, dns.rdataclass.IN, collected, default_ttl=0)
        reader.current_origin = reader.last_name = origin
        reader.read()
    except (dns.exception.DNSException, ValueError, KeyError, IndexError, AssertionError, RecursionError) as error:
        what = str(error).removeprefix("line:") or type(error).__name__
        raise WrongUse(
            f"not a zone file: {show(what, 200)}", where=source.name, advice="see that line and the one before it"
        ) from None
    _take(collected.records, harvest)


def _find_origin(text: str, harvest: Harvest) -> str:
    """What names without a final dot end with; without it they are taken as they stand."""
    if not harvest.options.origin:
        if not re.search(r"^\$ORIGIN\s", text, re.MULTILINE | re.IGNORECASE):
            harvest.note("names", "end as they are written: the file has no $ORIGIN, and none was named")
        return "."
    try:
        return read_name(harvest.options.origin) + "."
    except Unfit as story:
        raise WrongUse(str(story), where="origin", advice="write it as example.org") from None


def _check_directives(text: str, where: str) -> None:
    """What a hostile file could make us do without end is looked at before it is read. Raises WrongUse."""
    total = 0
    for number, line in enumerate(text.split("\n"), 1):
        if "$" not in line:
            continue
        plain = line.strip().upper()
        if plain.startswith("$INCLUDE"):
            advice = "import that file by itself"
            raise WrongUse("$INCLUDE is not followed", where=f"{where}:{number}", advice=advice)
        if "$GENERATE" not in plain or plain.startswith(";"):
            continue
        match = _GENERATE.match(line)
        if match is None:
            raise WrongUse("$GENERATE is not understood", where=f"{where}:{number}", advice="write START-STOP/STEP")
        first, last, step = int(match[1]), int(match[2]), int(match[3] or 1)
        total += max(last - first, 0) // max(step, 1) + 1
        if total > MOST_GENERATED or step == 0:
            advice = f"at most {MOST_GENERATED} names are made in this way"
            raise WrongUse("$GENERATE makes too many names", where=f"{where}:{number}", advice=advice)


def _take(records: list[tuple[str, Rdata]], harvest: Harvest) -> None:
    addresses: _Names = {}
    aliases: dict[str, str] = {}
    for owner, rdata in records:
        kind = rdata.rdtype.name
        if kind in ("A", "AAAA"):
            addresses.setdefault(owner, []).append(rdata.to_text())
        elif kind == "CNAME":
            aliases[owner] = _target_of(rdata)
        else:
            _take_pointer(owner, _target_of(rdata), harvest)
    for owner, found in addresses.items():
        _take_name(owner, found, harvest)
    for alias, target in aliases.items():
        if found := _follow(target, addresses, aliases):
            _take_name(alias, found, harvest)
        else:
            harvest.skip(f"name {show(alias)}", f"stands for {show(target)}, whose address is not in this file")


def _target_of(rdata: Rdata) -> str:
    return rdata.to_text().removesuffix(".")


def _follow(target: str, addresses: _Names, aliases: dict[str, str]) -> list[str]:
    for _ in range(MOST_ALIASES):
        if target in addresses:
            return addresses[target]
        target = aliases.get(target, "")
    return []


def _take_name(owner: str, found: list[str], harvest: Harvest) -> None:
    where = f"name {show(owner)}"
    if owner.startswith("*"):
        harvest.note(where, "stands for any name")
        return
    name = try_value(harvest, where, read_name, owner)
    if not name:
        return
    for text in found:
        if address := try_value(harvest, where, read_address, text):
            add_host(harvest, where, HostRecord(address=address, name=name))


def _take_pointer(owner: str, target: str, harvest: Harvest) -> None:
    where = f"name {show(owner)}"
    try:
        address = read_address(dns.reversename.to_address(dns.name.from_text(owner)))
    except (dns.exception.DNSException, ValueError, Unfit):
        harvest.skip(where, "a pointer that is no address read backwards")
        return
    if name := try_value(harvest, where, read_name, target):
        add_host(harvest, where, HostRecord(address=address, name=name))
