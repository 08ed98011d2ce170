"""A watch that survives a reboot: its systemd unit, which reads the watch's own state, and goes when the watch ends."""

import hashlib
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import msgspec

from codered.model.errors import Refused
from codered.model.target import Target
from codered.remediate.at_boot import UNITS, check_boots, quote_word
from codered.remediate.file_state import Spot, escape_text, open_regular
from codered.remediate.placing import put_new, write_all
from codered.remediate.systemd import PROGRAM, RUNNING, tell_systemd

WANTS = b"multi-user.target.wants"
_MOST_UNIT = 1 << 16
_SECONDS = 30
_TEXT = """\
# Written by codered for its watch {name}; it goes when the watch ends. `codered monitor stop {name}` removes it too.
[Unit]
Description=Watch of a cleaned host ({name})
After=local-fs.target
RequiresMountsFor={places}

[Service]
Type=simple
Environment={state}
Environment={cache}
ExecStart={command}
Restart=on-failure
RestartSec=5
SuccessExitStatus=1 3 130

[Install]
WantedBy=multi-user.target
"""


class WatchUnit(msgspec.Struct, frozen=True):
    """A unit: its file name and its text."""

    name: str
    text: bytes


def make_watch_unit(name: str, state: Path, cache: Path) -> WatchUnit:
    """The unit that goes on with this watch. Raises Refused if a path can't be written in a unit."""
    words = [sys.executable, "-I", "-m", "codered", "monitor", "--resume", name]
    text = _TEXT.format(
        name=name,
        places=f"{quote_word(str(state))} {quote_word(os.path.dirname(sys.executable))}",
        state=quote_word(f"CODERED_STATE={state}"),
        cache=quote_word(f"CODERED_CACHE={cache}"),
        command=" ".join([quote_word(words[0]), *(quote_word(word, command=True) for word in words[1:])]),
    )
    return WatchUnit(f"codered-monitor-{name}.service", text.encode())


def install_unit(unit: WatchUnit, target: Target) -> None:
    """Write the unit and its link. Raises Refused (no systemd, or it can't be written)."""
    check_boots(target)
    name = unit.name.encode()

    def fill(out: int) -> None:
        write_all(out, unit.text)
        os.fchmod(out, 0o644)

    try:
        units = target.open_dir(UNITS)
        try:
            remove_unit(unit, target)
            put_new(Spot(units, name), b".codered-" + name, fill)
            with suppress(FileExistsError):
                os.mkdir(WANTS, 0o755, dir_fd=units)
            wants = target.open_dir(UNITS + b"/" + WANTS)
            try:
                os.symlink(b"../" + name, name, dir_fd=wants)
            finally:
                os.close(wants)
            os.fsync(units)
        finally:
            os.close(units)
    except OSError as error:
        what = f"the unit can't be written: {error.strerror or error}"
        raise Refused(
            what, where=escape_text(unit.name), advice="leave --install away, and start it yourself"
        ) from None


def remove_unit(unit: WatchUnit, target: Target) -> bool:
    """Take the unit and its link away; whether it was there. One that somebody changed stays. Raises OSError."""
    name = unit.name.encode()
    try:
        units = target.open_dir(UNITS)
    except FileNotFoundError:
        return False
    try:
        with suppress(FileNotFoundError, NotADirectoryError):
            wants = target.open_dir(UNITS + b"/" + WANTS)
            try:
                with suppress(OSError):
                    if os.readlink(name, dir_fd=wants) == b"../" + name:
                        os.unlink(name, dir_fd=wants)
            finally:
                os.close(wants)
        if not _is_ours(unit, Spot(units, name)):
            return False
        os.unlink(name, dir_fd=units)
        os.fsync(units)
        return True
    finally:
        os.close(units)


def start_unit(unit: WatchUnit, target: Target) -> str:
    """Have a running systemd read and start it; what failed, "" if nothing."""
    if (target.info.kind, target.info.root) != ("live_linux", "/") or not RUNNING.is_dir():
        return "systemd does not run: the watch begins with the next start of the host"
    said = tell_systemd(target)
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, its arguments as a list
            [PROGRAM, "start", "--", unit.name],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{said} {unit.name} could not be started: {type(error).__name__}".strip()
    return said if done.returncode == 0 else f"{said} systemctl start {unit.name} failed".strip()


def _is_ours(unit: WatchUnit, spot: Spot) -> bool:
    try:
        fd = open_regular(spot)
    except OSError:
        return False
    try:
        return hashlib.sha256(os.read(fd, _MOST_UNIT)).digest() == hashlib.sha256(unit.text).digest()
    finally:
        os.close(fd)
