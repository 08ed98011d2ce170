"""The overlay file: whole or not at all, private, naming the image only where qemu could read it."""

import json
import socket
import subprocess
from pathlib import Path

import pytest

from codered.model.errors import Refused
from codered.targets.images.partitions import Partition, VolumeKind
from codered.targets.overlay.exporting import ShownVolume, export_volumes, make_overlay, place_volumes, round_up
from codered.targets.overlay.programs import find_left_over


def test_an_overlay_names_the_image_where_that_is_of_use(tmp_path: Path) -> None:
    """It is not opened, so that nothing in it is believed."""
    overlay, image = tmp_path / "overlay.qcow2", tmp_path / "missing.vmdk"
    make_overlay(overlay, str(image), "VMDK", 5 * 512 + 1)
    assert overlay.stat().st_mode & 0o777 == 0o600
    found = describe(overlay)
    assert found["virtual-size"] == 6 * 512 == round_up(5 * 512 + 1)
    assert found["backing-filename-format"] == "vmdk"
    named = json.loads(str(found["backing-filename"]).removeprefix("json:"))
    assert (named["backing"], named["file"]["filename"]) == (None, str(image))  # what it says of a parent is not read
    make_overlay(tmp_path / "plain.qcow2", str(image), "raw", 512)
    assert describe(tmp_path / "plain.qcow2")["backing-filename"] == str(image)
    make_overlay(tmp_path / "parts.qcow2", "", "VMDK", 512)
    assert "backing-filename" not in describe(tmp_path / "parts.qcow2")
    make_overlay(tmp_path / "other.qcow2", str(image), "E01", 1 << 20)
    assert "backing-filename" not in describe(tmp_path / "other.qcow2")


def test_one_that_cant_be_made_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="the overlay can't be made"):
        make_overlay(tmp_path / "no/such/overlay.qcow2", "/x", "raw", 512)
    assert list(tmp_path.iterdir()) == []


def test_several_to_be_written_to_lie_in_one_file(tmp_path: Path) -> None:
    one, other = (Partition(number=at, start=0, size=512, kind=VolumeKind("NTFS")) for at in (1, 2))
    for parts, write in (((one,), True), ((one, other), False)):
        placed = place_volumes(parts, tmp_path, write=write)
        assert [(volume.file.name, volume.apart) for volume in placed] == [(f"p{part.number}", True) for part in parts]
    placed = place_volumes((one, other), tmp_path, write=True)
    assert [(volume.file.name, volume.apart) for volume in placed] == [("disk", False)] * 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["disk", "p1", "p2"]


def test_a_disk_that_does_not_answer_is_told(tmp_path: Path) -> None:
    (tmp_path / "p1").touch()
    volume = Partition(number=1, start=0, size=512, kind=VolumeKind("NTFS"))
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours, pytest.raises(Refused, match=r"volumes of the disk can't be shown: \w"):
        export_volumes(ours, None, [ShownVolume(volume, tmp_path / "p1")], tmp_path / "log", write=False)
    assert find_left_over(tmp_path, "qemu-storage-daemon") == ()


def describe(overlay: Path) -> dict[str, object]:
    words = ["qemu-img", "info", "--output=json", "-U", str(overlay)]
    found: dict[str, object] = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)
    return found
