"""Known good: what a system was when it could be trusted, and how it differs from that now."""

from datetime import datetime
from typing import Literal

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
    """A file, folder or link as it was; `rel` lies below the root. `mode` is the whole st_mode, times are nanoseconds
    since the epoch, `digest` the BLAKE3 of the content (b"" = none was made), `link` where a link leads, `xattrs` the
    extended attributes.
    """

    rel: bytes
    mode: int
    uid: int
    gid: int
    size: int
    mtime_ns: int
    ctime_ns: int
    device: int
    inode: int
    digest: bytes = b""
    link: bytes = b""
    xattrs: tuple[tuple[str, bytes], ...] = ()


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
    """A system as it was. `places` are the paths below the root that were recorded, `gaps` what could not be read, in
    words; `web_roots` are below the root too; `stored` says that contents for restoring were kept.
    """

    id: str
    tool: str
    created: datetime
    host: str
    root: str
    system: str
    places: tuple[bytes, ...]
    files: tuple[FileRecord, ...] = ()
    packages: tuple[PackageRecord, ...] = ()
    autostart: tuple[AutostartRecord, ...] = ()
    accounts: tuple[AccountRecord, ...] = ()
    keys: tuple[KeyRecord, ...] = ()
    listeners: tuple[ListenerRecord, ...] = ()
    web_roots: tuple[bytes, ...] = ()
    gaps: tuple[str, ...] = ()
    stored: bool = False


class Deviation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is not as it is known to be good. `expected` and `actual` are in words ("0644 root:root");
    `sha256` and `size` are those of the file as it is now ("" = there is none); `package` owns it; a line has its
    number in `line` (from 1), its bytes in `text` (at most 256) and its hash in `line_sha256`. `name` is that of an
    account, package, listener or autostart kind; `changed` is the ctime, UTC.
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
