"""Counting attacks in a web log: find the lines by the packs' literals, parse only these, label them, add them up.

This room does not know how logs are opened or parsed: it is given chunks that can read their own lines.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache

from codered.detect.log_addresses import Network
from codered.detect.log_hidden import find_hidden
from codered.detect.log_labels import Labeller
from codered.detect.log_sights import (
    MOST_EXAMPLE_BYTES,
    MOST_EXAMPLES,
    MOST_FORWARDED,
    Example,
    HourNames,
    LogTally,
    SightBook,
    Unread,
    count_answer,
    join_ranges,
    merge_tallies,
    widen,
)
from codered.engine import GaveUp, Matcher
from codered.model.countermeasures import SWEEP_AGENT
from codered.model.observation import LogChunk, LogHit
from codered.model.ruleset import RuleSet

__all__ = ["LogMatchers", "LogTally", "join_ranges", "merge_tallies", "tally_log"]

WINDOW = 256 << 10  # bytes matched at a time: far below the engine's 1,000,000 matches a string, so that none is lost
OVERLAP = 4 << 10  # bytes two windows share inside a longer line; more than any literal
SECONDS_PER_WINDOW = 20  # of engine time; normal is 0.2 ms
_MOST_TROUBLE = 5


class LogMatchers:
    """The rule set's log parts ready for use: one for each worker process. `own` networks (none given: private ones)
    keep their place in a tally that is full. `sweeps` tells what a sweep by this tool asks (`METHOD path`), and is
    asked at the first line that bears its name.
    """

    def __init__(
        self, rules: RuleSet, own: Iterable[Network] = (), sweeps: Callable[[], frozenset[str]] = frozenset
    ) -> None:
        self.own = tuple(own)
        self.locate = Matcher(rules.locate, seconds=SECONDS_PER_WINDOW)
        self.labels = Labeller(rules)
        self.sweeps = cache(sweeps)


def tally_log(chunks: Iterable[LogChunk], matchers: LogMatchers, source: str) -> LogTally:
    """Count the attacks in a log or in a range of it, whose lines then count from the range's start. `source` is the
    log's name in evidence. Whatever the chunks raise comes through.
    """
    running = _Running(matchers, source)
    for chunk in chunks:
        running.take(chunk)
    return running.close()


class _Running:
    """A tally under way."""

    def __init__(self, matchers: LogMatchers, source: str) -> None:
        self._locate = matchers.locate
        self._labels = matchers.labels
        self._sweeps = matchers.sweeps
        self._gave_up_before = matchers.labels.gave_up
        self._source = source
        self._book = SightBook(matchers.own)
        self._hours = HourNames()
        self._tally = LogTally()
        self._data = b""
        self._counted = 0  # bytes of `_data` whose lines are in `_tally.lines`

    def take(self, chunk: LogChunk) -> None:
        """Add the lines of the next chunk."""
        data, read, label = chunk.data, chunk.read, self._labels.label
        self._data, self._counted = data, 0
        self._tally.bytes += len(data)
        next_line = 0
        for base, offsets in self._find(data):
            for offset in offsets:
                at = base + offset
                if at < next_line:
                    continue  # another sign in a line that is done
                start = data.rfind(b"\n", next_line, at) + 1 or next_line
                end = data.find(b"\n", at)
                if end < 0:
                    end = len(data)
                next_line = end + 1
                hit = read(start, end)
                if hit is None:
                    self._note_unread(start, end)
                elif signs := label(hit):
                    self._count(hit, signs, start)
        self._count_lines(len(data))
        if data and not data.endswith(b"\n"):
            self._tally.lines += 1

    def close(self) -> LogTally:
        """The result."""
        gave_up = self._labels.gave_up - self._gave_up_before
        if gave_up:
            self._note_trouble(f"{gave_up} requests took the engine too long")
        self._tally.sights = self._book.sights()
        self._tally.hits = self._tally.left_out + sum(sight.count for sight in self._tally.sights)
        self._tally.hours_left_out = self._book.hours_left_out
        return self._tally

    def _find(self, data: bytes) -> Iterator[tuple[int, list[int]]]:
        """Where a window begins, and where in it signs begin, rising."""
        start, size = 0, len(data)
        while start < size:
            end = min(start + WINDOW, size)
            again = end
            if end < size:
                cut = data.rfind(b"\n", start, end) + 1
                end, again = (cut, cut) if cut else (end, end - OVERLAP)
            try:
                window = data[start:end]
                offsets = self._locate.offsets(window)
                hidden = find_hidden(window, self._locate.hits)
                yield start, sorted({*offsets, *hidden}) if hidden else offsets
            except GaveUp as reason:
                self._note_trouble(f"{end - start} bytes were not looked at: {reason}")
            start = again

    def _count(self, hit: LogHit, signs: tuple[str, ...], start: int) -> None:
        """Add one hit. This and what it calls run for every line of a storm: each look-up in it shows in the speed."""
        sight = self._book.find(hit.address, signs)
        if sight is None:
            self._tally.left_out += 1
            return
        sight.count += 1
        if hit.agent.startswith(SWEEP_AGENT) and hit.request in self._sweeps():
            sight.swept += 1
        status = hit.status
        answers = sight.answers
        if status in answers:
            answers[status] += 1
        else:
            count_answer(sight, status, 1)
        time = hit.time
        if time is not None:
            if sight.last is None or time > sight.last or sight.first is None or time < sight.first:
                widen(sight, time)
            hour, hours = self._hours.name(time), sight.hours
            if hour in hours:
                hours[hour] += 1
            else:
                self._book.add_hour(sight, hour, 1)
        if sight.count <= MOST_EXAMPLES:
            text = _keep_example((hit.request or hit.error)[:MOST_EXAMPLE_BYTES])
            sight.examples += (Example(self._source, self._line_at(start), status, text),)
            sight.sources = (self._source,)
        if hit.forwarded and len(sight.forwarded) < MOST_FORWARDED and hit.forwarded[:255] not in sight.forwarded:
            sight.forwarded += (hit.forwarded[:255],)

    def _note_unread(self, start: int, end: int) -> None:
        self._tally.unparsed += 1
        if len(self._tally.unread) < MOST_EXAMPLES:
            text = self._data[start : min(end, start + MOST_EXAMPLE_BYTES)]
            self._tally.unread += (Unread(self._source, self._line_at(start), text),)

    def _line_at(self, start: int) -> int:
        self._count_lines(start)
        return self._tally.lines + 1

    def _count_lines(self, until: int) -> None:
        self._tally.lines += self._data.count(b"\n", self._counted, until)
        self._counted = until

    def _note_trouble(self, what: str) -> None:
        if len(self._tally.trouble) < _MOST_TROUBLE:
            self._tally.trouble.append(what)


@lru_cache(maxsize=1024)
def _keep_example(text: str) -> bytes:
    """The beginning of a request as bytes, one object for all who sent it: worms send the same."""
    return text.encode("latin-1", "replace")
