"""What an edit of a hive touched, byte by byte: only the cells of the keys it is about, what it added at the end, and
the hive's header. Two keys of a hostile hive that claim the same cell are not told apart by it.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from codered.remediate.file_state import ChangeFailed
from codered.remediate.pages import plan_pages
from codered.remediate.registry.hive_file import BASE, HiveFile, KeyCell

_HEADER = range(512)
_MOST_KEYS = 100_000


def check_touched(hive: HiveFile, before: bytes, after: bytes, keys: Iterable[KeyCell]) -> None:
    """That nothing but the cells of these keys became another in the hive's old part. Raises ChangeFailed."""
    starts, ends = _join_spans([_HEADER, *(span for key in keys for span in hive.spans(key))])
    for at in _list_changes(before, after, BASE + hive.header.bins):
        found = bisect_right(starts, at) - 1
        if found < 0 or at >= ends[found]:
            raise ChangeFailed(
                "what libhivex wrote is not what was meant (it touched other places): nothing was touched"
            )


def list_below(hive: HiveFile, top: KeyCell) -> Iterator[KeyCell]:
    """The key and all below it. Raises ChangeFailed if that is too much, or leads in a circle."""
    seen: set[int] = set()
    waiting = [top]
    while waiting:
        key = waiting.pop()
        if key.cell in seen or len(seen) > _MOST_KEYS:
            raise ChangeFailed("the hive is damaged: its keys lead in a circle, or are too many")
        seen.add(key.cell)
        yield key
        waiting += hive.children(key)


def _join_spans(spans: list[range]) -> tuple[list[int], list[int]]:
    """Where each begins and where each ends, those that overlap as one."""
    starts: list[int] = []
    ends: list[int] = []
    for span in sorted(spans, key=lambda each: each.start):
        if ends and span.start <= ends[-1]:
            ends[-1] = max(ends[-1], span.stop)
        else:
            starts.append(span.start)
            ends.append(span.stop)
    return starts, ends


def _list_changes(before: bytes, after: bytes, end: int) -> Iterator[int]:
    for page in plan_pages(before[:end], after[:end]):
        pairs = zip(page.before, page.after, strict=False)
        yield from (page.offset + at for at, (old, new) in enumerate(pairs) if old != new)
