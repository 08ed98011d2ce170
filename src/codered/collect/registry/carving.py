"""Searching a corrupt hive for the keys that are left: their cells know their parents, so most find their place."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from codered.collect.registry.hive_bytes import HiveBytes
from codered.collect.registry.hive_cells import BrokenCell, Cells, KeyCell
from codered.collect.registry.hive_header import BINS_AT, NO_CELL

_MOST_KEYS = 500_000
_WINDOW = 1 << 20


class CarvedKeys(NamedTuple):
    """`below` are the keys by the offset of the parent that they name; `is_cut`: there were more than are kept."""

    keys: dict[int, KeyCell]
    below: dict[int, list[int]]
    is_cut: bool

    def children_of(self, offset: int) -> list[KeyCell]:
        """The keys that name this one as their parent."""
        return [self.keys[inner] for inner in self.below.get(offset, ())]

    def guess_root(self, offset: int) -> KeyCell | None:
        """The root: the key that says so, else one made up at the place where it was, or where most parents lie."""
        said = [key for key in self.keys.values() if key.is_root]
        if said:
            return max(said, key=lambda key: len(self.below.get(key.offset, ())))
        lost = {parent: len(inner) for parent, inner in self.below.items() if parent not in self.keys}
        if offset not in lost:
            offset = max(lost, key=lambda parent: lost[parent], default=NO_CELL)
        return KeyCell(offset, "", 4, 0, NO_CELL, 0, NO_CELL, 0, NO_CELL) if offset in lost else None

    def describe(self) -> str:
        """What came out, for people."""
        lost = sum(1 for key in self.keys.values() if key.parent not in self.keys and not key.is_root)
        more = ", and there are more" if self.is_cut else ""
        return f"corrupt: searched for what is left: {len(self.keys)} keys{more}, the parents of {lost} are lost"


def carve_keys(raw: HiveBytes, cells: Cells) -> CarvedKeys:
    """Every cell in use that looks like a key, wherever it lies."""
    keys: dict[int, KeyCell] = {}
    below: dict[int, list[int]] = defaultdict(list)
    for offset in _places(raw):
        try:
            key = cells.read_key(offset)
        except BrokenCell:
            continue
        if not key.name and not key.is_root:
            continue
        keys[offset] = key
        below[key.parent].append(offset)
        if len(keys) >= _MOST_KEYS:
            return CarvedKeys(keys, dict(below), True)
    return CarvedKeys(keys, dict(below), False)


def _places(raw: HiveBytes) -> Iterator[int]:
    for start in range(BINS_AT, raw.size, _WINDOW):
        window = raw.read(start, _WINDOW)
        at = window.find(b"nk")
        while at >= 0:
            if at & 7 == 4:
                yield start + at - 4 - BINS_AT
            at = window.find(b"nk", at + 1)
