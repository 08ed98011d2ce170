"""Evidence: what was collected before anything was changed, and who had it since."""

from datetime import datetime
from typing import Literal

import msgspec

from codered.model.paths import FilePath

EVIDENCE_FORMAT = "codered/evidence/1"
CUSTODY_FORMAT = "codered/custody/1"
# Not the vault's way (every bit turned over): memory in which such bytes lie would become plain in a container.
ENCODING = "every byte XOR 0xA5"

ItemKind = Literal[
    "host", "plan", "report", "processes", "sockets", "process", "program", "memory", "memory-runs", "file", "link",
    "log", "autostart", "accounts", "packages", "firewall", "mounts",
]  # fmt: skip

CustodyEvent = Literal["collect", "copy", "transfer", "open", "seal", "export", "destroy"]


class FolderTimes(msgspec.Struct, frozen=True):
    """The times of the folder a file lay in, before the file was read; nanoseconds since the epoch."""

    mtime_ns: int
    ctime_ns: int
    atime_ns: int


class FileAttributes(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a file was besides its content: the whole st_mode, owner, times in nanoseconds, extended attributes, the
    number of its names, and the times of its folder.
    """

    mode: int
    uid: int
    gid: int
    mtime_ns: int
    ctime_ns: int
    atime_ns: int
    device: int = 0
    inode: int = 0
    links: int = 1
    xattrs: tuple[tuple[str, bytes], ...] = ()
    folder: FolderTimes | None = None


class ItemOrigin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where an item comes from: `source` in words, `path` as the machine that ran the tool has it, `attributes` of a
    file, `pid` and `start` (clock ticks since boot) of a process.
    """

    kind: ItemKind
    source: str
    path: FilePath | None = None
    attributes: FileAttributes | None = None
    pid: int = 0
    start: int = 0


class EvidenceItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that was collected. `name` is its file in the container, neutral: names of the suspect machine stand in
    `origin` only. `sha256` and `size` (bytes) are those of the content that was kept, plain. `full_size` is that of
    the original where only a part was kept (0 = all of it was), from the byte `offset` on; `changed` says that the
    original changed while it was read. `order` counts from 1, in the order of collecting.
    """

    id: str
    name: str
    order: int
    origin: ItemOrigin
    sha256: str
    size: int
    collected: datetime
    full_size: int = 0
    offset: int = 0
    changed: bool = False


class LeftOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that is not in the container, and why. `path` has its exact name, if it has one."""

    what: str
    because: str
    path: FilePath | None = None


class ContainerFile(msgspec.Struct, frozen=True):
    """A file of the container that is no item: its SHA-256 and size in bytes."""

    name: str
    sha256: str
    size: int


class EvidenceHeading(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a container is about: the machine and its boot, the root that was looked at, the plan and report it was
    collected for ("" = none), who collected on whose authority. Of a tree `host` is "" and `collected_on` the machine
    that ran the tool ("" = the host itself).
    """

    host: str
    boot: str
    root: str
    tool: str
    by: str
    authority: str = ""
    plan_id: str = ""
    report_id: str = ""
    include_secrets: bool = False
    collected_on: str = ""


class EvidenceManifest(msgspec.Struct, frozen=True, kw_only=True, tag_field="format", tag=EVIDENCE_FORMAT):
    """All that a container holds. `encoding` is how items are kept, `key` the raw public key (hexadecimal) that sealed
    it, `custody` the number of custody entries before the seal; `ended` says why collecting stopped before its end
    ("" = it did not). Times are UTC.
    """

    id: str
    heading: EvidenceHeading
    created: datetime
    finished: datetime
    encoding: str
    key: str
    custody: int
    complete: bool
    ended: str = ""
    items: tuple[EvidenceItem, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    files: tuple[ContainerFile, ...] = ()


class CustodyEntry(msgspec.Struct, frozen=True, kw_only=True, tag_field="format", tag=CUSTODY_FORMAT):
    """One line of custody.jsonl. `evidence_id` is the container's id, or that and the item's (`ID/000001`); `size` in
    bytes; `giver` is written as `from`, `receiver` as `to`; `at` is UTC, RFC 3339. `key` is the signer's raw public
    key, `hash` the SHA-256 of the entry's canonical JSON without `hash` and `signature`; all of these hexadecimal.
    """

    seq: int
    prev: str
    evidence_id: str
    what: CustodyEvent
    who: str
    at: str
    key: str
    hash: str
    signature: str
    sha256_before: str = ""
    sha256_after: str = ""
    size: int = 0
    authority: str = ""
    giver: str = msgspec.field(default="", name="from")
    receiver: str = msgspec.field(default="", name="to")
    why: str = ""


class EvidenceSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What came of collecting: `folder` is the container, `bytes` those of its items, `head` the hash of the last
    custody entry, to be published; `ended` as of the manifest.
    """

    id: str
    folder: str
    items: int
    bytes: int
    head: str
    left_out: tuple[LeftOut, ...] = ()
    complete: bool = True
    ended: str = ""
