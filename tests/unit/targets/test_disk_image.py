import os
from pathlib import Path

import pytest

from codered.collect.autostart.reading import Reader
from codered.collect.walking import Folder, Unwalked, walk
from codered.model.errors import WrongUse
from codered.model.target import CopyingTarget, ListingTarget, Volume
from codered.targets.disk_image import OUTSIDE, DiskImage
from codered.targets.images.session import DAMAGED
from codered.targets.images.volume import ALSO_HERE, PAGED_OUT, SYSTEM_RECORD
from tests.fixtures.disk_images import MARKER, START, make_infected_disk, make_table, put
from tests.fixtures.ntfs_volumes import MIB, convert_disk, make_ntfs, mounted_ntfs, run, split_disk
from tests.fixtures.unprivileged import run_as_nobody


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_infected_disk(tmp_path_factory.mktemp("disk"))


@pytest.fixture(scope="module")
def image(disk: Path) -> DiskImage:
    return DiskImage(os.fsencode(disk))


def read(target: DiskImage, rel: bytes) -> bytes:
    descriptor = target.open_file(rel)
    try:
        return os.pread(descriptor, 1 << 20, 0)
    finally:
        os.close(descriptor)


def walked(target: DiskImage) -> tuple[dict[bytes, bytes], dict[bytes, Unwalked]]:
    """Every file with the start of its content, and what was passed over."""
    files: dict[bytes, bytes] = {}
    passed: dict[bytes, Unwalked] = {}
    for item in walk(target, (b"",)):
        if isinstance(item, Folder):
            files |= {item.rel + b"/" + name: read(target, item.rel + b"/" + name) for name in item.files}
        else:
            passed[item.rel] = item
    return files, passed


@pytest.fixture(scope="module")
def listing(image: DiskImage) -> tuple[dict[bytes, bytes], dict[bytes, Unwalked]]:
    return walked(image)


def test_what_it_says_of_itself(image: DiskImage, disk: Path) -> None:
    target: ListingTarget = image
    assert isinstance(image, ListingTarget)
    info = target.info
    assert (info.kind, info.root, info.system, info.volumes) == (
        "disk_image", str(disk), "windows", (Volume("p1", "C"),),
    )  # fmt: skip
    assert {"files", "logs", "registry", "autostart", "accounts"} == set(info.offers)
    assert (image.format, image.files) == ("raw", (os.fsencode(disk),))
    assert target.absolute(b"p1/a") == os.fsencode(disk) + b"/p1/a"
    assert target.shown(b"p1/inetpub/x.asp") == "C:\\inetpub\\x.asp"
    assert target.shown(b"") is None


def test_when_a_file_was_written_is_what_the_volume_says(image: DiskImage, disk: Path, tmp_path: Path) -> None:
    copying: CopyingTarget = image
    assert isinstance(image, CopyingTarget)
    with mounted_ntfs(disk.with_name("volume.img"), tmp_path / "mnt", "ro") as root:
        there = (root / "explorer.exe").stat()
    assert copying.written(b"p1/explorer.exe") == pytest.approx(there.st_mtime, abs=1e-3)
    read = Reader(image).read_start(b"p1/explorer.exe", 1)
    assert read is not None
    assert read.changed.timestamp() == pytest.approx(there.st_mtime, abs=1e-3)
    with pytest.raises(FileNotFoundError):
        copying.written(b"p1/nosuch")


def test_the_same_files_as_on_the_mounted_volume(
    disk: Path, listing: tuple[dict[bytes, bytes], dict[bytes, Unwalked]], tmp_path: Path
) -> None:
    files, _ = listing
    seen = {}
    with mounted_ntfs(disk.with_name("volume.img"), tmp_path / "mnt", "ro") as root:
        for folder, _, names in os.walk(os.fsencode(root)):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.islink(path):
                    continue
                with open(path, "rb") as file:
                    seen[b"p1" + path.removeprefix(os.fsencode(root))] = file.read(1 << 20)
    streams = {name: data for name, data in files.items() if b":" in name}
    del seen[b"p1/pagefile.sys"]
    assert {name: data for name, data in files.items() if name not in streams} == seen
    assert streams == {
        b"p1/Inetpub/wwwroot/default.htm:hidden": MARKER,
        b"p1/Inetpub:onfolder": b"stream of a folder",
    }


def test_what_is_passed_over_is_said(listing: tuple[dict[bytes, bytes], dict[bytes, Unwalked]]) -> None:
    _, passed = listing
    assert passed[b"p1/$MFT"] == Unwalked(b"p1/$MFT", "skipped", SYSTEM_RECORD)
    assert passed[b"p1/pagefile.sys"].why == PAGED_OUT
    assert passed[b"p1/inside"].state == "skipped"
    assert (passed[b"p1/elsewhere"].state, "Z:\\data" in passed[b"p1/elsewhere"].why) == ("failed", True)
    assert b"p1/deleted.exe" not in passed


@pytest.mark.parametrize("into", ["vmdk", "vhdx", "vpc", "qcow2", "E01", "split"])
def test_every_container_gives_the_same(
    disk: Path, into: str, listing: tuple[dict[bytes, bytes], dict[bytes, Unwalked]], tmp_path: Path
) -> None:
    copy = tmp_path / "disk.raw"
    os.link(disk, copy)
    made = split_disk(copy, 9 * MIB) if into == "split" else convert_disk(copy, into)
    files, passed = walked(DiskImage(os.fsencode(made)))
    assert files == listing[0]
    assert {name: item.why for name, item in passed.items()} == {name: item.why for name, item in listing[1].items()}


def test_names_of_windows_are_found_in_any_case_and_by_short_names(image: DiskImage) -> None:
    scripts = [b"p1/Inetpub/scripts"]
    assert image.find("c:\\INETPUB\\Scripts") == image.find("?:\\inetpub\\scripts") == scripts
    assert image.find("C:\\PROGRA~1\\Common Files") == [b"p1/Program Files/Common Files"]
    assert image.find("D:\\inetpub") == image.find("C:\\nothing") == image.find("C:\\") == image.find("/etc") == []


def test_what_is_not_there(image: DiskImage) -> None:
    for rel in (b"p9", b"p1/none", b"p1/none/x", b"x"):
        with pytest.raises(FileNotFoundError):
            list(image.list_folder(rel))
        with pytest.raises(OSError):
            image.open_file(rel)
    with pytest.raises(NotADirectoryError):
        list(image.list_folder(b"p1/explorer.exe"))
    for refused in (image.open_dir, image.open_file, image.open_folder):
        with pytest.raises(OSError):
            refused(b"p1/Inetpub/wwwroot/../../x")
    with pytest.raises(OSError):
        image.open_dir(b"p1")
    with pytest.raises(OSError):
        image.open_at(0, b"p1")


def test_a_folder_is_held_by_its_path(image: DiskImage) -> None:
    folder = image.open_folder(b"p1/Inetpub/wwwroot")
    assert (folder.descriptor, folder.device) == (-1, 0)
    os.close(folder.open(b"default.htm"))
    folder.close()


def test_another_process_opens_the_image_anew(image: DiskImage) -> None:
    mine = image.session
    assert run_as_child(lambda: [image.session.pid, len(list(image.list_folder(b"p1")))])[0] not in (os.getpid(), 0)
    assert image.session is mine


def run_as_child(function: object) -> list[int]:
    import json

    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.write(writing, json.dumps(function()).encode())  # type: ignore[operator]
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        answer: list[int] = json.load(pipe)
    os.waitpid(child, 0)
    return answer


def test_no_rights_are_needed(disk: Path) -> None:
    with (disk.parent / "open.raw").open("wb") as file:
        file.write(disk.read_bytes())
    for folder in (disk.parent, *disk.parent.parents[:3]):
        if folder != Path("/tmp"):
            folder.chmod(0o755)
    (disk.parent / "open.raw").chmod(0o644)
    path = os.fsencode(disk.parent / "open.raw")
    names = run_as_nobody(lambda: [e.name.decode() for e in DiskImage(path).list_folder(b"p1/Inetpub")])
    assert sorted(names) == ["scripts", "wwwroot"]


def test_letters_as_the_registry_says(disk: Path) -> None:
    image = DiskImage(os.fsencode(disk))
    image.name_drives({"\\DosDevices\\E:": disk.read_bytes()[0x1B8:0x1BC] + START.to_bytes(8, "little")})
    assert image.shown(b"p1/x") == "E:\\x"


def test_partitions_that_can_not_be_read_are_gaps(disk: Path, tmp_path: Path) -> None:
    many = make_table(tmp_path / "many", 40 * MIB, (MIB, MIB), (2 * MIB, MIB), (8 * MIB, MIB), (38 * MIB, 40 * MIB))
    put(many, MIB + 3, b"-FVE-FS-")
    put(many, 2 * MIB, b"LUKS\xba\xbe")
    with many.open("r+b") as file, disk.with_name("volume.img").open("rb") as volume:
        file.seek(38 * MIB)
        file.write(volume.read(2 * MIB))
    entries = {(entry.name, entry.why): entry for entry in DiskImage(os.fsencode(many)).list_folder(b"")}
    told = {name: why for name, why in entries if why}
    assert "dislocker" in told[b"p1"]
    assert "cryptsetup" in told[b"p2"]
    assert "no file system" in told[b"p3"]
    assert "behind the end of the image" in told[b"p4"]
    assert told[b"unpartitioned space"] == OUTSIDE
    assert (b"p4", "") in entries  # tried all the same
    assert all(e.is_gap for e in entries.values() if e.kind == "other" and e.name != b"unpartitioned space")


def test_a_cut_image_tells_what_it_lost(disk: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.raw"
    cut.write_bytes(disk.read_bytes()[: START + MIB])
    image = DiskImage(os.fsencode(cut))
    gaps = [item for item in walk(image, (b"",)) if isinstance(item, Unwalked) and item.state == "failed"]
    assert any("copied whole" in gap.why for gap in gaps)


@pytest.mark.parametrize("size", [1_500_000, 300_000])
def test_a_cut_container_is_a_gap_and_no_fault_of_ours(disk: Path, tmp_path: Path, size: int) -> None:
    whole = convert_disk(disk, "vmdk")
    cut = tmp_path / "cut.vmdk"
    cut.write_bytes(whole.read_bytes()[:size])
    image, lost = DiskImage(os.fsencode(cut)), 0
    for item in walk(image, (b"",)):
        lost += isinstance(item, Unwalked) and item.state == "failed"
        for name in item.files if isinstance(item, Folder) else ():
            try:
                read(image, item.rel + b"/" + name)
            except OSError:
                lost += 1
    assert lost


def test_a_folder_that_holds_itself_is_walked_once(image: DiskImage, monkeypatch: pytest.MonkeyPatch) -> None:
    looped = DiskImage(os.fsencode(image.info.root))
    table = looped.session.read_table(b"p1/Inetpub")
    table.names[b"loop"] = looped.session.locate(b"p1/Inetpub")
    found = {item.rel: item for item in walk(looped, (b"p1/Inetpub",)) if isinstance(item, Unwalked)}
    assert found == {b"p1/Inetpub/loop": Unwalked(b"p1/Inetpub/loop", "skipped", ALSO_HERE)}


@pytest.fixture
def linux(tmp_path: Path) -> DiskImage:
    tree = tmp_path / "tree"
    for name in ("etc", "usr", "var/www"):
        (tree / name).mkdir(parents=True)
    (tree / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\n")
    (tree / "etc/link").symlink_to("/etc/passwd")
    with (tmp_path / "ext.img").open("wb") as file:
        file.truncate(8 * MIB)
    run("mke2fs", "-q", "-t", "ext4", "-d", str(tree), str(tmp_path / "ext.img"))
    return DiskImage(os.fsencode(tmp_path / "ext.img"))


def test_a_linux_system(linux: DiskImage) -> None:
    assert (linux.info.system, linux.info.volumes, linux.info.offers) == ("linux", (), ("files", "logs"))
    assert [item.capability for item in linux.info.unsupported] == ["autostart", "accounts"]
    assert linux.find("/etc/passwd") == [b"p1/etc/passwd"]
    assert linux.shown(b"p1/etc/passwd") == "/etc/passwd"
    files, passed = walked(linux)
    assert files == {b"p1/etc/passwd": b"root:x:0:0::/root:/bin/sh\n"}
    assert passed[b"p1/etc/link"].state == "skipped"


def test_a_fat_volume(tmp_path: Path) -> None:
    with (tmp_path / "fat.img").open("wb") as file:
        file.truncate(4 * MIB)
    run("mkfs.vfat", str(tmp_path / "fat.img"))
    (tmp_path / "a.txt").write_bytes(b"on fat")
    run("mcopy", "-i", str(tmp_path / "fat.img"), str(tmp_path / "a.txt"), "::long name of it.txt")
    image = DiskImage(os.fsencode(tmp_path / "fat.img"))
    files, _ = walked(image)
    assert files == {b"p1/long name of it.txt": b"on fat"}
    assert image.info.volumes == (Volume("p1", "C"),)


@pytest.mark.parametrize("kind", ["empty", "folder", "fifo", "nothing", "text"])
def test_what_is_no_image(tmp_path: Path, kind: str) -> None:
    path = tmp_path / kind
    if kind == "empty":
        path.touch()
    elif kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "text":
        path.write_bytes(b"no image\n" * 1000)
    with pytest.raises(WrongUse) as refused:
        DiskImage(os.fsencode(path))
    assert refused.value.advice
    assert "\n" not in str(refused.value)


def test_a_file_system_that_does_not_come_to_an_end_is_a_gap(linux: DiskImage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codered.targets.disk_image.survives", lambda _: False)
    image = DiskImage(os.fsencode(linux.info.root))
    assert [(entry.name, entry.why, entry.is_gap) for entry in image.list_folder(b"")] == [(b"p1", DAMAGED, True)]
    with pytest.raises(OSError, match="does not end"):
        image.open_file(b"p1/etc/passwd")


@pytest.mark.parametrize(("top", "offers"), [("W2K", True), ("data", False)])
def test_a_windows_may_have_any_name(tmp_path: Path, top: str, offers: bool) -> None:
    volume = make_ntfs(tmp_path / "v", 8 * MIB)
    with mounted_ntfs(volume, tmp_path / "mnt") as root:
        (root / top / "System32" / ("config" if offers else "x")).mkdir(parents=True)
    assert ("registry" in DiskImage(os.fsencode(volume)).info.offers) is offers
