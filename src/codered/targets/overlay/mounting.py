"""Volumes mounted below one folder of ours, and all of them unmounted again, whoever mounted them."""

import ctypes
import errno
import os
from pathlib import Path

from codered.targets.overlay.exporting import ShownVolume
from codered.targets.overlay.loop_devices import attach_loop
from codered.targets.overlay.programs import (
    Running,
    find_program,
    has_ended,
    is_running,
    read_log,
    run_program,
    start_program,
    wait_until,
)

_LAZY = 2  # MNT_DETACH
_KERNEL = {"ext": "ext4", "FAT": "vfat", "exFAT": "exfat"}
_SAFE = "nosuid,nodev,noexec"


class NotMounted(Exception):
    """A volume could not be mounted; the message says why in one line."""


def mount_ntfs(volume: ShownVolume, at: Path, log: Path, *, write: bool) -> None:
    """Mount an NTFS volume with its streams seen. Raises NotMounted, WrongUse, OSError."""
    options = f"streams_interface=windows,noatime,no_detach,{_SAFE}{'' if write else ',ro'}"
    words = [find_program("ntfs-3g"), "-o", options]
    if volume.apart:
        pid = start_program([*words, str(volume.file), str(at)], log)
        _await_mount(pid, at, log)
        return
    start, size = volume.partition.start, volume.partition.size
    try:
        device, path = attach_loop(volume.file, start, size, write=write)
    except OSError as error:
        raise NotMounted(f"no loop device can be had: {error.strerror}") from None
    try:  # ntfs-3g gets the descriptor too: the device is its own from the start
        pid = start_program([*words, path, str(at)], log, keep=(device,))
        _await_mount(pid, at, log)
    finally:
        os.close(device)


def _await_mount(pid: int, at: Path, log: Path) -> None:
    ended = False

    def is_settled() -> bool:
        nonlocal ended
        ended = has_ended(pid)
        return ended or is_mounted(at)

    if not wait_until(is_settled) or ended:  # one that hangs is ended with all else
        raise NotMounted(read_log(log) or "ntfs-3g did not mount it")


def mount_by_kernel(volume: ShownVolume, at: Path, *, write: bool) -> None:
    """Mount a volume of another kind. Raises NotMounted, WrongUse, OSError."""
    kind = volume.partition.kind.name
    if kind not in _KERNEL:
        raise NotMounted(f"{kind} volumes can't be changed by this version")
    unread = ",noload" if kind == "ext" and not write else ""  # its journal can't be replayed where nothing is written
    place = "" if volume.apart else f",offset={volume.partition.start},sizelimit={volume.partition.size}"
    options = f"loop{place},noatime,{_SAFE},{'rw' if write else 'ro'}{unread}"
    said = run_program([find_program("mount"), "-t", _KERNEL[kind], "-o", options, str(volume.file), str(at)])
    if said and not _is_known(_KERNEL[kind]):
        raise NotMounted(
            f"this kernel can't mount {kind}: load its module ({_KERNEL[kind]}), or do it where there is one"
        )
    if said:
        raise NotMounted(said)


def _is_known(system: str) -> bool:
    """Whether the kernel has this file system; to mount one loads its module first."""
    with open("/proc/filesystems", encoding="ascii", errors="replace") as file:
        return any(line.split()[-1:] == [system] for line in file)


def is_mounted(at: Path) -> bool:
    """Whether something is mounted there."""
    try:
        return os.stat(at).st_dev != os.stat(at.parent).st_dev
    except OSError:
        return True  # a mount whose server is gone


def unmount_below(folder: Path, served: tuple[Running, ...] = ()) -> None:
    """Unmount everything at or below a folder, the deepest first, and wait for who served it."""
    for at in _list_below(folder):
        if not wait_until(lambda at=at: _unmount(at, 0)):  # type: ignore[misc]
            _unmount(at, _LAZY)
    for process in served:
        if wait_until(lambda process=process: not is_running(process)):  # type: ignore[misc]
            wait_until(lambda process=process: has_ended(process.pid))  # type: ignore[misc]


def _unmount(at: bytes, flags: int) -> bool:
    """False if it is busy."""
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.umount2(at, flags) == 0 or ctypes.get_errno() != errno.EBUSY


def _list_below(folder: Path) -> list[bytes]:
    top = os.fsencode(os.path.realpath(folder)) + b"/"
    with open("/proc/self/mountinfo", "rb") as file:
        found = [_unescape(line.split(b" ")[4]) for line in file if line.count(b" ") > 4]
    return sorted((at for at in found if (at + b"/").startswith(top)), reverse=True)


def _unescape(path: bytes) -> bytes:
    for code, byte in ((b"\\040", b" "), (b"\\011", b"\t"), (b"\\012", b"\n"), (b"\\134", b"\\")):
        path = path.replace(code, byte)
    return path
