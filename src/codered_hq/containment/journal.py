"""What is about to be changed on a device, kept on disk until the database knows what came of it: the state before and
the backup, without which a crash in between could not be undone.
"""

import os
from datetime import datetime
from pathlib import Path

import msgspec

from codered.system.private_files import make_private_folder
from codered_hq.devices.kept_orders import write_file
from codered_hq.model.device import ControlOrder, ControlState

_NAME = "begun"
_MOST_BYTES = 64 << 20


class Unreadable(Exception):
    """Something was noted, and can't be read; the text says why."""


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """One change that is about to begin."""

    order: ControlOrder
    before: ControlState
    backup: bytes = b""
    undo_at: datetime | None = None


def note(folder: Path, uid: str, begun: Begun) -> None:
    """On the disk before this returns. Raises OSError."""
    place = folder / _NAME
    make_private_folder(place)
    write_file(place / f"{uid}.json", msgspec.json.encode(begun))


def recall(folder: Path, uid: str) -> Begun | None:
    """What was noted; None if there is nothing. Raises Unreadable: then something may have been changed."""
    try:
        descriptor = os.open(folder / _NAME / f"{uid}.json", os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        with open(descriptor, "rb") as file:
            return msgspec.json.decode(file.read(_MOST_BYTES), type=Begun)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(str(error)[:150]) from None


def drop(folder: Path, uid: str) -> None:
    """The database knows it now."""
    (folder / _NAME / f"{uid}.json").unlink(missing_ok=True)
