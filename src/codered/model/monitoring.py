"""Monitoring: what a watch was asked for, what it saw, what it missed, and what it keeps to go on after a crash."""

from datetime import datetime
from typing import Literal

import msgspec

from codered.model.finding import Finding
from codered.model.known_good import AccountRecord, AutostartRecord, KeyRecord, ListenerRecord
from codered.model.paths import FilePath

MONITOR_FORMAT = "codered/monitor/1"
MONITOR_REPORT_FORMAT = "codered/monitor-report/1"

EventKind = Literal[
    "reinfected", "found", "there-at-start", "new-autostart", "changed-autostart", "new-account", "changed-account",
    "new-key", "new-listener", "contained", "not-contained", "overflow", "storm", "unwatched", "unjudged", "gap",
    "alert-failed", "resumed",
]  # fmt: skip
Asked = Literal["", "autostart", "accounts"]


class WatchedPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A folder to watch, `rel` below the root; `deep`: with all folders below it. What changes there may change what
    starts by itself or who may log in: `asks`.
    """

    what: str
    rel: bytes
    deep: bool = False
    asks: Asked = ""


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which nothing was watched, UTC."""

    since: datetime
    until: datetime
    why: str


class MonitorEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that the watch tells. `count` says for how many it stands; `plan` releases what was contained."""

    time: datetime
    kind: EventKind
    story: str
    path: FilePath | None = None
    finding: Finding | None = None
    count: int = 1
    plan: str = ""


class Orders(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a watch was asked for. `seconds` is its length, `every` the seconds between two light scans (0 = none);
    `plan` a plan's file, `syslog`, `jsonl` and `webhook` where alerts go ("" = not); `paths` are watched besides.
    """

    name: str
    seconds: float
    every: float = 3600.0
    on_finding: Literal["tell", "contain"] = "tell"
    plan: str = ""
    paths: tuple[str, ...] = ()
    syslog: str = ""
    jsonl: str = ""
    webhook: str = ""
    only_paths: bool = False


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What starts by itself (`packaged`: what is exactly as its package has it), who may log in, what listens."""

    autostart: tuple[AutostartRecord, ...] = ()
    packaged: tuple[AutostartRecord, ...] = ()
    accounts: tuple[AccountRecord, ...] = ()
    keys: tuple[KeyRecord, ...] = ()
    listeners: tuple[ListenerRecord, ...] = ()


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True, tag_field="format", tag="codered/heartbeat/1"):
    """The last sign of life: `up` is CLOCK_BOOTTIME in the boot `boot`, `elapsed` the seconds of the watch so far."""

    time: datetime
    boot: str
    up: float
    elapsed: float
    pid: int
    counts: dict[str, int] = {}


class MonitorState(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="format", tag=MONITOR_FORMAT
):
    """What a watch needs to go on: `told` maps what was told to the ctime (ns) of the file then; `settled`:
    the first look is over. `ended` is set when the watch is; `unit` is the name of its systemd unit ("" = none).
    """

    orders: Orders
    tool: str
    host: str
    started: datetime
    snapshot: Snapshot | None = None
    settled: bool = False
    told: dict[str, int] = {}
    gaps: tuple[Gap, ...] = ()
    unwatched: tuple[str, ...] = ()
    ended: datetime | None = None
    unit: str = ""


class MonitorReport(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="format", tag=MONITOR_REPORT_FORMAT
):
    """How a watch went. Times are UTC, `seconds` is how long it lasted of `wanted`, gaps included. `events` are the
    first thousands of them, `counts` is complete.
    """

    name: str
    tool: str
    host: str
    started: datetime
    until: datetime
    seconds: float
    wanted: float
    over: bool
    watched: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    unwatched: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    events: tuple[MonitorEvent, ...] = ()
    counts: dict[str, int] = {}
