"""The scores of all drills that ended, beside their folders, so that one can be compared with the last."""

import os
from pathlib import Path
from typing import Final

import msgspec

from codered.model.errors import WrongUse
from codered_hq.drills.scoring import Score
from codered_hq.reporting.writing import write_bytes

DRILLS_FOLDER: Final = "drills"
_NAME: Final = "history.json"
_MOST: Final = 200
_MOST_BYTES: Final = 1 << 22


def find_place(folder: Path) -> Path:
    """The history that a headquarters (a real one, or a drill's own below it) has."""
    return (folder.parent if folder.parent.name == DRILLS_FOLDER else folder / DRILLS_FOLDER) / _NAME


def read_history(folder: Path) -> tuple[Score, ...]:
    """The scores, the newest last; none if there was no drill. Raises WrongUse."""
    place = find_place(folder)
    try:
        with open(os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            return msgspec.json.decode(file.read(_MOST_BYTES), type=tuple[Score, ...])
    except FileNotFoundError:
        return ()
    except (OSError, msgspec.DecodeError) as error:
        raise WrongUse(f"can't be read: {error}", where=str(place), advice="move it away") from None


def find_before(folder: Path, made: Score) -> Score | None:
    """The score of the drill before, of the same kind: others count other things. None if there is none. Raises
    WrongUse.
    """
    found = [each for each in read_history(folder) if each.drill != made.drill and each.kind == made.kind]
    return found[-1] if found else None


def add_score(folder: Path, new: Score) -> None:
    """Keep it; the same drill's older one is replaced. Raises WrongUse."""
    place = find_place(folder)
    kept = [each for each in read_history(folder) if each.drill != new.drill]
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_bytes(place, msgspec.json.encode([*kept, new][-_MOST:]))
