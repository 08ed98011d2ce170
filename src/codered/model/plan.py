"""Plan: a value. Reviewed as a file, approved by its digest, refused when the state is no longer what it expects."""

import hashlib
from datetime import datetime
from typing import Literal

import msgspec

from codered.model.firewall import FirewallOrder, FirewallState
from codered.model.paths import FilePath
from codered.model.target import TargetInfo

PLAN_FORMAT = "codered/plan/1"

ActionKind = Literal[
    "stop_process", "kill_process", "quarantine_file", "delete_file", "restore_file",
    "remove_line", "remove_key", "reset_setting", "lock_account", "disable_service",
    "disable_module", "upgrade_package", "isolate_host", "block_outbound", "throttle_outbound", "freeze_process",
    "set_value", "delete_value", "delete_key",
]  # fmt: skip


class FileState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="of", tag="file"):
    """A file as it is: absent, or with this content and these attributes. `mode` holds permission bits only;
    times are nanoseconds since the epoch; `capabilities` is the extended attribute security.capability in hexadecimal;
    `windows` the SHA-256 over what NTFS keeps beside the content: streams, ACL, attributes, short name ("" = no NTFS).
    """

    exists: bool
    sha256: str = ""
    size: int = 0
    mode: int = 0
    uid: int = 0
    gid: int = 0
    mtime_ns: int = 0
    capabilities: str = ""
    windows: str = ""


class ProcessState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="of", tag="process"):
    """A process: gone, running, or held (frozen, so that it can do nothing). `start` is in clock ticks since boot and
    `boot` the kernel's boot id: together with the pid they are its identity. `sha256` is that of what it runs ("" =
    could not be read), `command` its arguments, for the reviewer.
    """

    pid: int
    start: int
    boot: str
    state: Literal["running", "held", "gone"]
    sha256: str = ""
    command: str = ""


class LinkState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A symbolic link: where it lies and where it leads (None = there is no link there)."""

    path: FilePath
    target: FilePath | None = None


class LinksState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="of", tag="links"):
    """The symbolic links that switch a service on, or mask it."""

    links: tuple[LinkState, ...]


class PackageState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="of", tag="package"):
    """A package of the system's package manager at a version; `version` "" = it is not installed."""

    manager: Literal["dpkg", "rpm"]
    name: str
    architecture: str
    version: str = ""


class ValueState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="of", tag="value"):
    """A value of the registry, or that there is none: `type` is a REG_ number, `data` its bytes (at most 1 MiB)."""

    exists: bool
    type: int = 0
    data: bytes = b""


class KeyState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="of", tag="registry_key"):
    """A key of the registry with all below it, or that there is none: `sha256` over the whole tree (names, types, data,
    in order), how many keys and values it has.
    """

    exists: bool
    sha256: str = ""
    keys: int = 0
    values: int = 0


State = FileState | ProcessState | LinksState | PackageState | FirewallState | ValueState | KeyState


class RegistryPlace(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where in a registry: the hive's root (`HKLM\\SYSTEM`), the concrete key below it (no leading backslash), the
    value's name (None = the key itself). Names that are no valid text stand in `key_raw` and `value_raw` in UTF-16-LE,
    and the texts are then only for reading. The hive's file is the action's `path`; live, that is the key's full name.
    """

    hive: str
    key: str
    value: str | None = None
    key_raw: bytes | None = None
    value_raw: bytes | None = None


class LineChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a file, by its number (from 1) and the SHA-256 of its bytes without the line's end; `shown` is its
    text for the reviewer, `becomes` the bytes that take its place (None = the line goes).
    """

    line: int
    sha256: str
    shown: str
    becomes: bytes | None = None


class Edit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an action changes in a file that stays: lines, permission bits (`mode`), or its capabilities (which go).
    `outcome` is the file's state afterwards; its mtime_ns is 0: the time of the change.
    """

    outcome: FileState
    lines: tuple[LineChange, ...] = ()
    mode: int | None = None
    drop_capabilities: bool = False


class Source(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A known-good file to restore from: its path on the machine that runs the tool, and the hash it must have. `size`
    and `mtime_ns` are what the restored file gets; `mode`, `uid` and `gid` only if nothing is there to keep them from,
    or if `owns_attributes`: then the source vouches for them too, and `xattrs` (name -> value; None = those that are
    there stay) with them. `origin` says in words why it is believed.
    """

    path: FilePath
    sha256: str
    size: int = 0
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    mtime_ns: int = 0
    owns_attributes: bool = False
    xattrs: dict[str, bytes] | None = None
    origin: str = ""


class NoSource(msgspec.Struct, frozen=True):
    """Why there is no verified known-good file for a place, in words for the user."""

    because: str


class Action(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One change: what kind, where, the state it was planned on, and why. `id` is unique within the plan. `path` is the
    file, the unit or script of a service, or what a process runs. `edit` belongs to the kinds that change a file in
    place, `becomes` to `disable_service` and `disable_module`: the links afterwards; `upgrade` to `upgrade_package`:
    the package afterwards; `firewall` to the kinds that contain a host; `registry` to those that change one, `sets` to
    `set_value`: the value afterwards. `replays`: SHA-256 over the transaction logs of a hive that was not written to
    its end; they are applied with its first change ("" = it is whole).
    """

    id: str
    kind: ActionKind
    path: FilePath
    expects: State
    because: str
    findings: tuple[str, ...] = ()
    pack: str = ""
    shown: str | None = None
    undoable: bool = True
    source: Source | None = None
    edit: Edit | None = None
    becomes: LinksState | None = None
    upgrade: PackageState | None = None
    firewall: FirewallOrder | None = None
    registry: RegistryPlace | None = None
    sets: ValueState | None = None
    replays: str = ""

    def file_state(self) -> FileState:
        """The file the plan expects. Raises TypeError if the action is not about a file."""
        if not isinstance(self.expects, FileState):
            raise TypeError(f"{self.kind} is not about a file")
        return self.expects

    def process_state(self) -> ProcessState:
        """The process the plan expects. Raises TypeError if the action is not about a process."""
        if not isinstance(self.expects, ProcessState):
            raise TypeError(f"{self.kind} is not about a process")
        return self.expects


class LeftAlone(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A finding or place the plan does not touch, and why. `blocked`: it is to go, but nothing can be changed there as
    the volume or the file stands now.
    """

    what: str
    because: str
    blocked: bool = False


class Plan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="format", tag=PLAN_FORMAT):
    """Ordered actions on one target. `digest` is "sha256:…" over everything else in the plan. `sealed_as`: the document
    over which an older version took that digest, where this version would write the same plan otherwise.
    """

    id: str
    tool: str
    created: datetime
    report_id: str
    target: TargetInfo
    packs: tuple[str, ...]
    actions: tuple[Action, ...]
    left_alone: tuple[LeftAlone, ...] = ()
    advice: tuple[str, ...] = ()
    digest: str = ""
    sealed_as: bytes = b""


def digest_plan(plan: Plan) -> str:
    """The digest a reviewer approves: SHA-256 of the plan's canonical JSON with the digest field empty; of `sealed_as`
    if that says the very same as the plan, and nothing more.
    """
    if plan.sealed_as and _says(plan.sealed_as, plan):
        return hash_body(plan.sealed_as)
    return hash_body(msgspec.json.encode(msgspec.structs.replace(plan, digest=""), order="deterministic"))


def seal_plan(plan: Plan) -> Plan:
    """The same plan with its digest filled in."""
    return msgspec.structs.replace(plan, digest=digest_plan(plan))


def read_older(body: bytes) -> Plan:
    """A plan from the bytes that it was sealed as. Before processes could be planned, what an action expects was always
    a file, and did not say so. Raises msgspec.DecodeError.
    """
    document = msgspec.json.decode(body)
    actions = document.get("actions") if isinstance(document, dict) else None
    for action in actions if isinstance(actions, list) else ():
        if isinstance(action, dict) and isinstance(action.get("expects"), dict):
            action["expects"].setdefault("of", "file")
    return msgspec.convert(document, Plan)


def _says(body: bytes, plan: Plan) -> bool:
    try:
        read = read_older(body)
        if read != msgspec.structs.replace(plan, digest="", sealed_as=b""):
            return False
        return not find_unknown(msgspec.json.decode(body), read)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def find_unknown(document: object, read: object, where: str = "") -> str:
    """Where a decoded document holds a field that is not in what was read of it; "" if nowhere."""
    inner: list[tuple[object, object, str]] = []
    if isinstance(document, dict) and isinstance(read, msgspec.Struct):
        known = dict(zip(read.__struct_encode_fields__, read.__struct_fields__, strict=True))
        for key, value in document.items():
            if key in known:
                inner.append((value, getattr(read, known[key]), f"{where}.{key}"))
            elif key != read.__struct_config__.tag_field:
                return f"{where}.{key}"
    elif isinstance(document, list) and isinstance(read, tuple):
        inner = [(one, two, f"{where}[{n}]") for n, (one, two) in enumerate(zip(document, read, strict=True))]
    return next((found for each in inner if (found := find_unknown(*each))), "")


def hash_body(body: bytes) -> str:
    """A digest as plans carry it."""
    return "sha256:" + hashlib.sha256(body).hexdigest()
