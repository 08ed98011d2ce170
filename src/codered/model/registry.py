"""The registry of a Windows system, whoever reads it: hives on an offline volume, or the running system itself."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from codered.model.paths import FilePath

HiveState = Literal["clean", "replayed", "dirty", "carved", "unreadable", "live"]
"""`clean`: both sequence numbers agree; `replayed`: its transaction logs were applied to a copy in memory; `dirty`: the
numbers do not agree and no log could be applied; `carved`: corrupt, cells were searched for; `live`: what runs."""

REG_NONE, REG_SZ, REG_EXPAND_SZ, REG_BINARY, REG_DWORD, REG_DWORD_BIG_ENDIAN, REG_LINK, REG_MULTI_SZ = range(8)
REG_QWORD = 11
_TEXTS = (REG_SZ, REG_EXPAND_SZ, REG_LINK)


class RegistryValue(msgspec.Struct, frozen=True):
    """A value as it lies there: `name` ("" = the key's default value) may hold NUL and lone surrogates, `type` is a
    REG_ number, `data` the raw bytes.
    """

    name: str
    type: int
    data: bytes

    def text(self) -> str:
        """The text of a string value without its end, a number in decimal, of several strings the first; else ""."""
        number = self.number()
        if number is not None:
            return str(number)
        return next(iter(self.texts()), "")

    def texts(self) -> tuple[str, ...]:
        """The strings of a string value; none of any other type."""
        if self.type == REG_MULTI_SZ:
            return tuple(part for part in _decode(self.data).split("\0") if part)
        return (_decode(self.data).split("\0", 1)[0],) if self.type in _TEXTS else ()

    def number(self) -> int | None:
        """The number of a DWORD or QWORD value; None of any other type, or if it is cut short."""
        if self.type in (REG_DWORD, REG_DWORD_BIG_ENDIAN) and len(self.data) >= 4:
            return int.from_bytes(self.data[:4], "little" if self.type == REG_DWORD else "big")
        if self.type == REG_QWORD and len(self.data) >= 8:
            return int.from_bytes(self.data[:8], "little")
        return None


def _decode(data: bytes) -> str:
    return data[: len(data) & ~1].decode("utf-16-le", "surrogatepass")


class HiveSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A hive: where it hangs (`HKLM\\SYSTEM`, `HKU\\S-1-5-21-…-500`), its file (None = live), `shown` as the examined
    system names that, its state, and in `notes` what is to be known about how it was read.
    """

    root: str
    path: FilePath | None = None
    shown: str | None = None
    state: HiveState = "clean"
    notes: tuple[str, ...] = ()


class Registry(Protocol):
    """Reads by full path, any case: `HKLM\\SOFTWARE\\…`, `HKU\\<SID>\\…`. What is not there is empty, never an error;
    what could not be read is in `unread()`. `CurrentControlSet` is the one that `Select\\Current` names.
    """

    @property
    def hives(self) -> tuple[HiveSeen, ...]:
        """Every hive that was found, readable or not."""
        ...

    def exists(self, key: str) -> bool:
        """Whether the key is there."""
        ...

    def subkeys(self, key: str) -> tuple[str, ...]:
        """The names of its sub-keys, in the hive's order."""
        ...

    def values(self, key: str) -> tuple[RegistryValue, ...]:
        """All its values."""
        ...

    def value(self, key: str, name: str) -> RegistryValue | None:
        """One of its values, by name in any case."""
        ...

    def written(self, key: str) -> datetime | None:
        """When the key was last written, UTC; None if it is not there or that is not known."""
        ...

    def expand(self, key: str) -> tuple[str, ...]:
        """The concrete keys a path of a pack means: `CurrentControlSet` every ControlSet that is there, `HKCU` every
        user's hive, `HKCR` the classes of the machine and of every user; else the key itself. They need not exist.
        """
        ...

    def hive_of(self, key: str) -> HiveSeen | None:
        """The hive that holds (or would hold) a concrete key."""
        ...

    def unread(self) -> Iterable[tuple[str, str]]:
        """What could not be read: where, and why."""
        ...


def escape_name(name: str) -> str:
    """A key's or value's name on one line of valid text: control characters and lone surrogates escaped."""
    return "".join(
        char if char.isprintable() or char == " " else char.encode("unicode_escape", "surrogatepass").decode()
        for char in name
    )


def fold_name(name: str) -> str:
    """The form in which names of keys and values are equal that Windows does not tell apart: it compares them unit for
    unit of UTF-16 in capitals, so that no letter ever becomes two (`ß`), or one of another alphabet (`ı`, `ſ`).
    """
    return name.upper() if name.isascii() else "".join(map(_fold_char, name))


def _fold_char(char: str) -> str:
    up = char.upper()
    return up if len(up) == 1 and up.lower() == char and char <= "\uffff" else char
