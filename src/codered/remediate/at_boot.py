"""clean_at_boot: a systemd unit that goes on with an approved plan when the host starts, before the network is there.

The case knows of it before it is written, so a rollback takes it away; when it has run, it is taken away as well.
"""

import hashlib
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from codered.model.errors import Refused
from codered.model.plan import Plan
from codered.model.target import Target
from codered.remediate.attributes import FolderBefore, read_folder, restore_folder_times
from codered.remediate.case_folder import CaseFolder
from codered.remediate.file_state import Spot, escape_text, open_regular
from codered.remediate.placing import put_new, write_all

UNITS = b"etc/systemd/system"
WANTS = b"sysinit.target.wants"
_BOOTED = b"run/systemd/system"
_MOST_UNIT = 1 << 16
_TEXT = """\
# Written by codered for plan {plan}; it removes itself. `codered rollback {plan}` removes it too.
[Unit]
Description=Finish the removal of plan {plan}
DefaultDependencies=no
After=local-fs.target systemd-remount-fs.service
Before=sysinit.target network-pre.target shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target
RequiresMountsFor={places}

[Service]
Type=oneshot
Environment={state}
ExecStart={command}
TimeoutStartSec=600

[Install]
WantedBy=sysinit.target
"""


class Armed(msgspec.Struct, frozen=True, kw_only=True):
    """What the journal remembers of a unit: its name, the hash of its text, whether the folder of its link was made for
    it, and the folders before.
    """

    unit: str
    sha256: str
    made: bool
    units: FolderBefore
    wants: FolderBefore | None


class BootUnit(NamedTuple):
    """A unit to be written: its file name and its text."""

    name: str
    text: bytes


def make_unit(plan: Plan, case: Path) -> BootUnit:
    """The unit that finishes this plan from its case with this very tool. Raises Refused if a path can't be written in
    a unit.
    """
    command = [sys.executable, "-I", "-m", "codered", "apply", str(case / "plan.json"), "--yes", "--finish-at-boot"]
    state = str(case.parent.parent)
    text = _TEXT.format(
        plan=plan.id,
        places=f"{quote_word(str(case))} {quote_word(os.path.dirname(sys.executable))}",
        state=quote_word(f"CODERED_STATE={state}"),
        command=" ".join([quote_word(command[0]), *(quote_word(word, command=True) for word in command[1:])]),
    )
    return BootUnit(f"codered-finish-{plan.id}.service", text.encode())


def quote_word(word: str, *, command: bool = False) -> str:
    """One word as systemd reads it back, in a `command` or another setting. Raises Refused if it can't be written."""
    if any(not c.isprintable() for c in word):
        raise Refused(
            "a path that can't be written in a unit", where=escape_text(word), advice="use plain folder names"
        )
    quoted = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{quoted.replace("$", "$$") if command else quoted}"'


def check_boots(target: Target) -> None:
    """Raises Refused if this host is not started by systemd, so that nobody would read a unit."""
    what = "this host is not started by systemd, so nothing can be left to its next start"
    try:
        for folder in (UNITS, _BOOTED) if target.info.kind == "live_linux" else (UNITS,):
            os.close(target.open_dir(folder))
    except OSError:
        advice = "end what starts it again, then apply again"
        raise Refused(what, where=escape_text(target.info.root), advice=advice) from None


def arm(plan: Plan, target: Target, folder: CaseFolder) -> BootUnit:
    """Write the unit and its link, journaled first. Raises Refused (the plan was not begun, no systemd), OSError."""
    if not any(entry.event == "opened" for entry in folder.journal.entries):
        raise Refused("this plan was never begun", where=folder.shown, advice="apply it first")
    check_boots(target)
    unit = make_unit(plan, Path(os.fsdecode(folder.folder)))
    disarm(target, folder)  # what an earlier run left half-way
    units = target.open_dir(UNITS)
    try:
        wants = _read_wants(units)
        record = Armed(
            unit=unit.name,
            sha256=hashlib.sha256(unit.text).hexdigest(),
            made=wants is None,
            units=read_folder(units),
            wants=wants,
        )
        folder.journal.append("armed", note=msgspec.json.encode(record).decode())
        _write(unit, units, make=wants is None)
    finally:
        os.close(units)
    return unit


def disarm(target: Target, folder: CaseFolder) -> bool:
    """Take the unit and its link away, if there is one; whether there was. A file that is not as it was written is left
    alone. Raises OSError.
    """
    note = folder.journal.armed()
    if not note:
        return False
    record = msgspec.json.decode(note, type=Armed)
    try:
        units = target.open_dir(UNITS)
    except FileNotFoundError:
        units = -1
    try:
        if units >= 0:
            _remove(record, units)
    finally:
        if units >= 0:
            os.close(units)
    folder.journal.append("disarmed", note=record.unit)
    return True


def _write(unit: BootUnit, units: int, *, make: bool) -> None:
    name = unit.name.encode()

    def fill(out: int) -> None:
        write_all(out, unit.text)
        os.fchmod(out, 0o644)

    put_new(Spot(units, name), b".codered-" + name, fill)
    if make:
        os.mkdir(WANTS, 0o755, dir_fd=units)
    wants = _open_wants(units)
    try:
        os.symlink(b"../" + name, name, dir_fd=wants)
        os.fsync(wants)
    finally:
        os.close(wants)
    os.fsync(units)


def _remove(record: Armed, units: int) -> None:
    name = record.unit.encode()
    with suppress(FileNotFoundError):
        wants = _open_wants(units)
        try:
            with suppress(FileNotFoundError, OSError):
                if os.readlink(name, dir_fd=wants) == b"../" + name:
                    os.unlink(name, dir_fd=wants)
                    os.fsync(wants)
            if record.wants is not None:
                restore_folder_times(wants, record.wants)
        finally:
            os.close(wants)
        if record.made:
            with suppress(OSError):  # somebody else put something in it
                os.rmdir(WANTS, dir_fd=units)
    with suppress(FileNotFoundError):
        os.unlink(b".codered-" + name, dir_fd=units)
    if _is_ours(record, Spot(units, name)):
        os.unlink(name, dir_fd=units)
    os.fsync(units)
    restore_folder_times(units, record.units)


def _is_ours(record: Armed, spot: Spot) -> bool:
    try:
        fd = open_regular(spot)
    except OSError:
        return False
    try:
        return hashlib.sha256(os.read(fd, _MOST_UNIT)).hexdigest() == record.sha256
    finally:
        os.close(fd)


def _open_wants(units: int) -> int:
    return os.open(WANTS, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=units)


def _read_wants(units: int) -> FolderBefore | None:
    try:
        seen = os.stat(WANTS, dir_fd=units, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISDIR(seen.st_mode):
        raise Refused("is no folder", where=os.fsdecode(WANTS), advice="look at it: systemd expects a folder there")
    wants = _open_wants(units)
    try:
        return read_folder(wants)
    finally:
        os.close(wants)
