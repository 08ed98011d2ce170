"""The head of the custody chain of an evidence container that lies here: a folder, or a zip of one."""

import json
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from codered.model.errors import WrongUse
from codered.signing.chaining import BROKEN, NOTHING, judge_entry

CUSTODY: Final = "custody.jsonl"
PURPOSE: Final = "codered/custody/1"
MOST_BYTES = 1 << 28  # of a log
MOST_LINE = 1 << 20  # bytes of an entry
_ADVICE = "give the folder or zip that codered evidence collect made; for one that lies elsewhere say --elsewhere"
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_TORN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError)


def read_hashes(container: Path) -> tuple[str, ...]:
    """The hash of each entry of its custody log, the head last. Each follows the one before and is signed; by whom, and
    whether the items are unchanged, is for `codered evidence verify`. Raises WrongUse if there is no such log.
    """
    try:
        found = tuple(_walk(container))
    except (OSError, *_TORN) as error:
        what = getattr(error, "strerror", None) or "can't be read as a container"
        raise WrongUse(f"no evidence container: {what}", where=str(container), advice=_ADVICE) from None
    if not found:
        raise WrongUse("its custody log is empty", where=str(container), advice=_ADVICE)
    return found


def _walk(container: Path) -> Iterator[str]:
    before, room = NOTHING, MOST_BYTES
    for number, line in enumerate(_iterate_lines(container), 1):
        room -= len(line)
        try:
            whole = room > 0 and line.endswith(b"\n")
            entry = json.loads(line) if whole else {}
            problem = judge_entry(entry, number, before, PURPOSE) if whole else "is cut off or too large"
            before = str(entry.get("hash"))
        except BROKEN:
            problem = "can't be read"
        if problem:
            advice = "codered evidence verify says what is wrong with it"
            raise WrongUse(f"entry {number} of its custody log {problem}", where=str(container), advice=advice)
        yield before


def _iterate_lines(container: Path) -> Iterator[bytes]:
    """No link is followed, nothing is unpacked: a member of a container is stored as it is."""
    inside = container / CUSTODY if container.is_dir() else container
    with open(os.open(inside, _FLAGS), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise zipfile.BadZipFile
        if inside != container:
            yield from _split(file)
            return
        with zipfile.ZipFile(file) as archive:
            member = archive.NameToInfo.get(CUSTODY)
            if member is None or member.compress_type != zipfile.ZIP_STORED:
                raise zipfile.BadZipFile
            with archive.open(member) as log:
                yield from _split(log)  # type: ignore[arg-type]


def _split(log: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: log.readline(MOST_LINE), b"")
