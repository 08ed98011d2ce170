"""The parent's part in web logs: dealing out ranges, putting ranges, files and rotated sets together again."""

import os
from datetime import datetime

import msgspec

from codered.collect.log_opening import split_ranges
from codered.collect.log_order import LogFile, order_logs
from codered.detect.log_attackers import summarise
from codered.detect.log_tally import LogTally, join_ranges, merge_tallies
from codered.model.finding import Finding
from codered.model.pack import LoadedPack
from codered.model.paths import path_from_text
from codered.model.report import LogSummary
from codered.model.target import Target
from codered.scan.looks import LookBook
from codered.scan.pool import Pool
from codered.scan.request import Network
from codered.scan.tasks import WHOLE_FILE, Done, LogSeen

RANGE = 32 << 20  # bytes of a plain log that one worker reads at a time
MOST_NAMED = 12  # logs that get a line of their own in the report; the others are counted together


class _Parts(msgspec.Struct):
    """What is known of one log: the tallies of its ranges, by where they start, and its first time."""

    tallies: dict[int, LogTally] = {}
    first: datetime | None = None


class LogGathering:
    """All web logs of one scan."""

    def __init__(self, target: Target, book: LookBook) -> None:
        self._target = target
        self._book = book
        self._logs: dict[bytes, _Parts] = {}
        self._tasks: dict[int, tuple[bytes, int]] = {}

    def schedule(self, pool: Pool, log: LogSeen) -> None:
        """Queue the reading of a log, a large plain one in ranges."""
        self._logs.setdefault(log.rel, _Parts())
        if log.splittable and log.size > RANGE:
            ranges = split_ranges(log.size, -(-log.size // RANGE))
        else:
            ranges = [(0, WHOLE_FILE)]
        for start, end in ranges:
            number = pool.add_log(log.rel, start, end, (log.device, log.inode))
            self._tasks[number] = (log.rel, start)

    def owns(self, number: int) -> bool:
        """Whether the task of this number reads a log."""
        return number in self._tasks

    def take(self, done: Done) -> int:
        """Keep what a range came to; gives the bytes it had."""
        if done.tally is None:
            return 0
        rel, start = self._tasks[done.number]
        parts = self._logs[rel]
        parts.tallies[start] = done.tally
        if parts.first is None or (done.first is not None and done.first < parts.first):
            parts.first = done.first
        return done.tally.bytes

    def summarise(
        self, packs: tuple[LoadedPack, ...], internal: tuple[Network, ...]
    ) -> tuple[LogSummary | None, tuple[Finding, ...]]:
        """The attackers of all logs and the findings about them; None if there was no log."""
        if not self._logs:
            return None, ()
        read = {rel: parts for rel, parts in self._logs.items() if parts.tallies}  # the others are failed looks
        named = {os.fsdecode(self._target.absolute(rel)): parts for rel, parts in read.items()}
        ordered = order_logs(LogFile(path, parts.first) for path, parts in named.items())
        tallies = []
        for number, file in enumerate(ordered):
            parts = named[file.path]
            whole = join_ranges((parts.tallies[start] for start in sorted(parts.tallies)), internal)
            tallies.append(whole)
            more = f"{len(ordered) - MOST_NAMED} more logs"
            where = path_from_text(file.path).text if number < MOST_NAMED else more
            self._book.add_looked("logs", where, 1, whole.bytes, whole.lines)
            if whole.unparsed:
                self._book.add_gap("logs", where, _tell_unparsed(whole))
        tally = merge_tallies(tallies, internal)
        if tally.left_out:
            self._book.add_gap("logs", "web logs", f"{tally.left_out} attacks came from more addresses than are kept")
        return summarise(tally, packs, internal)


def _tell_unparsed(tally: LogTally) -> str:
    lines = ", ".join(f"line {item.line}" for item in tally.unread)
    more = ", …" if tally.unparsed > len(tally.unread) else ""
    what = "1 line holds" if tally.unparsed == 1 else f"{tally.unparsed} lines hold"
    return f"{what} a sign and could not be parsed: {lines}{more}"
