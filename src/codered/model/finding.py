"""Finding: an observation, why it matters, and the evidence for it."""

from datetime import datetime
from typing import Literal

import msgspec

from codered.model.paths import FilePath

Confidence = Literal["confirmed", "likely", "suspicious"]
Severity = Literal["critical", "high", "medium", "low"]
Layer = Literal[
    "files",
    "logs",
    "memory",
    "processes",
    "network",
    "traffic",
    "settings",
    "autostart",
    "accounts",
    "integrity",
    "patches",
]
SubjectKind = Literal[
    "file", "directory", "address", "process", "memory", "setting", "autostart", "account", "key", "package"
]

CONFIDENCES: tuple[Confidence, ...] = ("confirmed", "likely", "suspicious")
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")
UNATTRIBUTED = "unattributed"


class Subject(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the finding is about. `path` is the path on the machine that ran the tool; `shown` is how the examined
    system itself names it (`C:\\inetpub\\scripts\\root.exe`), when that differs. A process is its `pid` and `start`
    (clock ticks since boot), `key` its name; memory has its address (hexadecimal) in `address`, and `pid`, or `path`
    for a dump.
    An autostart entry has its kind in `key` and, if it is one line, the `line` (from 1) of the file `path`; an account
    its name in `key`, an SSH key its fingerprint. `links` switch an autostart entry on. A setting has its full name in
    `key` (a registry or metabase key, with a colon and the value's name). What stands in the registry has its concrete
    key in `registry` and the value's name in `value` ("" = the default value, None = the key itself), escaped as
    `model.registry.escape_name` does; `path` is then the hive's file.
    """

    kind: SubjectKind
    path: str | None = None
    path_raw: bytes | None = None
    shown: str | None = None
    pid: int | None = None
    address: str | None = None
    key: str | None = None
    start: int | None = None
    line: int | None = None
    links: tuple[FilePath, ...] = ()
    registry: str | None = None
    value: str | None = None

    def file_path(self) -> FilePath:
        """The exact path of a file or directory subject. Raises ValueError if the subject is something else."""
        if self.path is None:
            raise ValueError(f"a {self.kind} has no path")
        return FilePath(self.path, self.path_raw)

    def name(self) -> str:
        """The subject in a few words, unescaped: the caller escapes for its medium."""
        place = self.shown or self.path or ""
        line = f"{place}:{self.line}" if self.line else place
        called = f" {self.key}" if self.key else ""
        match self.kind:
            case "process":
                return f"process {self.pid}{called}" + (f", {place}" if place else "")
            case "memory":
                whose = f"memory of process {self.pid}{called}" if self.pid else place
                return f"{whose} at {self.address}"
            case "autostart" | "setting":
                return self._name_setting() or line or self.key or self.kind
            case "account" | "key":
                return f"{self.kind}{called} in {line}"
        return place or self.address or self.key or self.kind

    def _name_setting(self) -> str:
        """What stands in a registry or configuration goes by its own name there: "" = it is a line or a file."""
        if self.registry is not None:
            return self.registry if self.value is None else f"{self.registry}:{self.value}"
        return self.key or "" if self.kind == "setting" and not self.line else ""


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One piece of proof. `data` is at most 256 bytes as they were found (base64 in JSON, so that a report can never
    match the rules that made it); `offset` is in bytes from the start of the subject; `line` counts from 1.
    """

    what: str
    data: bytes | None = None
    offset: int | None = None
    line: int | None = None
    source: str | None = None
    sha256: str | None = None
    size: int | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One judged observation.

    `pack` is "unattributed" while several threats share the sign; `shared_by` then names them. `count`, `first_seen`,
    `last_seen` (UTC) and `answers` (HTTP status -> requests) belong to log findings. `remedy` is the kind of removal
    that fits where no pack names one ("" = none: a person must decide). `near` says that a likely finding of the same
    hour may raise it; not what looks just like an administrator's own.
    """

    id: str
    pack: str
    indicator: str
    layer: Layer
    subject: Subject
    confidence: Confidence
    severity: Severity
    because: str
    evidence: tuple[Evidence, ...] = ()
    attack: tuple[str, ...] = ()
    shared_by: tuple[str, ...] = ()
    count: int = 1
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    answers: dict[str, int] = {}
    internal: bool | None = None
    remedy: str = ""
    near: bool = True
