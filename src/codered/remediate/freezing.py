"""The kernel's freezer: who is in a frozen control group does not wake up, whoever sends it whatever.

The group is made below the one the process is in, so that a service manager still finds it where it belongs. Where no
group can be made (no rights, a read-only mount, no such kernel) the stop signal alone holds a process.
"""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from codered.model.plan import ProcessState

PROC = Path("/proc")
MOUNTS = Path("/sys/fs/cgroup")
_SECONDS = 1.0
_LEAVE_SECONDS = 0.25
_PAUSE = 0.005


class _Kind(NamedTuple):
    """A way to freeze: the file to write, what freezes, what thaws, and where the kernel says that it is frozen."""

    switch: str
    freeze: str
    thaw: str
    answer: str
    frozen: str


_SECOND = _Kind("cgroup.freeze", "1", "0", "cgroup.events", "frozen 1")
_FIRST = _Kind("freezer.state", "FROZEN", "THAWED", "freezer.state", "FROZEN")


class Group(NamedTuple):
    """A control group of ours."""

    folder: Path
    kind: _Kind


def freeze_process(process: ProcessState) -> bool:
    """Put the process in a frozen group of its own; whether that came off. It must be stopped already."""
    if find_group(process) is not None:
        return True
    for group in _list_places(process):
        try:
            group.folder.mkdir()
        except FileExistsError:
            pass
        except OSError:
            continue
        try:
            (group.folder / "cgroup.procs").write_text(str(process.pid))
            (group.folder / group.kind.switch).write_text(group.kind.freeze)
        except OSError:
            thaw_process(process)
            with suppress(OSError):
                group.folder.rmdir()
            continue
        return _wait_frozen(group)
    return False


def thaw_process(process: ProcessState) -> Group | None:
    """Thaw its group and put it back where it was; the group, which may be empty now. A process that was not frozen is
    left where it is.
    """
    group = find_group(process)
    if group is None:
        return None
    with suppress(OSError):
        (group.folder / group.kind.switch).write_text(group.kind.thaw)
        (group.folder.parent / "cgroup.procs").write_text(str(process.pid))
    _move_out(group)
    with suppress(OSError):
        group.folder.rmdir()
    return group


def remove_group(group: Group) -> None:
    """Remove a group that nobody is in any more; who has just ended leaves it a moment later."""
    until = time.monotonic() + _LEAVE_SECONDS
    while group.folder.is_dir():
        with suppress(OSError):
            group.folder.rmdir()
            return
        if time.monotonic() > until:
            return
        time.sleep(_PAUSE)


def find_group(process: ProcessState) -> Group | None:
    """The group of ours that the process is in, if it is in one."""
    name = _name_group(process)
    return next((Group(folder, kind) for folder, kind in _read_groups(process.pid) if folder.name == name), None)


def is_frozen(process: ProcessState) -> bool:
    """Whether it is in a group of ours that stands still."""
    group = find_group(process)
    return group is not None and _answers_frozen(group)


def _move_out(group: Group) -> None:
    """Whom the process started while it was being frozen is in the group too, and would keep it."""
    with suppress(OSError):
        for pid in (group.folder / "cgroup.procs").read_text("ascii").split():
            with suppress(OSError):
                (group.folder.parent / "cgroup.procs").write_text(pid)


def _list_places(process: ProcessState) -> Iterator[Group]:
    for folder, kind in _read_groups(process.pid):
        yield Group(folder / _name_group(process), kind)


def _name_group(process: ProcessState) -> str:
    return f"codered-{process.pid}-{process.start}"


def _read_groups(pid: int) -> list[tuple[Path, _Kind]]:
    """The groups the process is in that can freeze: the second version's first, where killing works as ever."""
    try:
        lines = (_find_living(pid) / "cgroup").read_text("utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return []
    found = []
    for line in sorted(lines):
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if ".." in path.split("/"):
            continue  # outside of the groups that we see
        if number == "0":
            found += [(mount / path[1:], _SECOND) for mount in (MOUNTS / "unified", MOUNTS) if _is_second(mount)]
        elif "freezer" in controllers.split(","):
            found.append((MOUNTS / "freezer" / path[1:], _FIRST))
    return found


def _find_living(pid: int) -> Path:
    """Where /proc tells of the process: its first thread may have ended, and says nothing true any more."""
    home = PROC / str(pid)
    if not _has_ended(home):
        return home
    with suppress(OSError):
        return next((thread for thread in (home / "task").iterdir() if not _has_ended(thread)), home)
    return home


def _has_ended(thread: Path) -> bool:
    try:
        return (thread / "stat").read_bytes().rpartition(b")")[2].split()[0] in (b"Z", b"X")
    except (OSError, IndexError):
        return False


def _is_second(mount: Path) -> bool:
    return (mount / "cgroup.controllers").is_file()


def _wait_frozen(group: Group) -> bool:
    until = time.monotonic() + _SECONDS
    while not (frozen := _answers_frozen(group)) and time.monotonic() < until:
        time.sleep(_PAUSE)
    return frozen


def _answers_frozen(group: Group) -> bool:
    try:
        return group.kind.frozen in (group.folder / group.kind.answer).read_text("ascii")
    except (OSError, UnicodeDecodeError):
        return False
