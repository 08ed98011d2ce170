"""A hive that was not written to its end, as Windows would make it at its next start: with what its transaction logs
hold. Nothing is written here; the hive and its logs are hostile, and what does not fit without a doubt is refused.
"""

import hashlib
import os
import struct
from functools import lru_cache
from typing import NamedTuple

from codered.engine.hives.hive_header import BINS_AT, HiveHeader, NotAHive, read_header
from codered.engine.hives.transaction_logs import replay_logs
from codered.model.registry import escape_name
from codered.remediate.file_state import Blocked, ChangeFailed, Spot, open_regular
from codered.remediate.registry.hive_edits import DIRTY
from codered.remediate.registry.hive_file import read_from
from codered.remediate.registry.hive_writing import MOST_HIVE
from codered.system.descriptors import read_at
from codered.system.folders import list_in

OTHER_LOGS = (
    "the hive was not written to its end (its sequence numbers differ), and its transaction logs are not those that "
    "the plan was made on"
)
_ENDINGS = (".log", ".log1", ".log2")
_MOST_LOG = 32 << 20
_MOST_NAMES = 1 << 20


class Replayed(NamedTuple):
    """A hive's bytes as they count, and the SHA-256 over the logs that are in them ("": it was whole without)."""

    data: bytes
    logs: str


class HeldBytes:
    """The bytes of a hive or a log in memory, which are replayed."""

    def __init__(self, data: bytes) -> None:
        self.data = bytearray(data)
        self.size = self.file_size = len(data)

    def read(self, at: int, count: int) -> bytes:
        """Up to `count` bytes from a place; fewer at the end."""
        return bytes(self.data[at : min(at + count, self.size)])

    def lay_over(self, at: int, data: bytes) -> None:
        """From now on these bytes are read at that place; they never make it longer."""
        end = min(at + len(data), self.size)
        self.data[at:end] = data[: max(0, end - at)]

    def grow(self, size: int) -> None:
        """Make it as long; what is added are zeros. Raises ChangeFailed if that is more than is edited."""
        if size > MOST_HIVE:
            raise ChangeFailed(
                f"its logs make it a hive of {size:,} bytes, more than the {MOST_HIVE:,} that are edited"
            )
        del self.data[size:]
        self.data += bytes(size - len(self.data))
        self.size = size


def is_dirty(data: bytes) -> bool:
    """Whether the first page of a hive says that a write to it was not finished; damage is for others to tell."""
    try:
        header = read_header(data[:512])
    except NotAHive:
        return False
    return header.is_sealed and header.is_dirty


def replay_hive(data: bytes, spot: Spot) -> Replayed:
    """The hive with what the logs beside it hold, if a write to it was not finished; as it is if there is nothing to
    do. Raises OSError, ChangeFailed if it can't be made whole by them.
    """
    if not is_dirty(data):
        return Replayed(data, "")
    logs = read_logs(spot)
    return Replayed(_replay(data, tuple(logs.items())), digest_logs(logs))


# Every action of a plan asks for the same, and proving that log entries are whole takes half a second a MiB.
@lru_cache(maxsize=2)
def _replay(data: bytes, logs: tuple[tuple[str, bytes], ...]) -> bytes:
    header, made = read_header(data[:512]), HeldBytes(data)
    if BINS_AT + header.bins > len(data):
        raise Blocked(f"{DIRTY} (and it is cut short)")
    replay = replay_logs(made, header, {name: HeldBytes(raw) for name, raw in logs})
    notes = replay.notes if replay.header is None else replay.doubts
    if replay.header is None or notes:
        raise Blocked(f"{DIRTY} ({'; '.join(notes) or 'no transaction log lies beside it'})")
    if not _is_same_hive(header, replay.header):
        raise Blocked(f"{DIRTY} (its logs say another root or version)")
    whole = bytes(made.data)
    read_from(whole)
    return whole


def look_at_logs(spot: Spot) -> str:
    """The digest of the logs that lie beside a hive now. Raises OSError, ChangeFailed."""
    return digest_logs(read_logs(spot))


def read_logs(spot: Spot) -> dict[str, bytes]:
    """The transaction logs beside a hive, by their names in lower case. Raises OSError, ChangeFailed."""
    names = list_in(spot.dir_fd, _MOST_NAMES)
    if len(names) == _MOST_NAMES:
        raise ChangeFailed("its folder holds too many files to find its transaction logs")
    wanted = {os.fsdecode(spot.name).lower() + ending for ending in _ENDINGS}
    found: dict[str, bytes] = {}
    for name in sorted(names):
        text = os.fsdecode(name).lower()
        if text not in wanted:
            continue
        if escape_name(text) in found:
            raise ChangeFailed(f"two files are called {escape_name(text)}: which one is the log can't be told")
        found[escape_name(text)] = _read_log(Spot(spot.dir_fd, name), escape_name(text))
    return found


def digest_logs(logs: dict[str, bytes]) -> str:
    """SHA-256 over the names and contents of logs."""
    digest = hashlib.sha256()
    for name, raw in sorted(logs.items()):
        named = name.encode(errors="backslashreplace")
        digest.update(struct.pack("<IQ", len(named), len(raw)) + named + raw)
    return digest.hexdigest()


def _read_log(spot: Spot, name: str) -> bytes:
    try:
        fd = open_regular(spot)
    except OSError as error:
        raise ChangeFailed(f"its transaction log {name} can't be read: {error.strerror}") from None
    try:
        size = os.fstat(fd).st_size
        if size > _MOST_LOG:
            raise ChangeFailed(f"its transaction log {name} has {size:,} bytes, more than {_MOST_LOG:,}")
        return read_at(fd, size, 0)
    finally:
        os.close(fd)


def _is_same_hive(before: HiveHeader, after: HiveHeader) -> bool:
    same = (before.root, before.major, before.minor) == (after.root, after.major, after.minor)
    return same and not after.is_dirty and after.bins >= BINS_AT
