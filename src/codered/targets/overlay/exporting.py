"""The volumes of a disk as files: qemu-storage-daemon puts an overlay on the evidence and shows each volume apart."""

import json
import os
import socket
from pathlib import Path

from codered.model.errors import Refused
from codered.targets.images.partitions import Partition
from codered.targets.overlay.programs import find_program, has_ended, read_log, run_program, start_program, wait_until

SECTOR = 512
_BACKING = {"raw": "raw", "QCOW2": "qcow2", "VHD": "vpc", "VHDX": "vhdx", "VMDK": "vmdk"}


def make_overlay(overlay: Path, image: str, kind: str, size: int) -> None:
    """A new overlay for a disk of `size` bytes in a container of this kind, whole or not at all; the image is named in
    it where qemu can read that by itself, and is not opened. Raises Refused, WrongUse, OSError.
    """
    part = overlay.with_name(overlay.name + ".part")
    part.unlink(missing_ok=True)
    below = ["-F", _BACKING[kind], "-b", image] if kind in _BACKING else []
    words = [find_program("qemu-img"), "create", "-q", "-u", "-f", "qcow2", *below, str(part), str(round_up(size))]
    if said := run_program(words):
        part.unlink(missing_ok=True)
        raise Refused(f"the overlay can't be made: {said}", where=str(overlay), advice="free space there")
    part.chmod(0o600)
    part.rename(overlay)


def export_volumes(
    evidence: socket.socket, overlay: Path | None, volumes: dict[Partition, Path], log: Path, *, write: bool
) -> None:
    """Show each volume as the file that is named for it, with the overlay above the evidence (None: the evidence
    alone). Raises Refused, WrongUse, OSError.
    """
    words = [find_program("qemu-storage-daemon"), *_describe_disk(evidence.fileno(), overlay, write=write)]
    for partition, file in volumes.items():
        words += _describe_volume(partition, file, write=write)
    daemon = start_program(words, log, keep=(evidence.fileno(),))
    ended = False

    def is_settled() -> bool:
        nonlocal ended
        ended = has_ended(daemon)
        return ended or all(map(_is_shown, volumes.values()))

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


def _describe_volume(partition: Partition, file: Path, *, write: bool) -> list[str]:
    name = f"p{partition.number}"
    slice_ = {
        "driver": "raw", "node-name": name, "file": "disk", "offset": partition.start, "size": partition.size,
        "read-only": not write,
    }  # fmt: skip
    export = {"type": "fuse", "id": f"e{name}", "node-name": name, "mountpoint": str(file), "writable": write}
    return ["--blockdev", json.dumps(slice_), "--export", json.dumps(export)]


def _is_shown(file: Path) -> bool:
    return os.stat(file).st_dev != os.stat(file.parent).st_dev
