"""Kernel modules and modprobe's commands."""

import os
from pathlib import Path

import pytest

from codered.collect.autostart.kernel_modules import collect_kernel_modules, name_module
from codered.collect.autostart.reading import Reader
from codered.collect.packages import PackageDatabase
from codered.model.target import TargetInfo
from codered.targets.rooted import RootedTarget
from tests.fixtures.autostart_roots import DETACHED, judge, make_root, named, own, write

KERNEL = "usr/lib/modules/6.1.0-1-amd64/"


def make(folder: Path) -> Path:
    files = {KERNEL + "kernel/fs/ext4.ko": "\x7fELF\0", KERNEL + "modules.builtin": "kernel/drivers/loop.ko\n"}
    own(make_root(folder), "linux-image", files)
    (folder / "lib").symlink_to("usr/lib")
    return folder


def test_a_module_and_its_lines_are_found(tmp_path: Path) -> None:
    files = {
        "etc/modules": "# modules\nx\n",
        "etc/modules-load.d/x.conf": "x\n",
        "usr/lib/modules-load.d/x.conf": "x\n",
    }
    write(make(tmp_path), {KERNEL + "kernel/drivers/x.ko": "\x7fELF\0x", **files})
    found = named(judge(tmp_path))
    assert {name: finding.remedy for name, finding in found.items()} == {
        f"/{KERNEL}kernel/drivers/x.ko": "quarantine_file",
        "/etc/modules:2": "remove_line",
        "/etc/modules-load.d/x.conf:1": "remove_line",
        "/usr/lib/modules-load.d/x.conf:1": "remove_line",
    }


def test_a_line_of_a_module_that_hides(tmp_path: Path) -> None:
    write(make(tmp_path), {"etc/modules-load.d/x.conf": "rk\n"})
    assert named(judge(tmp_path))["/etc/modules-load.d/x.conf:1"].remedy == "remove_line"


def test_modules_of_packages_of_dkms_and_built_in_are_none(tmp_path: Path) -> None:
    files = {
        "etc/modules": "ext4\nloop\n\n# x\n",
        KERNEL + "updates/dkms/zfs.ko.xz": "x",
        "var/lib/dkms/zfs/2.1/source/x": "",
    }
    write(make(tmp_path), files)
    assert judge(tmp_path) == ()


def test_without_any_module_nothing_is_said_to_be_missing(tmp_path: Path) -> None:
    write(make_root(tmp_path), {"etc/modules": "wireguard\n"})
    assert judge(tmp_path) == ()


@pytest.mark.parametrize(
    ("line", "finds"),
    [
        (f"install vfat {DETACHED} &", True),
        ("install x /tmp/.x/run; /sbin/modprobe --ignore-install x", True),
        ("install usb-storage /bin/true", False),
        ("options snd index=1", False),
        ("blacklist nouveau", False),
        ("install x /sbin/modprobe --ignore-install x $CMDLINE_OPTS", False),
    ],
)
def test_commands_of_modprobe(tmp_path: Path, line: str, finds: bool) -> None:
    write(make(tmp_path), {"etc/modprobe.d/x.conf": f"# x\n{line}\n", "tmp/.x/run": "\0"})
    found = named(judge(tmp_path))
    assert ("/etc/modprobe.d/x.conf:2" in found) is finds
    assert not finds or found["/etc/modprobe.d/x.conf:2"].remedy == "remove_line"


def test_a_loaded_module_without_a_file(tmp_path: Path) -> None:
    write(
        make(tmp_path),
        {
            f"usr/lib/modules/{os.uname().release}/kernel/fs/xfs.ko": "",
            "proc/modules": (
                "ext4 1000 1 - Live 0x0\nxfs 1 0 - Live 0x0\nrk_hidden 16384 0 - Live 0x0 (OE)\nlkp_Ubuntu_5 1 0\n"
            ),
        },
    )
    target = RootedTarget(TargetInfo(kind="live_linux", root=str(tmp_path), system="linux"))
    reader = Reader(target)
    found = [
        entry
        for entry in collect_kernel_modules(reader, PackageDatabase(reader))
        if "loaded-without-file" in entry.facts
    ]
    assert [(entry.entry, entry.line) for entry in found] == [("rk_hidden", 0)]


def test_in_a_container_the_loaded_ones_are_not_compared(tmp_path: Path) -> None:
    write(make_root(tmp_path), {"proc/modules": "ext4 1000 1 - Live 0x0\n"})
    reader = Reader(RootedTarget(TargetInfo(kind="live_linux", root=str(tmp_path), system="linux")))
    assert list(collect_kernel_modules(reader, PackageDatabase(reader))) == []
    assert [(item.rel, item.state) for item in reader.unread] == [(b"proc/modules", "skipped")]


def test_names_of_modules() -> None:
    assert name_module(b"snd-hda-intel.ko.zst") == b"snd_hda_intel"
