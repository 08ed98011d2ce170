"""What the kernel says of a process in one line or page: /proc/PID/stat, status, environ. Names in it are hostile."""

import re
from datetime import UTC, datetime

import msgspec

KERNEL_THREAD = 0x00200000  # PF_KTHREAD
MOST_ARGUMENTS = 4096  # parts of a command line
_CAPABILITIES = re.compile(rb"^CapEff:\t([0-9a-f]{1,16})$", re.MULTILINE)
_UIDS = re.compile(rb"^Uid:\t[0-9]+\t([0-9]{1,10})\t", re.MULTILINE)
_GROUP_LEADER = re.compile(rb"^Tgid:\t([0-9]{1,10})$", re.MULTILINE)
_BOOT_TIME = re.compile(rb"^btime ([0-9]{1,12})$", re.MULTILINE)


class StatLine(msgspec.Struct, frozen=True):
    """/proc/PID/stat: `session` is the pid that began its session, `start` in clock ticks since boot, `size` of its
    address space in bytes (0 = it has none).
    """

    pid: int
    name: bytes
    state: str
    parent: int
    session: int
    tty: bool
    kernel: bool
    threads: int
    start: int
    size: int


class Status(msgspec.Struct, frozen=True):
    """/proc/PID/status: the effective user and capabilities, and the process that a thread belongs to."""

    uid: int
    capabilities: int
    leader: int


def parse_stat(data: bytes) -> StatLine | None:
    """The line taken apart; None if it is none. A name may hold anything, `) R 1` and newlines included."""
    head, _, rest = data.rpartition(b")")
    pid, opened, name = head.partition(b" (")
    fields = rest.split()
    if not opened or len(fields) < 21 or not all(_is_number(field) for field in (pid, *fields[1:21])):
        return None
    numbers = [int(field) for field in fields[1:21]]
    return StatLine(
        pid=int(pid),
        name=name,
        state=fields[0].decode(errors="backslashreplace"),
        parent=numbers[0],
        session=numbers[2],
        tty=numbers[3] != 0,
        kernel=bool(numbers[5] & KERNEL_THREAD),
        threads=numbers[16],
        start=numbers[18],
        size=numbers[19],
    )


def parse_status(data: bytes) -> Status:
    """What the page says; -1 for a user or leader, 0 for capabilities it does not tell."""
    uid, leader, capabilities = _UIDS.search(data), _GROUP_LEADER.search(data), _CAPABILITIES.search(data)
    return Status(
        uid=int(uid[1]) if uid else -1,
        capabilities=int(capabilities[1], 16) if capabilities else 0,
        leader=int(leader[1]) if leader else -1,
    )


def parse_command(data: bytes) -> tuple[str, ...]:
    """The arguments. A process that wrote its own title there has no NULs: then it is one text."""
    if not data:
        return ()
    parts = data.removesuffix(b"\0").split(b"\0")[:MOST_ARGUMENTS]
    return tuple(part.decode(errors="backslashreplace") for part in parts)


def parse_environment(data: bytes, wanted: frozenset[str], most: int = 4096) -> dict[str, str]:
    """The wanted variables that are set, each value cut at `most` bytes. The first of a name counts, as for libc."""
    found: dict[str, str] = {}
    for entry in data.split(b"\0"):
        name, _, value = entry.partition(b"=")
        text = name.decode(errors="backslashreplace")
        if text in wanted and text not in found:
            found[text] = value[:most].decode(errors="backslashreplace")
    return found


def parse_boot_time(data: bytes) -> int | None:
    """When the machine was started, seconds since the epoch, from /proc/stat."""
    found = _BOOT_TIME.search(data)
    return int(found[1]) if found else None


def tell_start(boot: int | None, start: int, ticks: int) -> datetime | None:
    """When a process began (UTC): `start` ticks of 1/`ticks` seconds after `boot`. None if that can't be a date."""
    if boot is None:
        return None
    try:
        return datetime.fromtimestamp(boot + start / ticks, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _is_number(field: bytes) -> bool:
    return len(field) <= 20 and field.removeprefix(b"-").isdigit()
