"""What one task of files has come to so far: findings, gaps, logs, and what need not be read again."""

import os

import msgspec

from codered.collect.vanished import CHANGED
from codered.collect.walking import Stamp, Unwalked, stamp_of
from codered.model.finding import Finding
from codered.scan.tasks import CleanFolder, CleanRecord, Counted, Done, LogSeen
from codered.scan.web_look import WebJudgement

# Nanoseconds for which a file must have been left alone. While a page of a mapped file waits to be written to the disk
# (30 s, looked for every 5 s) more can be written to it and no time of the file moves.
SETTLING = 60_000_000_000

_encode = msgspec.msgpack.Encoder().encode


class FileLook:
    """Gathers while the task is done. Files last changed before `settled` (ns since the epoch, 0 = none) are worth
    remembering.
    """

    def __init__(self, number: int, settled: int) -> None:
        self._number = number
        self._settled = settled
        self.findings: list[Finding] = []
        self.unlooked: list[Unwalked] = []
        self.logs: list[LogSeen] = []
        self.counted: list[Counted] = []
        self.files = 0
        self.bytes = 0
        self._clean: list[CleanFolder] = []
        self._device = 0
        self._clean_files: dict[bytes, Stamp] = {}
        self._clean_folders: list[bytes] = []

    def miss(self, rel: bytes, error: OSError) -> None:
        """Note a file that could not be read."""
        why = CHANGED if isinstance(error, FileNotFoundError) else error.strerror or str(error)
        self.unlooked.append(Unwalked(rel, "failed", why))

    def count_troubles(self) -> int:
        """Grows with everything that makes a file one to be looked at again."""
        return len(self.unlooked) + len(self.logs) + len(self.findings) + len(self.counted)

    def add_web(self, judged: WebJudgement) -> None:
        """Take in what a script or drop-in of a web server gave."""
        self.findings += judged.findings
        self.counted += judged.counted
        self.unlooked += judged.unread

    def begin_files(self, device: int) -> None:
        """The files of a folder on this device follow."""
        self._device = device

    def note_clean_file(self, name: bytes, before: os.stat_result) -> None:
        """A file that was read whole and gave nothing; `before` is what it was before that."""
        if before.st_ctime_ns < self._settled and before.st_dev == self._device:
            self._clean_files[name] = stamp_of(before)

    def note_clean_folder(self, name: bytes) -> None:
        """A folder whose path says nothing."""
        if self._settled:
            self._clean_folders.append(name)

    def end_folder(self, rel: bytes) -> None:
        """All of the folder `rel` was looked at that this task names."""
        if self._clean_files or self._clean_folders:
            device = self._device if self._clean_files else 0
            record = CleanRecord(device, self._clean_files, frozenset(self._clean_folders))
            self._clean.append(CleanFolder(rel, device, _encode(record)))
        self._clean_files, self._clean_folders = {}, []

    def done(self) -> Done:
        """The message to the parent."""
        return Done(
            self._number, self.findings, self.unlooked, self.logs, self.files, self.bytes, counted=self.counted,
            clean=self._clean,
        )  # fmt: skip
