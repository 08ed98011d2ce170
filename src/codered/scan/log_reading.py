"""A worker's part in web logs: recognising them among files, and tallying one of them or a byte range of it."""

import os
import re

import msgspec

from codered.collect.log_formats import detect_format
from codered.collect.log_opening import LogSource, open_log
from codered.collect.log_unpacking import detect_packing
from codered.collect.walking import Unwalked
from codered.detect.log_tally import LogMatchers, tally_log
from codered.model.paths import path_from_bytes
from codered.model.ruleset import RuleSet
from codered.model.target import Target
from codered.scan.tasks import Done, LogTask

# What every web log has in its first lines. Only a file that shows one of these is tried in earnest: parsing forty
# lines in five formats for each text file of a system would cost more than scanning it.
_NATIVE_IIS = re.compile(rb"[0-9.:a-fA-F]{2,39}, [^,]{1,64}, [0-9]{1,2}/[0-9]{1,2}/")
# A packed file is unpacked for a look only where its name speaks of web logs: a system has thousands of packed files.
_PACKED_LOG = re.compile(rb"/log|[._]log|access|error|/(?:u_|nc_|in)?ex[0-9]{6}", re.IGNORECASE)
_PACKED_STARTS = (b"\x1f", b"B", b"\xfd", b"(")  # first bytes of gzip, bzip2, xz and zstd
_HEAD = 1 << 10  # bytes in which a mark must stand, unless the first line is longer
NO_LOG = "is no web log: no format of Apache, nginx, IIS or URLScan fits its first lines"


class LogReader:
    """Reads the logs of one target with one rule set."""

    def __init__(self, target: Target, rules: RuleSet) -> None:
        self._target = target
        self._matchers = LogMatchers(rules)

    def recognise(self, rel: bytes, head: bytes, descriptor: int) -> bool | None:
        """Whether a file that starts with `head` is a web log, and then whether ranges of it can be read on their own;
        None if it is none. A packed file is unpacked for that only where its path speaks of web logs.
        """
        if head[:1] in _PACKED_STARTS and detect_packing(head) != "plain":
            packed_log = _PACKED_LOG.search(b"/" + rel) is not None and open_log(descriptor, "").format is not None
            return False if packed_log else None
        head = head[:_HEAD] if b"\n" in head[:_HEAD] else head
        if b"\0" in head or not (_may_be_log(head) or _NATIVE_IIS.match(head)):
            return None
        return True if detect_format(head) is not None else None

    def identify(self, rel: bytes, descriptor: int) -> bool | None:
        """As `recognise`, for a file that the user calls a log: every packing and every format is tried."""
        source = open_log(descriptor, path_from_bytes(rel).text)
        return None if source.format is None else source.splittable

    def read(self, task: LogTask) -> Done:
        """The tally of a log or of a range of it. What can't be read is a failed look; what came before it counts."""
        try:
            descriptor = self._target.open_file(task.rel)
        except OSError as error:
            return _failed(task, error.strerror or str(error))
        try:
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


def _may_be_log(head: bytes) -> bool:
    """Written out: a loop over the marks costs half as much again as the search itself, for every file of a system."""
    return (
        b" HTTP/" in head
        or b"#Fields:" in head
        or b"[client " in head
        or b", client: " in head
        or b"[error]" in head
        or b"[notice]" in head
        or b"URLScan" in head
    )


def _failed(task: LogTask, why: str) -> Done:
    return Done(task.number, unlooked=[Unwalked(task.rel, "failed", why)])
