"""Searching a corrupt hive for the keys that are left: their cells know their parents, so most find their place."""

from collections.abc import Iterator
from typing import NamedTuple

from codered.collect.registry.hive_bytes import HiveBytes
from codered.collect.registry.hive_cells import BrokenCell, Cells
from codered.engine.hives.hive_header import BINS_AT

_MOST_KEYS = 500_000
_WINDOW = 1 << 20
_MOST_BYTES = 256 << 20


class CarvedKeys(NamedTuple):
    """Where keys are: `below` by the offset of the parent that they name; `roots` say that they are the hive's root;
    `total` is how many, `lost` are the parents that are no keys; `is_cut`: not all of it was
    searched.
    """

    below: dict[int, list[int]]
    roots: tuple[int, ...]
    total: int
    lost: tuple[int, ...]
    is_cut: bool

    def guess_root(self, offset: int) -> int | None:
        """The root: the key that says so and has the most below it, else the place where the header says that it was,
        or where most keys say that their parent is; there may be no key any more.
        """
        if self.roots:
            return max(self.roots, key=self._count_below)
        return offset if offset in self.lost else max(self.lost, key=self._count_below, default=None)

    def describe(self) -> str:
        """What came out, for people."""
        lost = sum(map(self._count_below, self.lost))
        more = ", and there may be more" if self.is_cut else ""
        return f"corrupt: searched for what is left: {self.total} keys{more}, the parents of {lost} are lost"

    def _count_below(self, offset: int) -> int:
        return len(self.below.get(offset, ()))


def carve_keys(raw: HiveBytes, cells: Cells) -> CarvedKeys:
    """Every cell in use that looks like a key, wherever it lies."""
    found: set[int] = set()
    below: dict[int, list[int]] = {}
    roots = []
    for offset in _places(raw):
        try:
            key = cells.read_key(offset)
        except BrokenCell:
            continue
        if key.is_root:
            roots.append(offset)
        elif key.name:
            below.setdefault(key.parent, []).append(offset)
        found.add(offset)
        if len(found) >= _MOST_KEYS:
            break
    lost = tuple(parent for parent in below if parent not in found)
    is_cut = len(found) >= _MOST_KEYS or raw.size > _MOST_BYTES
    return CarvedKeys(below, tuple(roots), len(found), lost, is_cut)


def _places(raw: HiveBytes) -> Iterator[int]:
    for start in range(BINS_AT, min(raw.size, _MOST_BYTES), _WINDOW):
        window = raw.read(start, _WINDOW)
        at = window.find(b"nk")
        while at >= 0:
            if at & 7 == 4:
                yield start + at - 4 - BINS_AT
            at = window.find(b"nk", at + 1)
