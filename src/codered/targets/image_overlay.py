"""A disk image opened so that it can be changed: changes go to an overlay, the image itself is only read.

Everything of it lies in one folder of the tool's own: the overlay, and while it is open the volumes and their mounts.
A run that was killed leaves these behind; the next one ends them before it begins.
"""

import errno
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from codered.model.errors import Refused, WrongUse
from codered.model.target import TargetInfo
from codered.system.hibernation import ASLEEP, WAKE_IT, is_asleep
from codered.system.locks import lock_whole
from codered.targets.images.evidence_hash import hash_evidence
from codered.targets.images.partitions import Partition
from codered.targets.images.session import ImageSession
from codered.targets.overlay.disk_server import start_disk_server
from codered.targets.overlay.exporting import ShownVolume, export_volumes, make_overlay, place_volumes, round_up
from codered.targets.overlay.loop_devices import detach_loops
from codered.targets.overlay.mounting import NotMounted, mount_by_kernel, mount_ntfs, unmount_below
from codered.targets.overlay.programs import await_end, end_program, find_left_over, read_log
from codered.targets.overlay.volumes import UNWANTED, choose_volumes, name_volume
from codered.targets.rooted import RootedFolder, RootedTarget

OVERLAY = "overlay.qcow2"
_VOLUMES, _MOUNTED, _LOCK, _LOG = "volumes", "mounted", "overlay.lock", "overlay.log"
_AGAIN = "scan the image again and make a new plan"


class OverlayTarget(RootedTarget):
    """The mounted volumes of an image; `not_mounted` says of the others (`p2`) why. Nothing on a volume that can't be
    mounted is absent: to open it there fails with that reason. Raises OSError.
    """

    def __init__(self, info: TargetInfo, below: bytes, not_mounted: dict[str, str]) -> None:
        super().__init__(info, below)
        self.not_mounted = not_mounted

    def open_dir(self, rel: bytes) -> int:
        """See `model.target.Target`."""
        self._check_mounted(rel)
        return super().open_dir(rel)

    def open_folder(self, rel: bytes) -> RootedFolder:
        """See `model.target.Target`."""
        self._check_mounted(rel)
        return super().open_folder(rel)

    def open_file(self, rel: bytes) -> int:
        """See `model.target.Target`."""
        self._check_mounted(rel)
        return super().open_file(rel)

    def _check_mounted(self, rel: bytes) -> None:
        because = self.not_mounted.get(rel.partition(b"/")[0].decode(errors="replace"), UNWANTED)
        if because != UNWANTED:
            raise OSError(errno.ENODEV, f"its volume can't be opened: {because}")


@contextmanager
def opened_overlay(
    info: TargetInfo, work: Path, *, write: bool, wanted: Collection[str] | None = None
) -> Iterator[OverlayTarget]:
    """The image of this target with the overlay in `work` (made if it is missing and `write`) above it. Only volumes
    that are `wanted` (`p1`; None = all) are mounted: where nothing is to be done, nothing is touched. Raises Refused
    (no root, in use, or the image is not the one that was scanned, before or afterwards), WrongUse, OSError.
    """
    if os.geteuid() != 0:
        raise Refused("changing a disk image needs root: its volumes are mounted", where=info.root, advice="use sudo")
    session = ImageSession(_path_of(info))
    try:
        yield from _opened(info, session, work, wanted, write=write)
    finally:
        session.container.disk.close()


def _opened(
    info: TargetInfo, session: ImageSession, work: Path, wanted: Collection[str] | None, *, write: bool
) -> Iterator[OverlayTarget]:
    if write:
        check_evidence(session.container.files, info)
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(work):
        clean_up(work)
        servers: list[int] = []
        chosen, not_mounted = choose_volumes(session.layout.partitions, round_up(session.container.disk.size), wanted)
        fresh = write and not (work / OVERLAY).exists()
        try:
            if fresh:
                container = session.container
                alone = os.fsdecode(_path_of(info)) if len(container.files) == 1 else ""  # QEMU would find other parts
                make_overlay(work / OVERLAY, alone, container.format, container.disk.size)
            shown = _show(_path_of(info), work, chosen, servers, write=write)
            not_mounted |= _mount(shown, work, write=write)
            yield OverlayTarget(info, os.fsencode(work / _MOUNTED), not_mounted)
        except (Refused, WrongUse):  # nothing was touched: nothing is to stay that looks like a cleaned disk
            if fresh:
                (work / OVERLAY).unlink(missing_ok=True)
            raise
        finally:
            clean_up(work)
            for pid in servers:
                await_end(pid)
    if write:
        check_evidence(session.container.files, info)


def check_evidence(files: tuple[bytes, ...], info: TargetInfo) -> None:
    """Raises Refused if the files of an image are not those that were scanned; nothing if no hash was taken then."""
    if not info.evidence:
        return
    try:
        now = hash_evidence(files)
    except OSError as error:
        raise Refused(f"can't be read: {error.strerror}", where=info.root, advice="is the disk damaged?") from None
    if now != info.evidence:
        raise Refused("is not the image that was scanned, or was changed since", where=info.root, advice=_AGAIN)


def clean_up(work: Path) -> None:
    """End what an open overlay consists of, ours or that of a run that was killed: mounts first, then the disk."""
    if not any((work / folder).is_dir() for folder in (_MOUNTED, _VOLUMES)):
        return  # they are made before any program is started, and go after all of them
    served = find_left_over(work, "ntfs-3g")
    unmount_below(work / _MOUNTED, served)
    detach_loops(work / _VOLUMES)
    daemons = find_left_over(work, "qemu-storage-daemon")
    for process in (*served, *daemons):
        end_program(process)
    unmount_below(work / _VOLUMES)
    for folder in (_MOUNTED, _VOLUMES):
        _empty(work / folder)


def _path_of(info: TargetInfo) -> bytes:
    return os.path.realpath(info.root.encode())


def _show(
    image: bytes, work: Path, chosen: list[Partition], servers: list[int], *, write: bool
) -> tuple[ShownVolume, ...]:
    """The volumes as files; `servers` gets the pid of what must be waited for afterwards."""
    overlay, log = work / OVERLAY, work / _LOG
    for folder in (work / _VOLUMES, work / _MOUNTED):
        folder.mkdir(mode=0o700, exist_ok=True)
    with suppress(FileNotFoundError):
        log.unlink()
    if not chosen:
        return ()
    volumes = place_volumes(chosen, work / _VOLUMES, write=write)
    pid, evidence = start_disk_server(image)
    servers.append(pid)
    with evidence:
        export_volumes(evidence, overlay if overlay.exists() else None, volumes, log, write=write)
    return volumes


def _mount(volumes: tuple[ShownVolume, ...], work: Path, *, write: bool) -> dict[str, str]:
    """Mount them by their names; why that was not possible."""
    log, refused = work / _LOG, {}
    for volume in volumes:
        at = work / _MOUNTED / name_volume(volume.partition)
        at.mkdir(mode=0o700)
        try:
            if volume.partition.kind.name == "NTFS":
                mount_ntfs(volume, at, log, write=write)
            else:
                mount_by_kernel(volume, at, write=write)
            if write and os.statvfs(at).f_flag & os.ST_RDONLY:
                because = f"{ASLEEP}; {WAKE_IT} first" if is_asleep(os.fsencode(at)) else read_log(log)
                unmount_below(at)
                raise NotMounted(f"it can only be read: {because}")
        except NotMounted as error:
            refused[at.name] = str(error)
            at.rmdir()
    return refused


def _empty(folder: Path) -> None:
    """Take away what stood there for mounts; what is still mounted stays."""
    if not folder.is_dir():
        return
    for entry in folder.iterdir():
        with suppress(OSError):
            entry.rmdir() if entry.is_dir() else entry.unlink()
    with suppress(OSError):
        folder.rmdir()


@contextmanager
def _locked(work: Path) -> Iterator[None]:
    fd = os.open(work / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        try:
            lock_whole(fd)
        except BlockingIOError:
            raise Refused("is in use by another run", where=str(work), advice="wait for it to end") from None
        yield
    finally:
        os.close(fd)
