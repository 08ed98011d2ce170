"""Images with several volumes in an overlay: all that are wanted can be written to, the others are not touched; what an
image says of other files is not believed.
"""

import os
import signal
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from codered.model.errors import Refused, WrongUse
from codered.model.target import TargetInfo
from codered.targets import image_overlay
from codered.targets.image_overlay import OVERLAY, OverlayTarget, opened_overlay
from codered.targets.overlay.loop_devices import list_loops
from codered.targets.overlay.programs import find_left_over
from tests.fixtures.ntfs_volumes import MIB, SECTOR, make_ntfs, run

SIZE = 8 * MIB
NAMES = ("p1", "p2", "p3")


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> TargetInfo:
    """Two volumes of NTFS and one of ext4 on one disk."""
    folder = tmp_path_factory.mktemp("volumes")
    volumes = [make_ntfs(folder / "a", SIZE), make_ntfs(folder / "b", SIZE), folder / "c"]
    with volumes[2].open("wb") as file:
        file.truncate(SIZE)
    run("mkfs.ext4", "-q", "-F", str(volumes[2]))
    disk = folder / "disk.raw"
    with disk.open("wb") as file:
        file.write(bytes(446))
        for number, kind in enumerate((7, 7, 0x83)):
            start = (MIB + number * SIZE) // SECTOR
            file.write(struct.pack("<B3sB3sII", 0, b"\xfe\xff\xff", kind, b"\xfe\xff\xff", start, SIZE // SECTOR))
        file.write(bytes(16) + b"\x55\xaa")
        for number, volume in enumerate(volumes):
            file.seek(MIB + number * SIZE)
            file.write(volume.read_bytes())
        file.truncate(2 * MIB + len(volumes) * SIZE)
    return TargetInfo(kind="disk_image", root=str(disk))


def write_marker(target: OverlayTarget, volume: str) -> None:
    folder = target.open_dir(volume.encode())
    try:
        with os.fdopen(os.open("marker", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=folder), "wb") as file:
            file.write(volume.encode() * 9000)
    finally:
        os.close(folder)


def read_marker(target: OverlayTarget, volume: str) -> bytes:
    with os.fdopen(target.open_file(f"{volume}/marker".encode()), "rb") as file:
        return file.read()


def check_nothing_left(work: Path) -> None:
    assert f"{work}/" not in Path("/proc/self/mountinfo").read_text()
    assert list_loops(work) == ()
    assert [find_left_over(work, name) for name in ("ntfs-3g", "qemu-storage-daemon")] == [(), ()]
    assert {path.name for path in work.iterdir()} <= {OVERLAY, "overlay.lock", "overlay.log"}


def read_volume(overlay: Path, number: int) -> bytes:
    """The bytes of a volume on the disk that QEMU makes of overlay and evidence."""
    raw = overlay.with_name("cleaned")
    run("qemu-img", "convert", "-O", "raw", str(overlay), str(raw))
    found = raw.read_bytes()[MIB + (number - 1) * SIZE :][:SIZE]
    raw.unlink()
    return found


def test_several_volumes_are_written_to_at_once(tmp_path: Path, evidence: TargetInfo) -> None:
    before, work = Path(evidence.root).read_bytes(), tmp_path / "odd work"
    with opened_overlay(evidence, work, write=True) as target:
        assert not target.not_mounted
        for name in NAMES:
            write_marker(target, name)
    check_nothing_left(work)
    with opened_overlay(evidence, work, write=False) as target:
        assert [read_marker(target, name) for name in NAMES] == [name.encode() * 9000 for name in NAMES]
    check_nothing_left(work)
    (tmp_path / "c").write_bytes(read_volume(work / OVERLAY, 3))
    run("e2fsck", "-fn", str(tmp_path / "c"))
    for number in (1, 2):
        (tmp_path / "n").write_bytes(read_volume(work / OVERLAY, number))
        run("ntfsfix", "-n", str(tmp_path / "n"))
    assert Path(evidence.root).read_bytes() == before


@pytest.mark.parametrize(("wanted", "untouched"), [(("p1",), (2, 3)), (("p1", "p2"), (3,)), (("p3",), (1, 2))])
def test_what_is_not_wanted_is_not_touched(
    tmp_path: Path, evidence: TargetInfo, wanted: tuple[str, ...], untouched: tuple[int, ...]
) -> None:
    with opened_overlay(evidence, tmp_path, write=True, wanted=frozenset(wanted)) as target:
        assert sorted(path.name for path in (tmp_path / "mounted").iterdir()) == sorted(wanted)
        assert set(target.not_mounted) == {f"p{number}" for number in untouched}
        for name in wanted:
            write_marker(target, name)
    check_nothing_left(tmp_path)
    raw = Path(evidence.root).read_bytes()
    for number in (1, 2, 3):
        same = read_volume(tmp_path / OVERLAY, number) == raw[MIB + (number - 1) * SIZE :][:SIZE]
        assert same == (number in untouched)
    with opened_overlay(evidence, tmp_path / "none", write=False, wanted=()) as target:
        assert set(target.not_mounted) == set(NAMES)
    check_nothing_left(tmp_path / "none")


def test_a_killed_run_leaves_no_device_to_the_next(tmp_path: Path, evidence: TargetInfo) -> None:
    child = os.fork()
    if not child:
        try:
            with opened_overlay(evidence, tmp_path, write=True) as target:
                for name in NAMES:
                    write_marker(target, name)
                os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert len(list_loops(tmp_path)) == 3
    with opened_overlay(evidence, tmp_path, write=True) as target:
        assert not target.not_mounted
        assert [read_marker(target, name) for name in NAMES] == [name.encode() * 9000 for name in NAMES]
    check_nothing_left(tmp_path)


def test_only_the_overlay_of_a_run_that_touched_nothing_goes(tmp_path: Path, evidence: TargetInfo) -> None:
    """It would look like a cleaned disk. That of another run, or of one that broke off, stays."""
    overlay, no = tmp_path / OVERLAY, Refused("no")
    with pytest.raises(Refused, match="no"), opened_overlay(evidence, tmp_path, write=True, wanted=("p1",)):
        raise no
    assert not overlay.exists()
    with pytest.raises(KeyboardInterrupt), opened_overlay(evidence, tmp_path, write=True, wanted=("p1",)):
        raise KeyboardInterrupt
    assert overlay.exists()
    with pytest.raises(Refused, match="no"), opened_overlay(evidence, tmp_path, write=True, wanted=("p1",)):
        raise no
    assert overlay.exists()
    check_nothing_left(tmp_path)


def test_a_refused_second_run_leaves_the_first_its_overlay(
    tmp_path: Path, evidence: TargetInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one began before there was an overlay, and comes to the lock when there is one."""
    first = opened_overlay(evidence, tmp_path, write=True, wanted=("p1",))
    check = image_overlay.check_evidence

    def begin_first(files: tuple[bytes, ...], info: TargetInfo) -> None:
        monkeypatch.setattr(image_overlay, "check_evidence", check)
        check(files, info)
        first.__enter__()

    monkeypatch.setattr(image_overlay, "check_evidence", begin_first)
    with pytest.raises(Refused, match="in use by another run"), opened_overlay(evidence, tmp_path, write=True):
        pass
    assert (tmp_path / OVERLAY).exists()
    first.__exit__(None, None, None)
    check_nothing_left(tmp_path)


def beside(name: str) -> Callable[[Path, Path], str]:
    """A link beside the image to the file."""

    def make(folder: Path, secret: Path) -> str:
        (folder / name).symlink_to(secret)
        return name

    return make


@pytest.mark.parametrize(
    "name_it",
    [
        lambda _folder, secret: str(secret),
        lambda folder, secret: os.path.relpath(secret, folder),
        lambda _folder, secret: f'json:{{"driver":"raw","file":{{"driver":"file","filename":"{secret}"}}}}',
        lambda _folder, secret: f"file:{secret}",
        beside("base"),
    ],
)
def test_an_image_cant_name_what_lies_below_it(tmp_path: Path, name_it: Callable[[Path, Path], str]) -> None:
    """QEMU would read the file that a QCOW2 names as its backing, whatever it is."""
    (tmp_path / "case").mkdir()
    secret, image = tmp_path / "secret", tmp_path / "case/evil.qcow2"
    secret.write_bytes(b"SECRET OF THIS MACHINE".ljust(4 * MIB, b"!"))
    name = name_it(tmp_path / "case", secret)
    subprocess.run(
        ["qemu-img", "create", "-q", "-u", "-f", "qcow2", "-F", "raw", "-b", name, str(image), "4M"], check=True
    )
    info = TargetInfo(kind="disk_image", root=str(image))
    for write in (False, True):
        refused = pytest.raises(WrongUse, match=r"is not there|link|in QEMU's own way")
        with refused, opened_overlay(info, tmp_path / "work", write=write):
            pass
    assert not list(tmp_path.rglob(OVERLAY))


def test_what_lies_beside_is_read_but_never_by_qemu(tmp_path: Path) -> None:
    """The name in the header leads QEMU elsewhere than us: so it must not open the image by itself."""
    for name in ("case", "other"):
        (tmp_path / name).mkdir()
    base, image = tmp_path / "case/base.qcow2", tmp_path / "case/evil.qcow2"
    volume = make_ntfs(tmp_path / "volume", SIZE)
    run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", str(volume), str(base))
    (tmp_path / "other/base.qcow2").write_bytes(b"SECRET OF THIS MACHINE".ljust(SIZE, b"!"))
    named = ["-F", "raw", "-b", str(tmp_path / "other/base.qcow2")]
    run("qemu-img", "create", "-q", "-u", "-f", "qcow2", *named, str(image), str(SIZE))
    with opened_overlay(TargetInfo(kind="disk_image", root=str(image)), tmp_path / "work", write=True) as target:
        write_marker(target, "p1")
    run("qemu-img", "convert", "-O", "raw", str(tmp_path / "work" / OVERLAY), str(tmp_path / "flat"))
    assert b"SECRET" not in (tmp_path / "flat").read_bytes()
    made = (tmp_path / "work" / OVERLAY).read_bytes()
    assert (b"SECRET" in made, b"evil.qcow2" in made) == (False, False)
