"""One file, then and now: what differs, in words."""

import stat
from typing import NamedTuple

from codered.model.known_good import DeviationKind, FileRecord

_KINDS = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "folder",
    stat.S_IFLNK: "symbolic link",
    stat.S_IFIFO: "fifo",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "character device",
    stat.S_IFBLK: "block device",
}
_CAPABILITIES = "security.capability"


class Difference(NamedTuple):
    """What of a file is another, and how it was and is, in words."""

    kind: DeviationKind
    expected: str
    actual: str


def compare_files(before: FileRecord, now: FileRecord) -> list[Difference]:
    """What differs. Times, inode and size alone are no difference."""
    if stat.S_IFMT(before.mode) != stat.S_IFMT(now.mode):
        return [Difference("type", describe_kind(before), describe_kind(now))]
    found: list[Difference] = []
    if before.digest != now.digest:
        found.append(Difference("content", _describe_content(before), _describe_content(now)))
    if before.link != now.link:
        found.append(Difference("link", f"-> {_text(before.link)}", f"-> {_text(now.link)}"))
    if stat.S_IMODE(before.mode) != stat.S_IMODE(now.mode) and not stat.S_ISLNK(now.mode):
        found.append(Difference("mode", _bits(before), _bits(now)))
    if (before.uid, before.gid) != (now.uid, now.gid):
        found.append(Difference("owner", describe_owner(before), describe_owner(now)))
    return found + _compare_xattrs(dict(before.xattrs), dict(now.xattrs))


def describe_file(record: FileRecord) -> str:
    """A file in a few words: kind, mode, owner."""
    size = f" of {record.size:,} bytes" if stat.S_ISREG(record.mode) else ""
    link = f" -> {_text(record.link)}" if record.link else ""
    return f"{describe_kind(record)}{link}{size}, {describe_mode(record)}, {describe_owner(record)}"


def describe_kind(record: FileRecord) -> str:
    """What it is: file, folder, …"""
    return _KINDS.get(stat.S_IFMT(record.mode), "something else")


def describe_mode(record: FileRecord) -> str:
    """The permission bits as chmod takes them."""
    return f"mode {_bits(record)}"


def describe_owner(record: FileRecord) -> str:
    """The numbers of user and group."""
    return f"owner {record.uid}:{record.gid}"


def _compare_xattrs(before: dict[str, bytes], now: dict[str, bytes]) -> list[Difference]:
    found: list[Difference] = []
    for name in sorted(before.keys() | now.keys()):
        was, is_now = before.get(name), now.get(name)
        if was != is_now:
            kind: DeviationKind = "capabilities" if name == _CAPABILITIES else "attributes"
            found.append(Difference(kind, f"{name} {_describe_value(was)}", f"{name} {_describe_value(is_now)}"))
    return found


def _describe_value(value: bytes | None) -> str:
    return "none" if value is None else value[:64].hex()


def _describe_content(record: FileRecord) -> str:
    return f"{record.size:,} bytes, BLAKE3 {record.digest.hex()[:16]}…"


def _text(link: bytes) -> str:
    return link[:256].decode(errors="backslashreplace")


def _bits(record: FileRecord) -> str:
    return f"{stat.S_IMODE(record.mode):04o}"
