"""The volumes of a disk as files: qemu-storage-daemon puts an overlay on the evidence and shows each volume apart."""

import json
import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from codered.model.errors import Refused
from codered.targets.images.partitions import Partition
from codered.targets.overlay.programs import find_program, has_ended, read_log, run_program, start_program, wait_until

SECTOR = 512
_WHOLE = "disk"
_BACKING = {"raw": "raw", "QCOW2": "qcow2", "VHD": "vpc", "VHDX": "vhdx", "VMDK": "vmdk"}


class ShownVolume(NamedTuple):
    """A volume of the disk and the file that shows it: the volume `apart`, or the whole disk with it in its place."""

    partition: Partition
    file: Path
    apart: bool = True


def make_overlay(overlay: Path, image: str, kind: str, size: int) -> None:
    """A new overlay for a disk of `size` bytes in a container of this kind, whole or not at all; the image ("" = it is
    several files) is named in it where QEMU can read that by itself, and is not opened. Raises Refused, WrongUse,
    OSError.
    """
    part = overlay.with_name(overlay.name + ".part")
    part.unlink(missing_ok=True)
    below = ["-F", _BACKING[kind], "-b", _name_image(image, _BACKING[kind])] if image and kind in _BACKING else []
    words = [find_program("qemu-img"), "create", "-q", "-u", "-f", "qcow2", *below, str(part), str(round_up(size))]
    if said := run_program(words):
        part.unlink(missing_ok=True)
        raise Refused(f"the overlay can't be made: {said}", where=str(overlay), advice="free space there")
    part.chmod(0o600)
    part.rename(overlay)


def _name_image(image: str, driver: str) -> str:
    """As QEMU is to open it later: a hostile image can't have it read another file of this machine as its backing."""
    if driver == "raw":
        return image
    file = {"driver": "file", "filename": image}
    return "json:" + json.dumps({"driver": driver, "file": file, "backing": None})


def place_volumes(partitions: Sequence[Partition], folder: Path, *, write: bool) -> tuple[ShownVolume, ...]:
    """Where each of these is to be shown: in a file of its own in the folder, which is made. Several to be written to
    lie in one file, the disk: QEMU lets only one user write to a disk by way of FUSE. Raises OSError.
    """
    apart = len(partitions) == 1 or not write
    placed = [ShownVolume(part, folder / (f"p{part.number}" if apart else _WHOLE), apart) for part in partitions]
    for volume in placed:
        volume.file.touch(mode=0o600)
    return tuple(placed)


def export_volumes(
    evidence: socket.socket, overlay: Path | None, volumes: Sequence[ShownVolume], log: Path, *, write: bool
) -> None:
    """Show the volumes where they were placed, with the overlay above the evidence (None: the evidence alone). Raises
    Refused, WrongUse, OSError.
    """
    words = [find_program("qemu-storage-daemon"), *_describe_disk(evidence.fileno(), overlay, write=write)]
    for volume in volumes:
        if volume.apart:
            words += _describe_slice(volume.partition, write=write)
            words += _describe_export(f"p{volume.partition.number}", volume.file, write=write)
    if whole := next((volume.file for volume in volumes if not volume.apart), None):
        words += _describe_export(_WHOLE, whole, write=write)
    daemon = start_program(words, log, keep=(evidence.fileno(),))
    ended = False

    def is_settled() -> bool:
        nonlocal ended
        ended = has_ended(daemon)
        return ended or all(_is_shown(volume.file) for volume in volumes)

    if not wait_until(is_settled) or ended:  # one that hangs is ended with all else
        what = f"the volumes of the disk can't be shown: {read_log(log)}"
        raise Refused(what, where=str(log.parent), advice="see that FUSE works here (/dev/fuse)")


def round_up(size: int) -> int:
    """To whole sectors."""
    return -(-size // SECTOR) * SECTOR


def _describe_disk(descriptor: int, overlay: Path | None, *, write: bool) -> list[str]:
    server = {"type": "fd", "str": str(descriptor)}
    evidence = {"driver": "nbd", "node-name": "evidence" if overlay else "disk", "server": server, "read-only": True}
    words = ["--blockdev", json.dumps(evidence)]
    if overlay is not None:
        file = {"driver": "file", "filename": str(overlay), "read-only": not write}
        disk = {"driver": "qcow2", "node-name": "disk", "file": file, "backing": "evidence", "read-only": not write}
        words += ["--blockdev", json.dumps(disk)]
    return words


def _describe_slice(partition: Partition, *, write: bool) -> list[str]:
    slice_ = {
        "driver": "raw", "node-name": f"p{partition.number}", "file": "disk", "offset": partition.start,
        "size": partition.size, "read-only": not write,
    }  # fmt: skip
    return ["--blockdev", json.dumps(slice_)]


def _describe_export(node: str, file: Path, *, write: bool) -> list[str]:
    export = {"type": "fuse", "id": f"e{node}", "node-name": node, "mountpoint": str(file), "writable": write}
    return ["--export", json.dumps(export)]


def _is_shown(file: Path) -> bool:
    return os.stat(file).st_dev != os.stat(file.parent).st_dev
