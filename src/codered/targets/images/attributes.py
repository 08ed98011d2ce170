"""What the attributes of an NTFS file say beside its content: streams, short names, where it leads."""

import struct
from importlib import resources
from typing import NamedTuple

import msgspec

from codered.targets.images.shapes import TskFile

NAME, DATA, REPARSE = 0x30, 0x80, 0xC0
_DOS = 2  # the name space of a short name; 3 is both in one
_MOST_NAME_ATTRIBUTE = 66 + 2 * 255
_MOST_REPARSE = 16 << 10
_MOUNT_POINT, _SYMLINK = "a0000003", "a000000c"


class ReparseRule(msgspec.Struct, frozen=True):
    """What is to be done at a kind of reparse point: it is a `link`, it is passed over by rule and why, or it can't be
    read and why.
    """

    link: bool = False
    passed: str = ""
    why: str = ""


class StreamRule(msgspec.Struct, frozen=True):
    """When a stream of a name is what Windows itself keeps there: it `starts` so and has at `most` so many bytes, or
    its file has this tag of a reparse point.
    """

    most: int = 0
    starts: str = ""
    reparse: str = ""


class PassedOver(msgspec.Struct, frozen=True):
    """What of a volume is not looked at, or looked at in its own way: see `passed_over.json`. `records` are the numbers
    of the file system's own records, by name.
    """

    paged: frozenset[str]
    extend: frozenset[str]
    records: dict[str, int]
    streams: dict[str, StreamRule]
    reparse: dict[str, ReparseRule]


def _load() -> PassedOver:
    text = resources.files("codered.targets.images").joinpath("passed_over.json").read_bytes()
    return msgspec.json.decode(text, type=PassedOver)


PASSED_OVER = _load()


class Content(NamedTuple):
    """An attribute that holds bytes: its type, id, size in bytes, and flags as TSK gives them."""

    type: int
    id: int
    size: int
    flags: int


class Attributes(NamedTuple):
    """Of a file: its content (None = none that can be read), the named streams, and the id of a reparse point (-1)."""

    content: Content | None
    streams: tuple[tuple[bytes, Content], ...]
    reparse: int = -1
    reparse_size: int = 0


def read_attributes(file: TskFile) -> Attributes:
    """The attributes of an NTFS file (a `pytsk3.File`). Raises OSError."""
    content: Content | None = None
    streams: list[tuple[bytes, Content]] = []
    reparse, size = -1, 0
    for attribute in file:
        info = attribute.info
        kind = int(info.type)
        if kind == DATA:
            found = Content(kind, int(info.id), int(info.size), int(info.flags))
            name = info.name
            if name:
                streams.append((bytes(name), found))
            elif content is None:
                content = found
        elif kind == REPARSE:
            reparse, size = int(info.id), int(info.size)
    return Attributes(content, tuple(streams), reparse, size)


def is_windows_own(file: TskFile, found: Attributes, stream: bytes, content: Content) -> bool:
    """Whether a named stream is one that Windows itself keeps and that needs no look: by name and by what it holds."""
    rule = PASSED_OVER.streams.get(stream.decode(errors="replace"))
    if rule is None:
        return False
    try:
        if rule.reparse:
            return found.reparse >= 0 and read_reparse(file, found)[0] == rule.reparse
        starts = rule.starts.encode()
        if not len(starts) <= content.size <= rule.most:
            return False
        return file.read_random(0, len(starts), content.type, content.id) == starts
    except OSError:
        return False


def read_short_name(file: TskFile) -> str:
    """The 8.3 name of an NTFS file, "" if it has none. Raises OSError."""
    for attribute in file:
        if int(attribute.info.type) != NAME or int(attribute.info.size) > _MOST_NAME_ATTRIBUTE:
            continue
        data: bytes = file.read_random(0, int(attribute.info.size), NAME, int(attribute.info.id))
        if len(data) >= 66 and data[65] == _DOS:
            return data[66 : 66 + 2 * data[64]].decode("utf-16-le", "replace")
    return ""


def read_reparse(file: TskFile, found: Attributes) -> tuple[str, str]:
    """The tag of a reparse point in hexadecimal, and where it leads ("" = that is no path). Raises OSError."""
    size = min(found.reparse_size, _MOST_REPARSE)
    if size < 8:
        return "", ""
    return parse_reparse(file.read_random(0, size, REPARSE, found.reparse))


def parse_reparse(data: bytes) -> tuple[str, str]:
    """As `read_reparse`, of the bytes of the attribute: hostile."""
    if len(data) < 8:
        return "", ""
    tag = f"{struct.unpack_from('<I', data)[0]:08x}"
    start = {_MOUNT_POINT: 16, _SYMLINK: 20}.get(tag)
    if start is None or len(data) < start:
        return tag, ""
    offset, length = struct.unpack_from("<HH", data, 8)
    name = data[start + offset : start + offset + length]
    return tag, name[: len(name) & ~1].decode("utf-16-le", "replace")
