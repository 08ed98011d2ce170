"""What Python compiled, as far as it tells which source it is of. What is in the code itself is not looked at."""

import re

_CACHED = re.compile(rb"([^/]+?)\.[a-z]+-?[0-9]+(?:\.opt-[0-9a-z]+)?\.pyc")
_FIRST_OF_3, _FIRST_WITH_FLAGS, _NO_MORE = 3000, 3390, 5000  # magic numbers of Python 3.0, of 3.7, and of none yet
_FOUR_BYTES = 0xFFFFFFFF


def is_compiled(rel: bytes) -> bool:
    """Whether the name is one of compiled Python."""
    return rel.endswith((b".pyc", b".pyo"))


def name_source(rel: bytes) -> bytes:
    """The path of the source from which Python would have compiled this file; b"" if there is none."""
    folder, _, name = rel.rpartition(b"/")
    above, _, last = folder.rpartition(b"/")
    if last == b"__pycache__":
        found = _CACHED.fullmatch(name)
        if found is None:
            return b""
        folder, stem = above, found[1]
    else:
        stem = name[:-4]
    if not stem or not is_compiled(name):
        return b""
    return (folder + b"/" if folder else b"") + stem + b".py"


def fits_source(head: bytes, mtime_ns: int, size: int) -> bool:
    """Whether a compiled file (its first bytes) is of a source of this time (nanoseconds since the epoch) and size, so
    that Python would have written it, and believes it, for the time. One that goes by a hash Python does not write as
    it runs.
    """
    place = _place_of_time(head)
    return bool(place) and head[place : place + 8] == _pack(mtime_ns, size)


def with_source(data: bytes, mtime_ns: int, size: int) -> bytes:
    """The compiled file as it would be of a source of this time and size, but for that the same."""
    place = _place_of_time(data)
    return data[:place] + _pack(mtime_ns, size) + data[place + 8 :]


def _place_of_time(head: bytes) -> int:
    """Where the header has time and size of the source; 0 if it is none that has them."""
    number = int.from_bytes(head[:2], "little")
    if head[2:4] != b"\r\n" or not _FIRST_OF_3 <= number < _NO_MORE:
        return 0
    if number < _FIRST_WITH_FLAGS:
        return 4
    return 0 if any(head[4:8]) else 8


def _pack(mtime_ns: int, size: int) -> bytes:
    seconds = mtime_ns // 1_000_000_000
    return b"".join((value & _FOUR_BYTES).to_bytes(4, "little") for value in (seconds, size))
