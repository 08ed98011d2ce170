"""The drills below a real headquarters: each is a folder with a headquarters of its own. Files in it tell what became
of it, so that this one need not open its database.
"""

import itertools
import os
import re
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeVar

import msgspec

from codered.model.errors import WrongUse
from codered.system.private_files import make_private_folder
from codered_hq.drills.copying import carry, read_crew
from codered_hq.drills.history import DRILLS_FOLDER
from codered_hq.drills.populating import write_range
from codered_hq.drills.scenario_files import Scenario
from codered_hq.drills.scoring import Score
from codered_hq.ledger.writing import enter
from codered_hq.reporting.writing import write_bytes

RANGE_NAME: Final = "range.json"
BEGUN_NAME: Final = "drill-begun"
SERVED_NAME: Final = "served.json"
SCORE_NAME: Final = "score.json"
LOG_NAME: Final = "begin.log"
PATIENT_SECONDS: Final = 2.0
"""A page waits so long for a drill to begin; after that it begins behind it."""
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MOST_BYTES: Final = 1 << 20
_OURS: Final = ("CODERED_HQ_DATABASE", "CODERED_CONSOLE_NAMES", "CODERED_CONSOLE_ORIGIN", "CODERED_CONSOLE_DRILLS")
_T = TypeVar("_T")
State = Literal["begins", "failed", "goes_on", "ended"]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be played: the scenario's name or file, the drill's name, its speed (0 = the scenario's)."""

    scenario: str
    name: str
    speed: float = 0.0


class Range(NamedTuple):
    """One of them: `address` of its console ("" = not served), `score` once it ended, `why` it did not begin."""

    name: str
    title: str
    by: str
    at: datetime
    folder: Path
    state: State
    address: str
    score: Score | None
    why: str


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    title: str
    by: str
    at: datetime


class _Served(msgspec.Struct, frozen=True, kw_only=True):
    address: str


def find_free_name(real: Path, name: str) -> str:
    """A name for a drill: this, or the first of NAME-2, NAME-3, … that no drill below this real headquarters has."""
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    return next(each for each in names if not os.path.lexists(real / DRILLS_FOLDER / each))


def make_range(real: Path, wanted: Wanted, scenario: Scenario, by: str, at: datetime) -> Path:
    """The folder of a drill below this real headquarters, with its switches, people, accounts and rules; `by`: who
    wants it. Raises WrongUse.
    """
    if not _NAME.fullmatch(wanted.name):
        raise WrongUse("is no name of a drill", where=wanted.name[:64], advice="letters, digits, . _ - (64 at most)")
    if wanted.speed and not 0.1 <= wanted.speed <= 60:
        raise WrongUse("is no speed", where=f"{wanted.speed:g}", advice="0.1 to 60 played seconds in a real one")
    folder = real / DRILLS_FOLDER / wanted.name
    if os.path.lexists(folder):
        raise WrongUse("there is a drill of this name already", where=str(folder), advice="give it another name")
    try:
        make_private_folder(folder)
        write_range(folder, scenario)
        carry(read_crew(), real, folder)
    except OSError as error:
        raise WrongUse(f"can't be made: {error.strerror}", where=str(folder)) from None
    note_range(folder, scenario.title, by, at)
    enter("incident", by, f"DRILL {wanted.name} was made, in a headquarters of its own", at)
    return folder


def begin_behind(folder: Path, wanted: Wanted) -> bool:
    """Begin it by a process of its own. Whether it began already; else it goes on behind us. Raises WrongUse if it
    failed at once.
    """
    words = ["drill", "tabletop", "start", wanted.scenario, "--name", wanted.name, "--speed", f"{wanted.speed:g}"]
    with (folder / LOG_NAME).open("wb") as log:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-P", "-m", "codered", *words], env=make_environment(folder), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=log, start_new_session=True,
        )  # fmt: skip
    waiting = threading.Thread(target=process.wait, daemon=True)
    waiting.start()
    waiting.join(PATIENT_SECONDS)
    if process.returncode:
        raise WrongUse(f"did not begin: {_read_why(folder)}", where=wanted.name, advice="try another name")
    return process.returncode == 0


def make_environment(folder: Path) -> dict[str, str]:
    """Of a process whose headquarters is this drill's; it imports what we do: a checkout may not be installed."""
    kept = {name: value for name, value in os.environ.items() if name not in _OURS}
    cookies = f"drill-{folder.name}"
    source = str(Path(__file__).resolve().parents[2])
    return {**kept, "CODERED_HQ": str(folder), "CODERED_CONSOLE_COOKIES": cookies, "PYTHONPATH": source}


def note_range(folder: Path, title: str, by: str, at: datetime) -> None:
    """Mark a folder as that of a drill from this time (aware): the real headquarters lists it. Raises WrongUse."""
    kept = _Kept(name=folder.name, title=title, by=by, at=at)
    write_bytes(folder / RANGE_NAME, msgspec.json.encode(kept))


def note_begun(folder: Path) -> None:
    """It goes on: in the drill's own folder. Raises WrongUse."""
    write_bytes(folder / BEGUN_NAME, b"")


def note_served(folder: Path, address: str) -> None:
    """Its console is there now; "" = no more. Raises WrongUse."""
    if address:
        write_bytes(folder / SERVED_NAME, msgspec.json.encode(_Served(address=address)))
    else:
        (folder / SERVED_NAME).unlink(missing_ok=True)


def list_ranges(real: Path) -> list[Range]:
    """All drills below this real headquarters, the newest first; what is no drill's folder is left out."""
    try:
        folders = [place for place in (real / DRILLS_FOLDER).iterdir() if place.is_dir() and not place.is_symlink()]
    except OSError:
        return []
    found = [one for folder in folders if (one := read_range_of(folder))]
    return sorted(found, key=lambda one: (one.at, one.name), reverse=True)


def read_range_of(folder: Path) -> Range | None:
    """What became of the drill in this folder; None if it is none."""
    kept = _read(folder / RANGE_NAME, _Kept)
    if kept is None:
        return None
    score, served = _read(folder / SCORE_NAME, Score), _read(folder / SERVED_NAME, _Served)
    address = served.address if served and served.address.startswith("https://") else ""
    why = ""
    state: State = "ended" if score else "goes_on" if (folder / BEGUN_NAME).exists() else "begins"
    if state == "begins" and (why := _read_why(folder)):
        state = "failed"
    return Range(folder.name, kept.title, kept.by, kept.at, folder, state, address, score, why)


def read_kept(place: Path) -> bytes:
    """A file that the drill left when it ended. Raises WrongUse."""
    found = _read_bytes(place)
    if not found:
        raise WrongUse("is not there: the drill has not ended", where=place.name, advice="end the drill first")
    return found


def _read(place: Path, kind: type[_T]) -> _T | None:
    try:
        return msgspec.json.decode(_read_bytes(place), type=kind)
    except msgspec.DecodeError:
        return None


def _read_why(folder: Path) -> str:
    """The last thing that its beginning said, if it was an error."""
    lines = _read_bytes(folder / LOG_NAME).decode(errors="replace").strip().splitlines()
    return lines[-1].removeprefix("codered: ")[:300] if lines else ""


def _read_bytes(place: Path) -> bytes:
    try:
        with open(os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            return file.read(_MOST_BYTES)
    except OSError:
        return b""
