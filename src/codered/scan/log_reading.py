"""A worker's part in web logs: recognising them among files, and tallying one of them or a byte range of it."""

import os
import re
from functools import partial

import msgspec

from codered.collect.contents import is_text
from codered.collect.log_formats import detect_format
from codered.collect.log_opening import LogSource, open_log
from codered.collect.log_unpacking import detect_packing
from codered.collect.walking import Unwalked
from codered.detect.log_addresses import Network
from codered.detect.log_tally import LogMatchers, tally_log
from codered.model.paths import path_from_bytes
from codered.model.ruleset import RuleSet
from codered.model.target import Target
from codered.scan.own_sweeps import list_sweep_requests
from codered.scan.tasks import Done, LogSeen, LogTask

# What every web log has in its first lines. Only a file that shows one of these is tried in earnest: parsing forty
# lines in five formats for each text file of a system would cost more than scanning it.
_NATIVE_IIS = re.compile(rb"(?:\A|\n)[0-9.:a-fA-F]{2,39}, [^,]{1,64}, [0-9]{1,2}/[0-9]{1,2}/")
# A packed file is unpacked for a look only where its path speaks of web logs: a system has thousands of packed files.
# The same path is what a plain file needs for a longer look.
_LOG_PATH = re.compile(rb"/log|[._]log|access|error|/(?:u_|nc_|in)?ex[0-9]{6}", re.IGNORECASE)
_PACKED_STARTS = (b"\x1f", b"B", b"\xfd", b"(")  # first bytes of gzip, bzip2, xz and zstd
# Names that only logs of web servers have, also rotated (`.1`, `-20010719`) and packed.
_LOG_NAME = re.compile(
    rb"(?:(?:.{0,80}[._-])?(?:access|error)\.log|(?:.{0,80}[._-])?(?:access|error|request|transfer|agent|referer)_log"
    rb"|(?:u_|nc_|in)?ex[0-9]{6}(?:[0-9]{2})?\.log)(?:[.-][0-9]{1,10}){0,3}(?:\.(?:gz|bz2|xz|zst))?",
    re.IGNORECASE | re.DOTALL,
)
_HEAD = 1 << 10  # bytes in which a mark must stand, unless the first line is longer or the path speaks of logs
UNKNOWN_LOG = "named like a web log, in no format this tool reads"
ROTATED = "rotated while it was looked at: another file has its name now"
NO_LOG = "is no web log: no format of Apache, nginx, IIS or URLScan fits its first lines"


class LogReader:
    """Reads the logs of one target with one rule set."""

    def __init__(self, target: Target, rules: RuleSet, internal: tuple[Network, ...] = ()) -> None:
        self._target = target
        self._matchers = LogMatchers(rules, internal, partial(list_sweep_requests, rules.packs))

    def recognise(self, rel: bytes, head: bytes, descriptor: int) -> bool | None:
        """Whether a file that starts with `head` is a web log, and then whether ranges of it can be read on their own;
        None if it is none. A packed file is unpacked for that only where its path speaks of web logs.
        """
        if head[:1] in _PACKED_STARTS and detect_packing(head) != "plain":
            return _open_named(rel, descriptor)
        if head[:1] == b"\0":  # truncated while its server wrote on; or, mostly, no text
            head = head.lstrip(b"\0")
            if not head:
                return _open_named(rel, descriptor)
        first = head[:_HEAD] if b"\n" in head[:_HEAD] else head
        if b"\0" in first:
            return None
        if (_may_be_log(first) or _NATIVE_IIS.match(first)) and detect_format(first) is not None:
            return True
        if not _speaks_of_logs(rel) or not (_may_be_log(head) or _NATIVE_IIS.search(head)):
            return None
        return _open_named(rel, descriptor)

    def identify(self, rel: bytes, descriptor: int) -> bool | None:
        """As `recognise`, for a file that the user calls a log: every packing and every format is tried."""
        source = open_log(descriptor, path_from_bytes(rel).text)
        return None if source.format is None else source.splittable

    def describe(self, rel: bytes, descriptor: int, splittable: bool) -> LogSeen:
        """What the parent is told of an open web log. A file in an image is copied at each opening: once is enough, and
        each copy is another file. Raises OSError.
        """
        size = os.fstat(descriptor).st_size
        if self._target.info.kind == "disk_image":
            return LogSeen(rel, size, splittable=False)
        return LogSeen(rel, size, splittable, *_identify_file(descriptor))

    def read(self, task: LogTask) -> Done:
        """The tally of a log or of a range of it. What can't be read is a failed look; what came before it counts."""
        try:
            descriptor = self._target.open_file(task.rel)
        except OSError as error:
            return _failed(task, error.strerror or str(error))
        try:
            if task.inode and _identify_file(descriptor) != (task.device, task.inode):
                return _failed(task, ROTATED)
            source = open_log(descriptor, path_from_bytes(self._target.absolute(task.rel)).text)
            if source.format is None:
                return _failed(task, NO_LOG)
            return self._tally(task, source)
        except OSError as error:
            return _failed(task, error.strerror or str(error))
        finally:
            os.close(descriptor)

    def _tally(self, task: LogTask, source: LogSource) -> Done:
        tally = tally_log(source.chunks(task.start, task.end), self._matchers, source.name)
        done = Done(task.number, tally=tally, first=source.first_time())
        troubles = [*tally.trouble, source.trouble] if source.trouble else tally.trouble
        if source.cut_lines:
            troubles = [*troubles, f"{source.cut_lines} lines were longer than 2 MiB: only their start was looked at"]
        return msgspec.structs.replace(done, unlooked=[Unwalked(task.rel, "failed", why) for why in troubles])


def is_unknown_log(rel: bytes, head: bytes) -> bool:
    """Whether a file that was not recognised is named like a web log and holds text or packed data."""
    name = rel.rpartition(b"/")[2]
    if not head or b"log" not in name.lower() or _LOG_NAME.fullmatch(name) is None:
        return False
    return is_text(head) or detect_packing(head) != "plain" or not head.strip(b"\0")


def _identify_file(descriptor: int) -> tuple[int, int]:
    status = os.fstat(descriptor)
    return status.st_dev, status.st_ino


def _speaks_of_logs(rel: bytes) -> bool:
    """Whether the path of a file is one where web logs lie; most are let go without the expression."""
    low = rel.lower()
    if b"log" not in low and b"access" not in low and b"error" not in low and b"ex" not in low:
        return False
    return _LOG_PATH.search(b"/" + rel) is not None


def _open_named(rel: bytes, descriptor: int) -> bool | None:
    """As `recognise`, by a longer look at a file whose path speaks of logs."""
    if not _speaks_of_logs(rel):
        return None
    source = open_log(descriptor, "")
    return None if source.format is None else source.splittable


def _may_be_log(head: bytes) -> bool:
    """Written out, with one byte before a word where that byte is rare: a loop over the marks costs half as much again
    as the search itself, for every file of a system.
    """
    return (
        b" HTTP/" in head
        or (b"]" in head and (b"[error]" in head or b"[client " in head or b"[notice]" in head))
        or (b"#" in head and b"#Fields:" in head)
        or b", client: " in head
        or b"URLScan" in head
    )


def _failed(task: LogTask, why: str) -> Done:
    return Done(task.number, unlooked=[Unwalked(task.rel, "failed", why)])
