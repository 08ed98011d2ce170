import os
import socket
from pathlib import Path

import pytest

from codered.scan import trusted_times
from codered.scan.trusted_times import DRIFT, Clock, distrust_because, distrust_clock, distrust_open, read_clock

THEN = Clock(1_000, 500, "boot one")


def of_type(kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    monkeypatch.setattr(trusted_times, "_find_type", lambda descriptor: kind)
    return distrust_because(os.fsencode(tmp_path))


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs"])
def test_file_systems_that_keep_every_change(kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "major", lambda device: 254)
    assert of_type(kind, monkeypatch, tmp_path) == ""


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("tmpfs", "lies in memory"),
        ("overlay", "layers can be exchanged"),
        ("vfat", "does not keep"),
        ("ntfs3", "another system"),
        ("squashfs", "an image"),
        ("fuse.sshfs", "network or user-space"),
        ("nfs4", "network or user-space"),
        ("newfs", "is not known"),
        ("", "mount table"),
    ],
)
def test_file_systems_whose_times_may_lie(kind: str, why: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "major", lambda device: 254)
    assert why in of_type(kind, monkeypatch, tmp_path)


def test_an_image_is_doubted_whatever_lies_in_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "major", lambda device: 7)
    assert "image file" in of_type("ext4", monkeypatch, tmp_path)


def test_what_is_really_mounted_here() -> None:
    with open("/proc/self/mountinfo", encoding="latin-1") as file:
        root = next(line for line in file if line.split(" ")[4] == "/")
    descriptor = os.open("/", os.O_PATH)
    try:
        assert trusted_times._find_type(descriptor) == root.partition(" - ")[2].split(" ")[0]
    finally:
        os.close(descriptor)
    assert "proc" in distrust_because(b"/proc/self/status")


def test_a_socket_lies_on_no_mount() -> None:
    with socket.socket() as endless:
        assert distrust_open(endless.fileno())


@pytest.mark.parametrize("path", [b"/no/such/place", b"/etc/passwd/x", b"x" * 5000])
def test_what_cant_be_reached_is_doubted(path: bytes) -> None:
    assert distrust_because(path).startswith("can't be reached")


def test_the_clock_runs_on() -> None:
    then = read_clock()
    now = read_clock()
    assert then.boot == now.boot != ""
    assert now.now >= then.now > 1_600_000_000 * 10**9
    assert abs(now.lead - then.lead) < DRIFT
    assert distrust_clock(then, now) == ""


@pytest.mark.parametrize(
    ("now", "distrusted"),
    [
        (Clock(2_000, 500, "boot one"), False),
        (Clock(999, 500, "boot one"), True),
        (Clock(999, 500, "boot two"), True),
        (Clock(2_000, 500 - DRIFT, "boot one"), False),
        (Clock(2_000, 499 - DRIFT, "boot one"), True),
        (Clock(2_000, 499 - DRIFT, "boot two"), False),
        (Clock(2_000, 500 + 10 * DRIFT, "boot one"), False),
        (Clock(2_000, 499 - DRIFT, ""), False),
    ],
)
def test_a_clock_that_was_set_back(now: Clock, distrusted: bool) -> None:
    assert bool(distrust_clock(THEN, now)) is distrusted


def test_no_boot_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trusted_times, "_BOOT", "/no/such/file")
    assert read_clock().boot == ""
