"""The registry of the running Windows, through winreg; users who are not logged on by their hives' files."""

import importlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from types import ModuleType
from typing import Any

from codered.collect.registry.file_times import read_filetime
from codered.collect.registry.finding_hives import SystemFolder
from codered.collect.registry.hive_opening import open_hive
from codered.collect.registry.namespace import KeyTree, RegistryTree, UnreadHive
from codered.collect.registry.user_hives import find_user_hives
from codered.model.errors import WrongUse
from codered.model.registry import (
    REG_DWORD_BIG_ENDIAN,
    REG_QWORD,
    HiveSeen,
    RegistryValue,
    escape_name,
)
from codered.model.target import Target

_MACHINE = ("SYSTEM", "SOFTWARE", "SAM", "SECURITY")
_MOST = 2_000_000
_MOST_PROBLEMS = 200
_GONE = (2, 3, 1018)  # no such key or value; a key that is being deleted
_SYSTEM_ROOT = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"


def open_live_registry(target: Target) -> RegistryTree:
    """The running system's registry. Raises WrongUse where there is none."""
    if sys.platform != "win32":
        raise WrongUse("the running registry can be read on Windows only", where="registry", advice="use --root")
    return read_live_registry(target, importlib.import_module("winreg"))


def read_live_registry(target: Target, winreg: ModuleType) -> RegistryTree:
    """As `open_live_registry`, from a module that is like winreg."""
    trees: list[KeyTree | UnreadHive] = [LiveTree(winreg, f"HKLM\\{name}") for name in _MACHINE]
    users = LiveTree(winreg, "HKU")
    trees += [LiveTree(winreg, f"HKU\\{name}") for name in users.subkeys([]) if "\0" not in name]
    machine = RegistryTree(trees)
    value = machine.value(_SYSTEM_ROOT, "SystemRoot")
    drive, _, name = (value.text() if value else "C:\\Windows").partition(":\\")
    others = find_user_hives(target, SystemFolder(drive.upper(), name, 0), machine)
    loaded = {tree.seen.root.upper() for tree in trees}
    offline = [hive for hive in others.hives if hive.root.upper() not in loaded]
    gaps = [*users.unread()]
    gaps += [gap for gap in others.gaps if gap[0].upper() not in loaded]
    return RegistryTree([*trees, *(open_hive(target, hive) for hive in offline)], gaps)


class LiveTree:
    """A part of the running registry, its 64-bit view (the other one is below Wow6432Node); implements
    `namespace.KeyTree`. `winreg` is the module of that name.
    """

    def __init__(self, winreg: ModuleType, root: str) -> None:
        top, _, below = root.partition("\\")
        self._winreg: Any = winreg  # has types on Windows only
        self._top = self._winreg.HKEY_LOCAL_MACHINE if top == "HKLM" else self._winreg.HKEY_USERS
        self._below = below
        self._root = root
        self._problems: dict[str, str] = {}

    @property
    def seen(self) -> HiveSeen:
        """See `namespace.KeyTree`."""
        return HiveSeen(root=self._root, state="live")

    def exists(self, parts: Sequence[str]) -> bool:
        """See `namespace.KeyTree`."""
        return self._look(parts, lambda _: True) or False

    def subkeys(self, parts: Sequence[str]) -> tuple[str, ...]:
        """See `namespace.KeyTree`."""
        names = self._look(parts, lambda key: tuple(self._list(key, self._winreg.EnumKey))) or ()
        for name in names:
            if "\0" in name:
                self._note((*parts, name), "a name with NUL: only from offline can it be opened")
        return names

    def values(self, parts: Sequence[str]) -> tuple[RegistryValue, ...]:
        """See `namespace.KeyTree`."""
        found = self._look(parts, lambda key: tuple(self._list(key, self._winreg.EnumValue))) or ()
        return tuple(RegistryValue(name, kind, encode_data(kind, data)) for name, data, kind in found)

    def value(self, parts: Sequence[str], name: str) -> RegistryValue | None:
        """See `namespace.KeyTree`."""
        if "\0" in name:
            return next((value for value in self.values(parts) if value.name.upper() == name.upper()), None)
        found = self._look(parts, lambda key: self._winreg.QueryValueEx(key, name))
        return RegistryValue(name, found[1], encode_data(found[1], found[0])) if found else None

    def find_link(self, parts: Sequence[str]) -> None:
        """The system itself follows links."""

    def written(self, parts: Sequence[str]) -> datetime | None:
        """See `namespace.KeyTree`."""
        found = self._look(parts, self._winreg.QueryInfoKey)
        return read_filetime(found[2]) if found else None

    def unread(self) -> Iterable[tuple[str, str]]:
        """See `namespace.KeyTree`."""
        return tuple(self._problems.items())

    def _look(self, parts: Sequence[str], look: Callable[[object], Any]) -> Any:  # noqa: ANN401 - what look gives
        """What `look` says of the open key; None if it is not there, or can't be read, which is noted."""
        path = "\\".join((self._below, *parts) if self._below else parts)
        if "\0" in path:
            self._note(parts, "a name with NUL: only from offline can it be opened")
            return None
        try:
            with self._winreg.OpenKey(self._top, path, 0, self._access) as key:
                return look(key)
        except OSError as error:
            if getattr(error, "winerror", None) not in _GONE and not isinstance(error, FileNotFoundError):
                self._note(parts, f"it can't be read ({error.strerror or error})")
            return None

    @property
    def _access(self) -> int:
        return int(self._winreg.KEY_READ | self._winreg.KEY_WOW64_64KEY)

    def _list(self, key: object, enumerate_one: Callable[[object, int], Any]) -> Iterator[Any]:
        for number in range(_MOST):
            try:
                yield enumerate_one(key, number)
            except OSError as error:
                if getattr(error, "winerror", None) not in (None, 259):  # 259: no more
                    raise
                return

    def _note(self, parts: Sequence[str], why: str) -> None:
        if len(self._problems) < _MOST_PROBLEMS:
            self._problems["\\".join((self._root, *(escape_name(part) for part in parts)))] = why


def encode_data(kind: int, data: object) -> bytes:
    """The raw bytes of what winreg gave: text as UTF-16 with its NUL, numbers in their order."""
    if isinstance(data, bytes):
        return data
    if isinstance(data, int):
        if kind == REG_DWORD_BIG_ENDIAN:
            return data.to_bytes(4, "big")
        return data.to_bytes(8 if kind == REG_QWORD else 4, "little")
    if isinstance(data, str):
        return (data + "\0").encode("utf-16-le", "surrogatepass")
    if isinstance(data, list):
        return ("".join(f"{part}\0" for part in data) + "\0").encode("utf-16-le", "surrogatepass")
    return b""
