"""What the API gives and takes, beside the nouns that words give with --json."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from codered_hq.containment.views import ContainmentView
from codered_hq.gate.showing import DecisionView
from codered_hq.hosts.views import HostView


class HostPage(msgspec.Struct, frozen=True, kw_only=True):
    """Hosts by number. `total` fit the filters; `next` is the cursor of the page after this one ("" = the last)."""

    hosts: tuple[HostView, ...]
    total: int
    next: str


class FindingView(msgspec.Struct, frozen=True, kw_only=True):
    """A finding from first to last sight. `host` is its number; `gone_at`: when a whole look lacked it; `report` the
    newest report that has it.
    """

    number: int
    host: int
    host_name: str
    pack: str
    indicator: str
    layer: str
    confidence: str
    severity: str
    subject_kind: str
    subject: str
    first_seen: datetime
    last_seen: datetime
    gone_at: datetime | None
    report: str


class FindingPage(msgspec.Struct, frozen=True, kw_only=True):
    """Findings by number, as HostPage."""

    findings: tuple[FindingView, ...]
    total: int
    next: str


class ActionView(msgspec.Struct, frozen=True, kw_only=True):
    """A decision, and what was done by it."""

    decision: DecisionView
    containments: tuple[ContainmentView, ...]


class ActionPage(msgspec.Struct, frozen=True, kw_only=True):
    """Actions, the newest first, as HostPage."""

    actions: tuple[ActionView, ...]
    total: int
    next: str


class AskedAction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is wanted. `host` by name, address, MAC, serial number or #NUMBER; `seconds` until it is taken back (None:
    as the rules say); `incident` "" = the only open one; `quarantine`: into the quarantine VLAN instead of off.
    """

    do: Literal["contain", "release"]
    host: Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$")]
    reason: Annotated[str, Meta(min_length=3, max_length=500, pattern=r"^[A-Za-z0-9][^\x00-\x1f\x7f]*$")]
    seconds: Annotated[float, Meta(ge=15, le=30 * 86400)] | None = None
    incident: Annotated[str, Meta(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    quarantine: bool = False


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it: an action for each decision that was asked for. `state` is that of the one that waits for
    most: allowed (the worker carries it out within seconds), awaiting (`decision.missing` says whose yes), already.
    """

    state: Literal["allowed", "awaiting", "already"]
    actions: tuple[ActionView, ...]
