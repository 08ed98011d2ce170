"""What this host gives the tool: a folder for its state, a clock, and packs."""

import os
import stat
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from codered.model.errors import CodeRedError, WrongUse
from codered.model.pack import LoadedPack
from codered.model.self_check import Check, CheckState
from codered.packs.loading import choose_packs_folder, find_shipped_packs, load_packs
from codered.packs.updating.current import find_home, read_current
from codered.system.descriptors import measure_free
from codered.system.private_files import MAKE_OURS_ALONE, is_owned, is_secret
from codered.system.state_folder import state_folder

OLD_PACKS: Final = timedelta(days=90)
LEAST_FREE: Final = 256 << 20
"""Bytes: a vault of what a usual removal takes, and a journal."""
_MOST_DRIFT = 2.0  # seconds that the two clocks may differ by while we look: time servers move it by less


def check_state_folder() -> Check:
    """Whether plans, journals, keys and the vault are safe there. Nothing is made."""
    subject = "state folder"
    try:
        folder = state_folder()
        status = os.stat(folder)
        if not stat.S_ISDIR(status.st_mode) or not is_owned(status, folder) or not is_secret(status, folder):
            return _check(subject, "wrong", f"{folder} is not ours alone", MAKE_OURS_ALONE)
    except FileNotFoundError:
        return _check(subject, "good", f"{folder} is not there yet; it is made for its owner alone when it is needed")
    except CodeRedError as error:
        return _check(subject, "wrong", error.what, error.advice)
    except OSError as error:
        return _check(subject, "wrong", f"it can't be looked at: {error.strerror}", "set CODERED_STATE")
    if not os.access(folder, os.W_OK | os.X_OK):
        return _check(subject, "wrong", f"{folder} can't be written to", "set CODERED_STATE to a folder that can")
    free = measure_free(os.fsencode(folder))
    if free < LEAST_FREE:
        return _check(subject, "wrong", f"{folder} has {free >> 20} MiB left", "make room, or set CODERED_STATE")
    return _check(subject, "good", f"{folder} is ours alone and writable, {free >> 20:,} MiB are free")


def check_clock(made: float, begun: tuple[float, float]) -> Check:
    """Whether the time can be right: not before our own files were made (seconds since the epoch), and as far from
    `begun` (of `read_clocks`) as the clock that is never set.
    """
    now, counted = read_clocks()
    shown = f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d %H:%M:%S} UTC"
    if now < made:
        told = f"it is {shown}, and this tool is of {datetime.fromtimestamp(made, UTC):%Y-%m-%d %H:%M}"
        return _check("clock", "wrong", told, "set the clock: timelines, approvals and journals need it")
    drift = (now - begun[0]) - (counted - begun[1])
    if counted < begun[1] or abs(drift) > _MOST_DRIFT:
        return _check("clock", "wrong", f"it was set by {drift:+.1f} s while we looked", "see who sets the clock")
    return _check("clock", "good", f"{shown}, not before this tool was made; whether it is exact can't be told here")


def read_clocks() -> tuple[float, float]:
    """Seconds since the epoch, and seconds of the clock that is never set."""
    return time.time(), time.monotonic()


def read_made(folder: Path) -> float:
    """When the tool's own files were made or installed, seconds since the epoch; 0 if that can't be told."""
    try:
        return os.stat(folder / "codered" / "__init__.py").st_mtime
    except OSError:
        return 0.0


def check_packs() -> tuple[Check, tuple[LoadedPack, ...]]:
    """Which packs are in use, whether they are whole, who signed them and how old they are; and the packs that the tool
    ships, none if they can't be read.
    """
    try:
        shipped = load_packs(find_shipped_packs())
    except WrongUse as error:
        return _check("packs", "wrong", f"those shipped with the tool: {error}", "install the tool again", "trust"), ()
    try:
        folder, warning = choose_packs_folder()
        if warning:
            return _check("packs", "wrong", warning, "codered packs update", "trust"), shipped
        if os.environ.get("CODERED_PACKS"):
            count = len(load_packs(folder))
            told = f"{count} packs in {folder} (CODERED_PACKS); nobody signed them"
            return _check("packs", "unchecked", told, "unset CODERED_PACKS", "trust"), shipped
        return _tell_packs(shipped), shipped
    except CodeRedError as error:
        return _check("packs", "wrong", str(error), "codered packs update", "trust"), shipped


def _tell_packs(shipped: tuple[LoadedPack, ...]) -> Check:
    """Raises WrongUse."""
    home = find_home()
    installed = read_current(home) if home is not None else None
    if installed is None:
        newest = max(loaded.pack.version for loaded in shipped)
        told = f"{len(shipped)} packs as shipped with the tool, the newest of {newest}, are whole"
        return _check("packs", "good", told, "codered packs sources add: take signed updates", "trust")
    record = installed.record
    names = sorted({pack.source for pack in record.packs if pack.source})
    told = f"{len(record.packs)} packs, installed {record.made[:10]} from {', '.join(names) or 'the tool'}"
    told += ", whole; the source's signature was verified then"
    return _check("packs", "good", told + tell_age(record.made, datetime.now(UTC)), "codered packs update", "trust")


def tell_age(made: str, now: datetime) -> str:
    """A remark on a set that is old, "" if it is not or nobody can tell."""
    try:
        age = now - datetime.fromisoformat(made)
    except (ValueError, TypeError):
        return ""
    return f"; that is {age.days} days ago" if age > OLD_PACKS else ""


def _check(subject: str, state: CheckState, told: str, advice: str = "", group: str = "here") -> Check:
    return Check(subject=subject, group="trust" if group == "trust" else "here", state=state, told=told, advice=advice)
