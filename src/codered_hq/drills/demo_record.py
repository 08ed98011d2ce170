"""The record that the demonstration plays: an outbreak as it was played in the laboratory, read strictly. It is written
by scripts/make-demo-record.
"""

import ipaddress
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Final, Literal

import msgspec

from codered.model.errors import WrongUse
from codered.model.finding import Confidence, Layer, Severity, Subject
from codered_hq.model.crisis import Step
from codered_hq.model.inventory import Criticality, ZoneKind
from codered_hq.model.sweep import State

NAME: Final = "journey.json"
MOST_BYTES: Final = 1 << 18
MOST_ADDRESSES: Final = 1 << 12
"""Of a range that is swept: a sweep keeps a byte for each."""
LEADS: Final = ("incident_commander", "executive", "business", "network")
"""Roles whose first choice the record names; the others are invented."""
_ADVICE: Final = "scripts/make-demo-record writes it"

Name = Annotated[str, msgspec.Meta(max_length=120)]
PersonName = Annotated[str, msgspec.Meta(pattern="^[A-Za-z][A-Za-z0-9-]{0,59}$")]
Text = Annotated[str, msgspec.Meta(max_length=2_000)]
Minute = Annotated[int, msgspec.Meta(ge=0, le=10_080)]
Vlan = Annotated[int, msgspec.Meta(ge=0, le=4094)]


class RecordedOwner(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who answers for hosts."""

    name: Name
    mail: Name = ""
    phone: Name = ""
    department: Name = ""


class RecordedZone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A zone as model.inventory.ZoneRecord, with the name of its scan point."""

    name: Name
    kind: ZoneKind
    blocked: Text = ""
    scan_point: Name = ""
    note: Text = ""


class RecordedSwitch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device that may be changed."""

    name: Name
    address: Name


class RecordedSubnet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A subnet; `silent`: the state of its addresses that did not answer the sweep, `why` it was not looked at whole;
    `documented` is False for one that was only seen.
    """

    range: Name
    name: Name = ""
    zone: Name = ""
    site: Name = ""
    owner: Name = ""
    vlan: Vlan = 0
    silent: State = "no_answer"
    why: Text = ""
    documented: bool = False


class RecordedPerson(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody's role on the day before, and who gave it to him ("" = whoever set headquarters up). His key's file is
    called after him.
    """

    name: PersonName
    role: Name
    backup: bool = False
    by: Name = ""


class EarlierPlace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a machine was before it moved."""

    address: Name
    switch: Name = ""
    port: Name = ""
    vlan: Vlan = 0
    description: Name = ""


class RecordedHost(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A host as it was known; `seen` by the sweep ("" = it did not answer), for `reasons[reason]`, which names `packs`.
    `infected` and `found` are minutes of the story (None = never); `open`: it has the hole. `ends`: its state at the
    end of the story ("" = unknown). `owner` "" = that of its subnet.
    """

    address: Name
    name: Name = ""
    mac: Name = ""
    owner: Name = ""
    switch: Name = ""
    port: Name = ""
    socket: Name = ""
    vlan: Vlan = 0
    tags: tuple[Name, ...] = ()
    criticality: Criticality = "normal"
    system: Name = ""
    product: Name = ""
    six: Name = ""
    was: EarlierPlace | None = None
    seen: State | Literal[""] = ""
    reason: Annotated[int, msgspec.Meta(ge=0)] = 0
    packs: tuple[Name, ...] = ()
    infected: Minute | None = None
    found: Minute | None = None
    open: bool = False
    ends: Name = ""

    @property
    def label(self) -> str:
        """What people call it."""
        return self.name or self.address


class RecordedFinding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a report found on a host, as codered.model.finding.Finding."""

    host: Name
    pack: Name
    indicator: Name
    layer: Layer
    confidence: Confidence
    severity: Severity
    because: Text
    subject: Subject


class RecordedDeed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody did, in order: `answer` and `rule` are what the gate said; `text` and `more` its words."""

    minute: Minute
    who: Name
    do: Literal["declare", "evidence", "claim", "finish", "step", "impact", "contain", "yes", "sweep", "scan"]
    host: Name = ""
    text: Text = ""
    more: dict[Name, Text] = {}
    answer: Literal["", "awaiting", "allowed", "refused"] = ""
    rule: Name = ""


class LastYes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The yes that is left to whoever looks at the demonstration: to cut off this host, by this person."""

    host: Name
    who: Name


class LaterDeeds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happened at a later minute, in sentences."""

    minute: Minute
    step: Step
    text: Text


class Standing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names of hosts by how they stand at minute `stands`; `refused` and `awaiting`: to be cut off."""

    infected: tuple[Name, ...]
    suspect: tuple[Name, ...]
    contained: tuple[Name, ...]
    refused: tuple[Name, ...]
    awaiting: tuple[Name, ...]


class DemoRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An outbreak up to minute `stands`, and what came later."""

    format: Literal["codered/demo-record/1"]
    stands: Minute
    owners: Annotated[tuple[RecordedOwner, ...], msgspec.Meta(max_length=100)]
    zones: Annotated[tuple[RecordedZone, ...], msgspec.Meta(max_length=100)]
    switches: Annotated[tuple[RecordedSwitch, ...], msgspec.Meta(min_length=1, max_length=100)]
    subnets: Annotated[tuple[RecordedSubnet, ...], msgspec.Meta(min_length=1, max_length=250)]
    people: Annotated[tuple[RecordedPerson, ...], msgspec.Meta(min_length=1, max_length=50)]
    reasons: Annotated[tuple[Text, ...], msgspec.Meta(max_length=500)]
    hosts: Annotated[tuple[RecordedHost, ...], msgspec.Meta(min_length=1, max_length=5_000)]
    findings: Annotated[tuple[RecordedFinding, ...], msgspec.Meta(max_length=1_000)]
    deeds: Annotated[tuple[RecordedDeed, ...], msgspec.Meta(max_length=1_000)]
    waits: LastYes
    later: Annotated[tuple[LaterDeeds, ...], msgspec.Meta(max_length=100)]
    states: Standing

    def find_subnet(self, address: str) -> RecordedSubnet | None:
        """The subnet that an address lies in."""
        number = ipaddress.ip_address(address)
        return next((one for one in self.subnets if number in ipaddress.ip_network(one.range)), None)

    def find_owner(self, host: RecordedHost) -> str:
        """Who answers for a host; "" = nobody."""
        subnet = self.find_subnet(host.address)
        return host.owner or (subnet.owner if subnet else "")


def read_demo_record(raw: bytes, where: str = NAME) -> DemoRecord:
    """A record from its text. Raises WrongUse with what is wrong."""
    if len(raw) > MOST_BYTES:
        raise WrongUse(f"more than {MOST_BYTES:,} bytes", where=where, advice=_ADVICE)
    try:
        found = msgspec.json.decode(raw, type=DemoRecord)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WrongUse(f"is no record of a demonstration: {error}", where=where, advice=_ADVICE) from None
    if problem := _find_problem(found):
        raise WrongUse(problem, where=where, advice=_ADVICE)
    return found


@lru_cache(maxsize=1)
def read_shipped_record() -> DemoRecord:
    """The one that `codered serve --demo` plays."""
    return read_demo_record(files("codered_hq.drills").joinpath(NAME).read_bytes())


def _find_problem(found: DemoRecord) -> str:
    """What does not fit together; "" = nothing."""
    try:
        return next((what for find in _FINDERS if (what := find(found))), "")
    except ValueError as error:
        return str(error)


def _find_wrong_place(found: DemoRecord) -> str:
    """Ranges that are too large, and hosts that stand nowhere or where another does."""
    labels, addresses = {host.label for host in found.hosts}, {host.address for host in found.hosts}
    if len(labels) < len(found.hosts) or len(addresses) < len(found.hosts):
        return "two hosts have one name or one address"
    swept = [deed.more["range"] for deed in found.deeds if deed.do == "sweep" and "range" in deed.more]
    networks = [(ipaddress.ip_network(one.range), one.documented) for one in found.subnets]
    networks += [(ipaddress.ip_network(one), True) for one in swept]
    for network, is_swept in networks:
        if (is_swept or network.version == 4) and network.num_addresses > MOST_ADDRESSES:
            return f"{network} has more than {MOST_ADDRESSES:,} addresses"
    for host in found.hosts:
        ipaddress.IPv4Address(host.address)  # switches and the model know no others
        if found.find_subnet(host.address) is None:
            return f"{host.address} is in none of its subnets"
    return ""


def _find_stranger(found: DemoRecord) -> str:
    """Names of hosts, switches and people, and numbers of reasons, that stand for nothing."""
    if any(host.reason >= len(found.reasons) for host in found.hosts if host.seen):
        return "a host was seen for a reason that is not there"
    hosts = {deed.host for deed in found.deeds if deed.host or deed.do in _OF_HOSTS} | {found.waits.host}
    hosts |= {label for deed in found.deeds if deed.do == "scan" for label in deed.more}
    hosts |= {one.host for one in found.findings} | {one.scan_point for one in found.zones if one.scan_point}
    people = {one.by for one in found.people if one.by} | {found.waits.who}
    people |= {deed.who for deed in found.deeds if deed.do not in _LOOKS}
    for names, known, what in (
        (hosts, {host.label for host in found.hosts}, "hosts"),
        ({host.switch for host in found.hosts if host.switch}, {one.name for one in found.switches}, "switches"),
        (people, {one.name for one in found.people}, "people"),
    ):
        if strange := sorted(names - known):
            return f"{strange[0][:60] or 'nothing'} is none of its {what}"
    first = {one.role for one in found.people if not one.backup}
    return next((f"nobody is its {role}" for role in LEADS if role not in first), "")


def _find_wrong_deed(found: DemoRecord) -> str:
    """Deeds that lack a word, or come too early."""
    if sum(deed.do == "declare" for deed in found.deeds) != 1:
        return "an incident is to be declared, once"
    asked = set()
    for deed in found.deeds:
        if lacking := [word for word in _WORDS.get(deed.do, ()) if word not in deed.more]:
            return f"{deed.do} in minute {deed.minute} lacks its {lacking[0]}"
        if deed.do == "contain":
            asked.add(deed.host)
        if deed.do == "yes" and deed.host not in asked:
            return f"a yes to cutting off {deed.host[:60]}, which nobody had asked for"
    return "" if found.waits.host in asked else f"nobody asked to cut off {found.waits.host[:60]}"


_FINDERS: Final = (_find_wrong_place, _find_stranger, _find_wrong_deed)
_LOOKS: Final = ("sweep", "scan")
_OF_HOSTS: Final = ("evidence", "contain", "yes")
_WORDS: Final = {"declare": ("title", "pack", "severity", "summary"), "finish": ("task",)}
