"""Can the times of a file be believed? A file that was written to has another ctime; but not everywhere, and not where
the clock is set back.
"""

import os
import re
import time
from functools import cache
from importlib import resources

import msgspec

DRIFT = 2_000_000_000  # nanoseconds by which a disciplined clock may fall behind the one that only counts
MOST_TABLE = 16 << 20  # bytes
_BOOT = "/proc/sys/kernel/random/boot_id"


class Clock(msgspec.Struct, frozen=True, array_like=True):
    """What the clock said, all in nanoseconds: time of day, and how far it is ahead of the time since the boot `boot`.
    Only within one boot do two leads compare.
    """

    now: int
    lead: int
    boot: str


class _Table(msgspec.Struct, frozen=True):
    believed: frozenset[str]
    doubted: dict[str, str]
    remote: tuple[str, ...]
    images: dict[str, str]


def distrust_because(path: bytes) -> str:
    """Why the ctime of files in this folder, or of this file, may lie; "" if it can be believed. Whoever writes to the
    disk below the file system, or sets the clock back and forth to the nanosecond, is root and is not seen here.
    """
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError as error:
        return f"can't be reached: {error.strerror}"
    try:
        return distrust_open(descriptor)
    finally:
        os.close(descriptor)


def distrust_open(descriptor: int) -> str:
    """As `distrust_because`, for something open: by the number of its mount, so that no name can mislead."""
    table = _read_table()
    device = os.fstat(descriptor).st_dev
    if image := table.images.get(str(os.major(device))):
        return f"{image} can be changed below the file system"
    kind = _find_type(descriptor)
    if kind in table.believed:
        return ""
    if not kind:
        return "the mount table does not tell the file system"
    if kind in table.doubted:
        return f"{kind}: {table.doubted[kind]}"
    if kind.startswith(table.remote):
        return f"{kind} is a network or user-space file system, whose times come from elsewhere"
    return f"{kind} is not known to keep the time of every change"


def read_clock() -> Clock:
    """The clock as it is now."""
    try:
        with open(_BOOT, encoding="utf-8", errors="replace") as file:
            boot = file.read(64).strip()
    except OSError:
        boot = ""
    now = time.time_ns()
    return Clock(now, now - time.clock_gettime_ns(time.CLOCK_BOOTTIME), boot)


def distrust_clock(then: Clock, now: Clock) -> str:
    """Why a time noted `then` says nothing `now`: the clock was set back in between; "" if it was not seen to be."""
    if now.now < then.now:
        return "the clock was set back"
    if now.boot and now.boot == then.boot and now.lead < then.lead - DRIFT:
        return "the clock was set back"
    return ""


def _find_type(descriptor: int) -> str:
    mount = re.search(r"^mnt_id:\s*(\d{1,20})$", _read(f"/proc/self/fdinfo/{descriptor}"), re.MULTILINE)
    if not mount:
        return ""
    line = re.search(rf"^{mount[1]} .*? - (\S+) ", _read("/proc/self/mountinfo"), re.MULTILINE)
    return line[1] if line else ""


def _read(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return file.read(MOST_TABLE).decode("latin-1")
    except OSError:
        return ""


@cache
def _read_table() -> _Table:
    text = resources.files("codered.scan").joinpath("trusted_file_systems.json").read_bytes()
    return msgspec.json.decode(text, type=_Table)
