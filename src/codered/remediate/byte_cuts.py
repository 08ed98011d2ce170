"""Cuts in a text that know nothing of lines, as the changes of lines that a plan is made of."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from codered.model.plan import LineChange
from codered.remediate.lines import make_change

_BLANK = b" \t\r\0"  # with the other half of what is blank in UTF-16


class Cut(NamedTuple):
    """The bytes from `start` to `end`, and what takes their place."""

    start: int
    end: int
    becomes: bytes = b""


def make_line_changes(lines: Sequence[bytes], cuts: Iterable[Cut]) -> tuple[LineChange, ...]:
    """The changes of lines that make these cuts; a line of which nothing is left goes. What overlaps goes as one.
    Raises ValueError if something is to stand where something goes.
    """
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    changes: list[LineChange] = []
    for group in _group(_drop_inner(cuts), starts):
        changes += _change_region(lines, starts, group)
    return tuple(changes)


def _drop_inner(cuts: Iterable[Cut]) -> list[Cut]:
    """In order, those that lie inside others or overlap as one."""
    kept: list[Cut] = []
    for cut in sorted(set(cuts), key=lambda cut: (cut.start, -cut.end, cut.becomes)):
        if not kept or cut.start >= kept[-1].end:
            kept.append(cut)
        elif not kept[-1].becomes and (cut.end <= kept[-1].end or not cut.becomes):
            kept[-1] = Cut(kept[-1].start, max(kept[-1].end, cut.end))
        else:
            raise ValueError("two changes of the same bytes")
    return kept


def _group(cuts: list[Cut], starts: list[int]) -> list[list[Cut]]:
    """Those that share a line, together."""
    groups: list[list[Cut]] = []
    last = -1
    for cut in cuts:
        first = _line_at(starts, cut.start)
        if groups and first <= last:
            groups[-1].append(cut)
        else:
            groups.append([cut])
        last = _last_line(starts, cut)
    return groups


def _line_at(starts: list[int], offset: int) -> int:
    return min(bisect_right(starts, offset) - 1, len(starts) - 2)


def _last_line(starts: list[int], cut: Cut) -> int:
    """Of a cut that takes a line's end with it, the line behind: it comes to stand there."""
    behind = _line_at(starts, cut.end)
    return behind if starts[behind] == cut.end else _line_at(starts, max(cut.start, cut.end - 1))


def _change_region(lines: Sequence[bytes], starts: list[int], group: list[Cut]) -> list[LineChange]:
    first = _line_at(starts, group[0].start)
    last = max(_last_line(starts, cut) for cut in group)
    text, at = b"", starts[first]
    whole = b"".join(lines[first : last + 1])
    for cut in group:
        text += whole[at - starts[first] : cut.start - starts[first]] + cut.becomes
        at = cut.end
    text = (text + whole[at - starts[first] :]).removesuffix(b"\n")
    becomes = text if text.strip(_BLANK) else None
    gone = [make_change(lines, number) for number in range(first + 1, last + 1)]
    return [*gone, make_change(lines, last + 1, becomes)]
