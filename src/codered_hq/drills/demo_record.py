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
_ADVICE: Final = "scripts/make-demo-record writes it"

Name = Annotated[str, msgspec.Meta(max_length=120)]
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
    """Somebody's role on the day before, and who gave it to him ("" = whoever set headquarters up)."""

    name: Name
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
    """What does not fit together."""
    labels = {host.label for host in found.hosts}
    addresses = {host.address for host in found.hosts}
    if len(labels) < len(found.hosts) or len(addresses) < len(found.hosts):
        return "two hosts have one name or one address"
    try:
        lost = next((host.address for host in found.hosts if found.find_subnet(host.address) is None), "")
    except ValueError as error:
        return str(error)
    if lost:
        return f"{lost} is in none of its subnets"
    if any(host.reason >= len(found.reasons) for host in found.hosts if host.seen):
        return "a host was seen for a reason that is not there"
    named = {deed.host for deed in found.deeds if deed.host} | {one.host for one in found.findings} | {found.waits.host}
    if strange := sorted(named - labels):
        return f"{strange[0][:60]} is none of its hosts"
    switches = {one.name for one in found.switches}
    strange = sorted({host.switch for host in found.hosts if host.switch} - switches)
    return f"{strange[0][:60]} is none of its switches" if strange else ""
