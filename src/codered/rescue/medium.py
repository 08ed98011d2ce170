"""Putting a rescue medium together: a disk image that boots from a USB stick or a CD, by BIOS or UEFI, and has a
partition of its own on which plans, journals and backups are kept.
"""

import os
import shutil
from pathlib import Path

from codered.model.errors import Refused
from codered.rescue.programs import demand_program, find_program

LABEL = "CODERED"
_MENU = """\
set timeout=2
set default=0
insmod all_video
serial --unit=0 --speed=115200
terminal_input console serial
terminal_output console serial
menuentry "codered rescue" {{ linux /boot/vmlinuz {words}
 initrd /boot/initramfs }}
menuentry "codered rescue: undo what it did" {{ linux /boot/vmlinuz {words} codered.undo
 initrd /boot/initramfs }}
menuentry "codered rescue, a shell" {{ linux /boot/vmlinuz {words} codered.stay
 initrd /boot/initramfs }}
"""
WORDS = "console=tty0 console=ttyS0,115200 quiet panic=30"
_PROGRAMS = {"grub-mkrescue": "grub-common grub-pc-bin grub-efi-amd64-bin", "xorriso": "xorriso", "mformat": "mtools",
             "mke2fs": "e2fsprogs"}  # fmt: skip


def refuse_missing_programs() -> None:
    """Raises Refused, with the packages, if a program that makes media is missing here."""
    missing = [package for name, package in _PROGRAMS.items() if find_program(name) is None]
    if missing:
        what = "programs that make a bootable medium are missing"
        raise Refused(what, where="this machine", advice=f"apt-get install {' '.join(missing)}")


def make_state_partition(content: Path, into: Path, size: int, uuid: str) -> None:
    """An ext4 file system of `size` bytes and this UUID in a new file, filled from a folder. Raises Refused."""
    with open(into, "xb") as file:
        file.truncate(size)
    words = ("-L", LABEL, "-U", uuid, "-d", str(content), "-E", "root_owner=0:0", str(into))
    demand_program("mke2fs", "-q", "-t", "ext4", *words)


def make_medium(kernel: Path, initramfs: Path, state: Path, into: Path, work: Path) -> None:
    """The whole medium in a file. Raises Refused."""
    tree = work / "tree"
    (tree / "boot/grub").mkdir(parents=True)
    shutil.copyfile(kernel, tree / "boot/vmlinuz")
    os.link(initramfs, tree / "boot/initramfs")
    (tree / "boot/grub/grub.cfg").write_text(_MENU.format(words=WORDS))
    demand_program("grub-mkrescue", "-o", str(into), str(tree), "--", "-volid", "CODERED_RESCUE",
             "-append_partition", "3", "0x83", str(state))  # fmt: skip
