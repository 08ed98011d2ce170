"""Known good: what a system was when it could be trusted, and how it differs from that now."""

from array import array
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from codered.model.paths import FilePath

BASELINE_FORMAT = "codered/baseline/1"

Truth = Literal["baseline", "package-database", "package", "folder"]
"""Who says what a file must be, the most trusted first: a signed baseline, the records of the package manager, the
package itself with a hash from signed repository metadata, a folder or image that the user vouches for."""

DeviationKind = Literal[
    "content", "mode", "owner", "capabilities", "attributes", "type", "link", "missing",
    "new-executable", "new-web-file", "new-file",
    "new-autostart", "changed-autostart", "new-account", "changed-account", "new-key", "new-listener",
    "new-package", "changed-package", "missing-package",
]  # fmt: skip


class FileRecord(msgspec.Struct, frozen=True, array_like=True):
    """A file, folder or link as it was. `mode` is the whole st_mode, `digest` the BLAKE3 of the content (b"" = none was
    made), `link` where a link leads, `xattrs` the extended attributes that matter, `package` whose it was ("" = none or
    not known), `sha256` that of a content that was kept for restoring (b"" = not kept), `mtime_ns` nanoseconds since
    the epoch.
    """

    mode: int
    uid: int
    gid: int
    size: int = 0
    digest: bytes = b""
    link: bytes = b""
    xattrs: tuple[tuple[str, bytes], ...] = ()
    package: str = ""
    sha256: bytes = b""
    mtime_ns: int = 0


class EntryState(NamedTuple):
    """What `stat` says of an entry that changes with it: as long as these are the same (and the change time can be
    believed) so is the rest. `device` is 0 where it is that of the folder; times are nanoseconds since the epoch.
    """

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int


class FolderRecord(msgspec.Struct, frozen=True, array_like=True):
    """A folder (`rel` below the root) and its entries in the order of the listing: the names, `/` between them; the
    numbers of `EntryState`, one after the other as 64-bit integers of this machine's order; and the FileRecords as
    MessagePack. Two of these are compared as bytes, which is why they are not taken apart: a folder that is unchanged
    costs no more than its listing. `only`: "" = all its entries, "dots" = its files whose names begin with a dot.
    """

    rel: bytes
    names: bytes
    numbers: bytes
    files: bytes = b""
    only: Literal["", "dots"] = ""

    def states(self) -> dict[bytes, EntryState]:
        """The entries by their names. Raises ValueError if names and numbers are not as many."""
        names = self.names.split(b"/") if self.names else []
        if len(self.numbers) != len(names) * NUMBERS * 8:
            raise ValueError("a folder's numbers are not those of its names")
        flat = array("q", self.numbers).tolist()
        columns = (flat[column::NUMBERS] for column in range(NUMBERS))
        return dict(zip(names, map(EntryState, *columns), strict=True))

    def records(self) -> dict[bytes, FileRecord]:
        """What the entries were, by their names. Raises ValueError if names and records are not as many, or damaged."""
        names = self.names.split(b"/") if self.names else []
        found = _decode_files(self.files) if self.files else []
        if len(found) != len(names):
            raise ValueError("a folder's records are not those of its names")
        return dict(zip(names, found, strict=True))


NUMBERS = len(EntryState._fields)
_decode_files = msgspec.msgpack.Decoder(list[FileRecord]).decode


class PackageRecord(msgspec.Struct, frozen=True, array_like=True):
    """An installed package. `architecture` "" where the manager knows none."""

    manager: Literal["dpkg", "rpm"]
    name: str
    version: str
    architecture: str = ""


class AutostartRecord(msgspec.Struct, frozen=True, array_like=True):
    """An autostart entry: a line (`line` > 0) or a whole file. `sha256` is that of the line, or of the file."""

    kind: str
    rel: bytes
    line: int
    entry: str
    sha256: str


class AccountRecord(msgspec.Struct, frozen=True, array_like=True):
    """An account, by what decides who may do what; `password` as of Account, never a hash."""

    name: str
    uid: int
    gid: int
    home: str
    shell: str
    password: str
    groups: tuple[str, ...] = ()


class KeyRecord(msgspec.Struct, frozen=True, array_like=True):
    """A key that opens an account over SSH; `sha256` is that of its line."""

    account: str
    rel: bytes
    fingerprint: str
    sha256: str


class ListenerRecord(msgspec.Struct, frozen=True, array_like=True):
    """A program that waits for connections."""

    protocol: str
    address: str
    port: int
    program: str


class Baseline(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A system as it was. `places` are the paths below the root that were recorded, `folders` what lay there, each
    after the folder that holds it; `gaps` what could not be read, in words; `web_roots` are below the root too;
    `whole`: not only files, but packages, autostart, accounts and keys (on a live host listeners) as well; `stored`:
    contents for restoring were kept. `clock_lead_ns` is how far the clock was ahead of the time since the boot `boot`.
    """

    id: str
    tool: str
    created: datetime
    host: str
    root: str
    system: str
    places: tuple[bytes, ...]
    folders: tuple[FolderRecord, ...] = ()
    packages: tuple[PackageRecord, ...] = ()
    autostart: tuple[AutostartRecord, ...] = ()
    accounts: tuple[AccountRecord, ...] = ()
    keys: tuple[KeyRecord, ...] = ()
    listeners: tuple[ListenerRecord, ...] = ()
    web_roots: tuple[bytes, ...] = ()
    gaps: tuple[str, ...] = ()
    whole: bool = False
    stored: bool = False
    clock_lead_ns: int = 0
    boot: str = ""


class Deviation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is not as it is known to be good. `expected` and `actual` are in words ("0644 root:root");
    `sha256` and `size` are those of the file as it is now ("" = there is none); `package` owns it; a line has its
    number in `line` (from 1), its bytes in `text` (at most 256) and its hash in `line_sha256`. `name` is that of an
    account, package, listener or autostart kind; `changed` is the ctime, UTC; `note` is what else is to be said.
    """

    kind: DeviationKind
    truth: Truth
    path: FilePath | None = None
    shown: str | None = None
    name: str = ""
    expected: str = ""
    actual: str = ""
    sha256: str = ""
    size: int = 0
    package: str = ""
    line: int = 0
    text: bytes = b""
    line_sha256: str = ""
    changed: datetime | None = None
    note: str = ""
