"""Processes that one view of the system shows and another does not: the listing of /proc, signals, control groups, and
what /proc tells of each.

A rootkit usually takes names out of the listing only. Signal 0 is tried on at most 65,536 pids (the first ones, and
those given out last), which takes some tens of milliseconds; beyond them only the control groups are left to compare.
"""

import os
import re
import time
from collections.abc import Iterable, Iterator

from codered.collect.process_status import parse_stat, parse_status
from codered.model.process import HiddenProcess

MOST_LISTED = 200_000
MOST_PROBED = 65_536
MOST_GROUPS = 5_000
MOST_GROUP_BYTES = 4 << 20
SETTLE = 0.05  # seconds between the two looks: what differs by chance is over by then
_GROUP_TREES = ("", "unified", "systemd", "pids", "memory")  # each of them knows every process: the first one will do

LISTING, SIGNALS, GROUPS = "the listing of /proc", "signals", "control groups"
FILES = "its files in /proc"
_MOST_MOUNTS = 16 << 20  # bytes of the table of mounts
_MOUNTED = re.compile(rb"^(?:\S+ ){4}/proc/([0-9]{1,10})(?:/\S*)? ", re.MULTILINE)


def list_pids(proc: str = "/proc") -> list[int]:
    """The pids that /proc lists. Raises OSError."""
    pids = []
    with os.scandir(proc) as entries:
        for entry in entries:
            if entry.name.isascii() and entry.name.isdigit() and len(entry.name) <= 10:
                pids.append(int(entry.name))
            if len(pids) == MOST_LISTED:
                break
    return sorted(pids)


def find_hidden_processes(proc: str = "/proc", groups: str = "/sys/fs/cgroup") -> tuple[HiddenProcess, ...]:
    """The processes that signals or control groups know and the listing does not, in two looks. Raises OSError."""
    first = _compare(proc, groups, None)
    if not first:
        return ()
    time.sleep(SETTLE)
    second = _compare(proc, groups, tuple(first))
    return tuple(
        HiddenProcess(pid=pid, seen_by=tuple(sorted(first[pid] & views)), missing_from=(LISTING,))
        for pid, views in sorted(second.items())
        if first[pid] & views
    )


def find_covered_processes(proc: str, unread: Iterable[int]) -> tuple[HiddenProcess, ...]:
    """Processes that are listed and live while other files lie over theirs: where something is mounted below their
    folder, and those of `unread` of which after a pause nothing can be read still. Raises OSError.
    """
    covered = _find_mounts(proc)
    left = {pid for pid in unread if _is_covered(proc, pid)}
    if left:
        time.sleep(SETTLE)
        covered |= {pid for pid in left if _is_covered(proc, pid)}
    listed = set(list_pids(proc)) if covered else set()
    return tuple(
        HiddenProcess(pid=pid, seen_by=(LISTING, SIGNALS), missing_from=(FILES,))
        for pid in sorted(covered)
        if pid in listed and _answers(pid)
    )


def _find_mounts(proc: str) -> set[int]:
    """The pids that have something mounted on or in their folders."""
    try:
        with open(f"{proc}/self/mountinfo", "rb") as file:
            return {int(pid) for pid in _MOUNTED.findall(file.read(_MOST_MOUNTS))}
    except OSError:
        return set()


def _is_covered(proc: str, pid: int) -> bool:
    """Whether a process is there and its folder does not say so. One that we may not read is not hidden."""
    if not _answers(pid):
        return False
    try:
        with open(f"{proc}/{pid}/stat", "rb") as file:
            line = parse_stat(file.read(1 << 16))
    except PermissionError:
        return False
    except OSError:
        return _answers(pid)
    return line is None or line.pid != pid


def _compare(proc: str, groups: str, only: tuple[int, ...] | None) -> dict[int, set[str]]:
    """The pids missing from the listing -> the views that have them. `only`: look at these pids alone."""
    listed = set(list_pids(proc))
    found: dict[int, set[str]] = {}
    for pid in only if only is not None else _pids_to_probe(proc):
        if pid not in listed and _answers(pid):
            found.setdefault(pid, set()).add(SIGNALS)
    for pid in _read_groups(groups) - listed:
        if (only is None or pid in only) and _answers(pid):
            found.setdefault(pid, set()).add(GROUPS)
    if not found:
        return {}
    still_missing = found.keys() - set(list_pids(proc))  # one that was started meanwhile is listed now
    return {pid: found[pid] for pid in still_missing if not _is_thread(proc, pid, listed)}


def _answers(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return True


def _pids_to_probe(proc: str) -> Iterable[int]:
    highest = min(_read_number(f"{proc}/sys/kernel/pid_max", 0, MOST_PROBED), 1 << 22)
    if highest <= MOST_PROBED:
        return range(1, highest + 1)
    last = _read_number(f"{proc}/loadavg", 4, 0)
    half = MOST_PROBED // 2
    start = max(half, last - half)
    return [*range(1, half), *range(start, min(start + half, highest) + 1)]


def _read_number(path: str, field: int, otherwise: int) -> int:
    try:
        with open(path, "rb") as file:
            return int(file.read(200).split()[field])
    except (OSError, ValueError, IndexError):
        return otherwise


def _is_thread(proc: str, pid: int, listed: set[int]) -> bool:
    """A thread answers to signals too and is in no listing: it says so itself, or its process has it as a task."""
    try:
        with open(f"{proc}/{pid}/status", "rb") as file:
            return parse_status(file.read(1 << 16)).leader != pid
    except OSError:
        return any(os.path.exists(f"{proc}/{owner}/task/{pid}") for owner in listed)


def _read_groups(groups: str) -> set[int]:
    """Every pid in the control groups. One outside our own pid namespace shows as 0."""
    for tree in _GROUP_TREES:
        top = os.path.join(groups, tree)
        if os.path.isfile(os.path.join(top, "cgroup.procs")):
            return {pid for folder in _walk(top) for pid in _read_group(folder)} - {0}
    return set()


def _walk(top: str) -> Iterator[str]:
    for number, (folder, _, _) in enumerate(os.walk(top)):
        if number == MOST_GROUPS:
            return
        yield folder


def _read_group(folder: str) -> list[int]:
    try:
        with open(os.path.join(folder, "cgroup.procs"), "rb") as file:
            return [int(line) for line in file.read(MOST_GROUP_BYTES).split() if line.isdigit()]
    except OSError:
        return []


def hides_strangers(proc: str = "/proc") -> bool:
    """Whether /proc is mounted with hidepid, so that we are not shown the processes of other users: no rootkit."""
    if os.geteuid() == 0:
        return False
    try:
        with open(f"{proc}/self/mounts", "rb") as file:
            lines = file.read(1 << 20).splitlines()
    except OSError:
        return False
    options = [fields[3].split(b",") for line in lines if len(fields := line.split()) > 3 and fields[2] == b"proc"]
    return any(option.startswith(b"hidepid=") and option[8:] not in (b"0", b"off") for one in options for option in one)
