"""What must be known of each kind of device beside its access list, from device_words.json."""

from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from codered.export.controls.orders import SIDES, Side


class ListWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One list for addresses of a `family` (4, 6, 0 = both): the `target` of Aerleon, whether its last line must permit
    the rest, how it is attached to an interface and how all of it is undone.
    """

    family: Literal[0, 4, 6]
    target: str
    rest: bool
    attach: str
    undo: str
    sides: tuple[Side, ...] = SIDES


class EachWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is entered for each address of a `family` (0 = both)."""

    apply: str
    undo: str
    family: Literal[0, 4, 6] = 0


class DeviceWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of device: its name for people, the usual names of its interfaces or zones, its lists, what is entered for
    each address, how entering and undoing end, and the notes to read before. `joined`: both sides in one text.
    """

    title: str
    inside: str
    outside: str
    lists: tuple[ListWords, ...]
    notes: tuple[str, ...]
    each: dict[Side, EachWords] = {}
    finish: str = ""
    undo_finish: str = ""
    joined: bool = False


@cache
def read_device_words() -> dict[str, DeviceWords]:
    """All kinds of devices by their platform."""
    data = Path(__file__).with_suffix(".json").read_bytes()
    return msgspec.json.decode(data, type=dict[str, DeviceWords])
