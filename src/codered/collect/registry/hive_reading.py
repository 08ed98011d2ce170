"""Reading one hive by path. Nothing in it is believed: every key has one parent, so that no walk goes in circles, and
where a link is broken the cells that lost their way are searched for.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime

from codered.collect.registry.carving import CarvedKeys, carve_keys
from codered.collect.registry.file_times import read_filetime
from codered.collect.registry.hive_bytes import HiveBytes
from codered.collect.registry.hive_cells import MOST_DATA, BrokenCell, Cells, KeyCell, ValueCell
from codered.collect.registry.key_links import LINK_FLAG, LINK_VALUE, KeyLink
from codered.engine.hives.hive_header import NO_CELL, HiveHeader
from codered.model.registry import REG_LINK, HiveSeen, HiveState, RegistryValue, escape_name, fold_name

MOST_DEPTH = 512
_MOST_PROBLEMS = 50
_KEPT_NAMES = 50_000
_MOST_AT_ONCE = 64 << 20  # bytes of data of one key's values
Children = dict[str, KeyCell]


class HiveFile:
    """An offline hive; implements `namespace.KeyTree`. `seen` is where it hangs and what was found when it was opened,
    `gaps` what of that means that something is missing. Raises BrokenCell if there is no key in it at all.
    """

    def __init__(self, raw: HiveBytes, header: HiveHeader | None, seen: HiveSeen, gaps: Iterable[str] = ()) -> None:
        self._raw = raw
        self._cells = Cells(raw, header.minor if header else 6)
        self._seen = seen
        self._gaps = tuple(gaps)
        self._problems: OrderedDict[str, str] = OrderedDict()
        self._unsaid = 0
        self._carved: CarvedKeys | None = None
        self._children: OrderedDict[int, Children] = OrderedDict()
        self._kept = 0
        self._adopted: dict[int, int] = {}
        self._root = self._find_root(header)

    @property
    def seen(self) -> HiveSeen:
        """See `namespace.KeyTree`."""
        if not self._carved:
            return self._seen
        state: HiveState = "carved"
        notes = (*self._seen.notes, self._carved.describe())
        return HiveSeen(root=self._seen.root, path=self._seen.path, shown=self._seen.shown, state=state, notes=notes)

    def exists(self, parts: Sequence[str]) -> bool:
        """See `namespace.KeyTree`."""
        return self._find(parts) is not None

    def subkeys(self, parts: Sequence[str]) -> tuple[str, ...]:
        """See `namespace.KeyTree`."""
        key = self._find(parts)
        return tuple(child.name for child in self._children_of(key, parts).values()) if key else ()

    def values(self, parts: Sequence[str]) -> tuple[RegistryValue, ...]:
        """See `namespace.KeyTree`."""
        left, found = _MOST_AT_ONCE, []
        for cell in self._value_cells(parts):
            value = self._read_data(cell, parts, min(left, MOST_DATA))
            left -= len(value.data)
            found.append(value)
        return tuple(found)

    def value(self, parts: Sequence[str], name: str) -> RegistryValue | None:
        """See `namespace.KeyTree`."""
        wanted = fold_name(name)
        for cell in self._value_cells(parts):
            if fold_name(cell.name) == wanted:
                return self._read_data(cell, parts, MOST_DATA)
        return None

    def find_link(self, parts: Sequence[str]) -> KeyLink | None:
        """See `namespace.KeyTree`."""
        key = self._root
        for depth, part in enumerate(parts[:MOST_DEPTH]):
            inner = self._children_of(key, parts[:depth]).get(fold_name(part))
            if inner is None:
                return None
            if inner.flags & LINK_FLAG:
                value = self.value(parts[: depth + 1], LINK_VALUE)
                return KeyLink(depth + 1, value.text() if value and value.type == REG_LINK else "")
            key = inner
        return None

    def written(self, parts: Sequence[str]) -> datetime | None:
        """See `namespace.KeyTree`."""
        key = self._find(parts)
        return read_filetime(key.written) if key else None

    def unread(self) -> Iterable[tuple[str, str]]:
        """See `namespace.KeyTree`."""
        yield from ((self._seen.root, gap) for gap in self._gaps)
        yield from self._problems.items()
        if self._unsaid:
            yield self._seen.root, f"{self._unsaid} more broken places"
        if self._carved:
            yield self._seen.root, self._carved.describe()
        for trouble in self._raw.troubles:
            yield self._seen.root, trouble
        if self._raw.has_changed():
            yield self._seen.root, "it was written to while it was read; look again"

    def _find_root(self, header: HiveHeader | None) -> KeyCell:
        try:
            if header is None:
                raise BrokenCell("the base block is not one")
            return self._cells.read_key(header.root)
        except BrokenCell as error:
            self._note((), error)
        assert self._carved is not None
        root = self._carved.guess_root(header.root if header else NO_CELL)
        if root is None:
            raise BrokenCell("no key was found in it")
        try:
            return self._cells.read_key(root)
        except BrokenCell:  # it is lost, but the keys below it know where it was
            return KeyCell(root, "", 4, 0, NO_CELL, 0, NO_CELL, 0, NO_CELL)

    def _find(self, parts: Sequence[str]) -> KeyCell | None:
        if len(parts) > MOST_DEPTH:
            self._note(parts[:3], f"keys deeper than {MOST_DEPTH} are not read")
            return None
        key = self._root
        for depth, part in enumerate(parts):
            inner = self._children_of(key, parts[:depth]).get(fold_name(part))
            if inner is None:
                return None
            key = inner
        return key

    def _children_of(self, key: KeyCell, parts: Sequence[str]) -> Children:
        known = self._children.get(key.offset)
        if known is not None:
            return known
        found = self._read_children(key, parts)
        self._children[key.offset] = found
        self._kept += len(found)
        while self._kept > _KEPT_NAMES and len(self._children) > 1:
            self._kept -= len(self._children.popitem(last=False)[1])
        return found

    def _read_children(self, key: KeyCell, parts: Sequence[str]) -> Children:
        found: Children = {}
        try:
            for offset in self._cells.list_keys(key):
                try:
                    self._add_child(found, key, self._cells.read_key(offset), parts)
                except BrokenCell as error:
                    self._note(parts, error)
        except BrokenCell as error:
            self._note(parts, error)
        self._add_carved(found, key)
        return found

    def _add_carved(self, found: Children, key: KeyCell) -> None:
        for offset in self._carved.below.get(key.offset, ()) if self._carved else ():
            try:
                child = self._cells.read_key(offset)
            except BrokenCell as error:  # the file changes while it is read
                self._note((), error)
                continue
            if offset != self._root.offset and offset not in self._adopted:
                found.setdefault(fold_name(child.name), child)

    def _add_child(self, found: Children, key: KeyCell, child: KeyCell, parts: Sequence[str]) -> None:
        where = (*parts, child.name)
        folded = fold_name(child.name)
        if not self._is_child(key, child):
            self._note(where, "it is listed below a key that is not its parent; not followed")
        elif folded in found:
            self._note(where, "there are two keys of this name; the second is not read")
        elif not child.name or "\\" in child.name:
            self._note(where, "a key's name that no program can open; not read")
        else:
            found[folded] = child

    def _is_child(self, key: KeyCell, child: KeyCell) -> bool:
        """Every key but the root has one parent: the one it names, or (if that is no key) the first that lists it."""
        if child.offset == self._root.offset:
            return False
        if child.parent == key.offset:
            return child.offset not in self._adopted
        if child.offset not in self._adopted and child.parent != self._root.offset:
            try:
                self._cells.read_key(child.parent)
            except BrokenCell:
                self._adopted[child.offset] = key.offset
        return self._adopted.get(child.offset) == key.offset

    def _value_cells(self, parts: Sequence[str]) -> Iterable[ValueCell]:
        key = self._find(parts)
        if key is None:
            return
        try:
            for offset in self._cells.list_values(key):
                try:
                    cell = self._cells.read_value(offset)
                except BrokenCell as error:
                    self._note(parts, f"a value is lost: {error}")
                    continue
                yield cell
        except BrokenCell as error:
            self._note(parts, f"values are lost: {error}")

    def _read_data(self, cell: ValueCell, parts: Sequence[str], most: int) -> RegistryValue:
        value, why = self._cells.read_data(cell, most)
        if why:
            self._note(parts, f"value {escape_name(cell.name)}: {why}")
        return value

    def _note(self, parts: Sequence[str], why: BrokenCell | str) -> None:
        where = "\\".join((self._seen.root, *(escape_name(part) for part in parts)))
        if isinstance(why, BrokenCell) and self._carved is None:
            self._carved = carve_keys(self._raw, self._cells)
            self._children.clear()
            self._kept = 0
        if where in self._problems or len(self._problems) < _MOST_PROBLEMS:
            self._problems[where] = str(why)
        else:
            self._unsaid += 1
