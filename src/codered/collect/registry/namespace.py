"""The registry as one tree: which hive holds a path, which control set is the current one, whose hives HKCU means."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from codered.collect.registry.key_links import MOST_LINKS, NOWHERE, TOO_MANY, KeyLink, name_target
from codered.model.registry import HiveSeen, RegistryValue, escape_name, fold_name

_SHORT = {
    "HKEY_LOCAL_MACHINE": "HKLM",
    "HKEY_USERS": "HKU",
    "HKEY_CURRENT_USER": "HKCU",
    "HKEY_CLASSES_ROOT": "HKCR",
    "HKEY_CURRENT_CONFIG": "HKCC",
}
_SYSTEM = "HKLM\\SYSTEM"
_CURRENT = "CURRENTCONTROLSET"
_SET = re.compile(r"controlset\d{3,10}\Z", re.IGNORECASE | re.ASCII)
_CHOICES = ("Current", "Default", "LastKnownGood")
_CLASSES = "_Classes"
_MOST_GAPS = 50


class KeyTree(Protocol):
    """One hive, or a part of the running registry: reads by the names of the keys below its root, in any case."""

    @property
    def seen(self) -> HiveSeen:
        """What it is, and how it was read (which may turn out to be worse while it is read)."""
        ...

    def exists(self, parts: Sequence[str]) -> bool:
        """See `model.registry.Registry`."""
        ...

    def subkeys(self, parts: Sequence[str]) -> tuple[str, ...]:
        """See `model.registry.Registry`."""
        ...

    def values(self, parts: Sequence[str]) -> tuple[RegistryValue, ...]:
        """See `model.registry.Registry`."""
        ...

    def value(self, parts: Sequence[str], name: str) -> RegistryValue | None:
        """See `model.registry.Registry`."""
        ...

    def find_link(self, parts: Sequence[str]) -> KeyLink | None:
        """The first key on the way that is a link; None where the system follows links itself. The other methods do
        not follow them.
        """
        ...

    def written(self, parts: Sequence[str]) -> datetime | None:
        """See `model.registry.Registry`."""
        ...

    def unread(self) -> Iterable[tuple[str, str]]:
        """See `model.registry.Registry`."""
        ...


class UnreadHive(NamedTuple):
    """A hive that can't be read at all, and why."""

    seen: HiveSeen
    why: str


class RegistryTree:
    """The hives of one system; implements `model.registry.Registry`. `gaps` is what is known to be missing."""

    def __init__(self, hives: Iterable[KeyTree | UnreadHive], gaps: Iterable[tuple[str, str]] = ()) -> None:
        self._hives = tuple(hives)
        self._trees = {fold_name(hive.seen.root): hive for hive in self._hives if not isinstance(hive, UnreadHive)}
        self._gaps = tuple(gaps)
        self._sets: tuple[str, ...] | None = None
        self._link_gaps: dict[str, str] = {}

    @property
    def hives(self) -> tuple[HiveSeen, ...]:
        """See `model.registry.Registry`."""
        return tuple(tree.seen for tree in self._hives)

    def exists(self, key: str) -> bool:
        """See `model.registry.Registry`."""
        tree, parts = self._place(key)
        return tree.exists(parts) if tree else bool(self._roots_below(parts))

    def subkeys(self, key: str) -> tuple[str, ...]:
        """See `model.registry.Registry`."""
        tree, parts = self._place(key)
        return tree.subkeys(parts) if tree else self._roots_below(parts)

    def values(self, key: str) -> tuple[RegistryValue, ...]:
        """See `model.registry.Registry`."""
        tree, parts = self._place(key)
        return tree.values(parts) if tree else ()

    def value(self, key: str, name: str) -> RegistryValue | None:
        """See `model.registry.Registry`."""
        tree, parts = self._place(key)
        return tree.value(parts, name) if tree else None

    def written(self, key: str) -> datetime | None:
        """See `model.registry.Registry`."""
        tree, parts = self._place(key)
        return tree.written(parts) if tree else None

    def expand(self, key: str) -> tuple[str, ...]:
        """See `model.registry.Registry`."""
        parts = split_key(key)
        if parts[0] == "HKCR":
            inner = ["Software", "Classes", *parts[1:]]
            return (*self.expand("\\".join(["HKLM", *inner])), *self.expand("\\".join(["HKCU", *inner])))
        if parts[0] == "HKCU":
            return tuple(self._name_for_user(root, parts[1:]) for root in self._users())
        if _names_current_set(parts):
            rest = parts[3:]
            return tuple("\\".join((_SYSTEM, each, *rest)) for each in self._control_sets()) or ("\\".join(parts),)
        return ("\\".join(parts),)

    def hive_of(self, key: str) -> HiveSeen | None:
        """See `model.registry.Registry`."""
        tree, parts = self._place(key)
        if tree:
            return tree.seen
        root = fold_name("\\".join(parts[:2]))
        return next((hive.seen for hive in self._hives if fold_name(hive.seen.root) == root), None)

    def unread(self) -> Iterable[tuple[str, str]]:
        """See `model.registry.Registry`."""
        yield from self._gaps
        yield from self.link_gaps
        yield from self._missing_sets()
        for hive in self._hives:
            if isinstance(hive, UnreadHive):
                yield hive.seen.root, hive.why
            else:
                yield from hive.unread()

    @property
    def link_gaps(self) -> tuple[tuple[str, str], ...]:
        """The links that were met and could not be followed, and why."""
        return tuple(self._link_gaps.items())

    def _place(self, key: str) -> tuple[KeyTree | None, Sequence[str]]:
        tree, parts = self._look_up(key)
        for _ in range(MOST_LINKS):
            link = tree.find_link(parts) if tree else None
            if tree is None or link is None:
                return tree, parts
            where, target = (tree.seen.root, *parts[: link.depth]), name_target(link)
            if target is None:
                return self._note_link(where, NOWHERE)
            tree, parts = self._look_up("\\".join((target, *parts[link.depth :])))
            if tree is None:
                return self._note_link(where, f"a link to {escape_name(target)}, which was not read")
        return self._note_link((key,), TOO_MANY) if tree and tree.find_link(parts) else (tree, parts)

    def _note_link(self, where: Iterable[str], why: str) -> tuple[None, Sequence[str]]:
        if len(self._link_gaps) < _MOST_GAPS:
            self._link_gaps["\\".join(escape_name(name) for name in where)] = why
        return None, ()

    def _look_up(self, key: str) -> tuple[KeyTree | None, Sequence[str]]:
        parts = split_key(key)
        if parts[0] == "HKCR":
            parts = ["HKLM", "SOFTWARE", "Classes", *parts[1:]]
        if _names_current_set(parts):
            parts[2] = self._current_set()
        if len(parts) > 1 and parts[0] == "HKU":
            parts = split_key(self._name_for_user("\\".join(parts[:2]), parts[2:]))
        tree = self._trees.get(fold_name("\\".join(parts[:2])))
        return (tree, parts[2:]) if tree else (None, parts)

    def _name_for_user(self, root: str, rest: Sequence[str]) -> str:
        """A user's classes are a hive of their own, which the system links into the other."""
        own = [fold_name(part) for part in rest[:2]] == ["SOFTWARE", "CLASSES"]
        if own and fold_name(root + _CLASSES) in self._trees:
            return "\\".join((root + _CLASSES, *rest[2:]))
        return "\\".join((root, *rest))

    def _roots_below(self, parts: Sequence[str]) -> tuple[str, ...]:
        if len(parts) != 1:
            return ()
        roots = [tree.seen.root.split("\\", 1) for tree in self._trees.values()]
        return tuple(root[1] for root in roots if root[0] == parts[0])

    def _users(self) -> list[str]:
        roots = [tree.seen.root for tree in self._trees.values()]
        return [root for root in roots if root.startswith("HKU\\") and not root.endswith(_CLASSES)]

    def _current_set(self) -> str:
        tree = self._trees.get(_SYSTEM)
        value = tree.value(["Select"], "Current") if tree else None
        number = value.number() if value else None
        named = f"ControlSet{number:03}" if number else ""
        sets = self._control_sets()
        there = [each for each in sets if fold_name(each) == fold_name(named)]
        return next(iter((*there, *sets)), "CurrentControlSet")  # Wine has a key of that name, and no other

    def _missing_sets(self) -> Iterator[tuple[str, str]]:
        """The control sets that the system would use, and that are not there."""
        tree = self._trees.get(_SYSTEM)
        there = {fold_name(each) for each in self._control_sets()}
        for choice in _CHOICES if tree and there else ():
            value = tree.value(["Select"], choice) if tree else None
            number = value.number() if value else None
            if not number and choice == "Current" and len(there) > 1:
                yield (
                    f"{_SYSTEM}\\Select",
                    "which control set is the current one is not told; the first was taken for it",
                )
            elif number and fold_name(f"ControlSet{number:03}") not in there:
                yield f"{_SYSTEM}\\ControlSet{number:03}", f"Select\\{choice} names it, and it is not there"

    def _control_sets(self) -> tuple[str, ...]:
        if self._sets is None:
            tree = self._trees.get(_SYSTEM)
            self._sets = tuple(name for name in tree.subkeys([]) if _SET.match(name)) if tree else ()
        return self._sets


def split_key(key: str) -> list[str]:
    """The names in a path, the first one short and in capitals (HKCC is what it stands for); a `\\` at its end is
    passed over.
    """
    parts = key.strip("\\").split("\\")
    first = _SHORT.get(parts[0].upper(), parts[0].upper())
    if first == "HKCC":
        return ["HKLM", "SYSTEM", _CURRENT, "Hardware Profiles", "Current", *parts[1:]]
    return [first, *parts[1:]]


def _names_current_set(parts: Sequence[str]) -> bool:
    return len(parts) > 2 and [part.upper() for part in parts[:3]] == ["HKLM", "SYSTEM", _CURRENT]
