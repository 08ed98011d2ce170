"""Plan: a value. Reviewed as a file, approved by its digest, refused when the state is no longer what it expects."""

import hashlib
from datetime import datetime
from typing import Literal

import msgspec

from codered.model.paths import FilePath
from codered.model.target import TargetInfo

PLAN_FORMAT = "codered/plan/1"

ActionKind = Literal["quarantine_file", "delete_file", "restore_file"]


class FileState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file as it is: absent, or with this content and these attributes. `mode` holds permission bits only;
    times are nanoseconds since the epoch.
    """

    exists: bool
    sha256: str = ""
    size: int = 0
    mode: int = 0
    uid: int = 0
    gid: int = 0
    mtime_ns: int = 0


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A known-good file to restore from: its path on the machine that runs the tool, and the hash it must have. `size`
    and `mtime_ns` are what the restored file gets; `mode`, `uid` and `gid` only if nothing is there to keep them from.
    """

    path: FilePath
    sha256: str
    size: int = 0
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    mtime_ns: int = 0


class Action(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One change: what kind, where, the state it was planned on, and why. `id` is unique within the plan."""

    id: str
    kind: ActionKind
    path: FilePath
    expects: FileState
    because: str
    findings: tuple[str, ...] = ()
    pack: str = ""
    shown: str | None = None
    undoable: bool = True
    source: Source | None = None


class LeftAlone(msgspec.Struct, frozen=True, kw_only=True):
    """A finding or place the plan does not touch, and why."""

    what: str
    because: str


class Plan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="format", tag=PLAN_FORMAT):
    """Ordered actions on one target. `digest` is "sha256:…" over everything else in the plan."""

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


def digest_plan(plan: Plan) -> str:
    """The digest a reviewer approves: SHA-256 of the plan's canonical JSON with the digest field empty."""
    body = msgspec.json.encode(msgspec.structs.replace(plan, digest=""), order="deterministic")
    return "sha256:" + hashlib.sha256(body).hexdigest()


def seal_plan(plan: Plan) -> Plan:
    """The same plan with its digest filled in."""
    return msgspec.structs.replace(plan, digest=digest_plan(plan))
