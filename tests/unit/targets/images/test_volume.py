import os
from pathlib import Path

import pytest

from codered.targets.images.session import ImageSession
from codered.targets.images.volume import (
    NO_CONTENT,
    ODD_NAME,
    ORPHANS,
    PAGED_OUT,
    SYSTEM_RECORD,
    TWICE,
    Located,
    Table,
    VolumeReader,
)
from tests.fixtures.disk_images import MARKER, make_infected_volume
from tests.fixtures.ntfs_volumes import MIB, make_ntfs, mounted_ntfs, run


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> ImageSession:
    return ImageSession(os.fsencode(make_infected_volume(tmp_path_factory.mktemp("v"))))


@pytest.fixture
def volume(session: ImageSession) -> VolumeReader:
    return session.open_volume(b"p1")


def content(volume: VolumeReader, located: Located) -> bytes:
    descriptor = volume.open_content(located)
    try:
        return os.pread(descriptor, 1 << 20, 0)
    finally:
        os.close(descriptor)


def test_names_with_their_kinds(volume: VolumeReader) -> None:
    table = volume.read_folder(volume.root)
    assert (table.names[b"Inetpub"].kind, table.names[b"explorer.exe"].kind) == ("folder", "file")
    assert table.names[b"$MFT"].why == SYSTEM_RECORD
    assert table.names[b"elsewhere"].leads == "\\??\\Z:\\data"
    assert content(volume, table.names[b"explorer.exe"]).startswith(b"MZ")
    assert volume.short_name(table.names[b"Program Files"].inode) == "PROGRA~1"
    assert volume.short_name(10**9) == ""


def test_deleted_files_are_apart(volume: VolumeReader) -> None:
    deleted = volume.read_folder(volume.root).deleted
    assert b"deleted.exe" in deleted
    assert b"deleted.exe" not in volume.read_folder(volume.root).names


def test_names_that_can_not_be_are_gaps(volume: VolumeReader) -> None:
    table = Table({}, [], {})
    for name in (b"a/b", b"a\0b", b"..", b"", b"plain"):
        volume._add(table, name, Located("file", 70))
    volume._add(table, b"plain", Located("file", 70))
    assert (list(table.names), [entry.why for entry in table.odd]) == ([b"plain"], [ODD_NAME] * 4)
    assert all(entry.is_gap and b"/" not in entry.name and entry.name.strip(b".") for entry in table.odd)
    volume._add(table, b"plain", Located("file", 71))
    assert table.odd[-1].why == TWICE


def test_contents_that_are_stored_in_odd_ways(tmp_path: Path) -> None:
    image = make_ntfs(tmp_path / "v", 16 * MIB)
    text = b"compressed text of a page, " * 40000
    with mounted_ntfs(image, tmp_path / "mnt", "compression") as root:
        (root / "packed").mkdir()
        os.setxattr(root / "packed", "system.ntfs_attrib_be", (0x810).to_bytes(4, "big"))
        (root / "packed/a.htm").write_bytes(text)
        with (root / "hole").open("wb") as file:
            file.truncate(1 << 40)
            file.seek(1 << 39)
            file.write(MARKER)
        (root / "tiny").write_bytes(b"in the record")
    run("ntfsinfo", "-F", "/packed/a.htm", "-f", str(image))
    volume = ImageSession(os.fsencode(image)).open_volume(b"p1")
    table = volume.read_folder(volume.root)
    packed = volume.read_folder(table.names[b"packed"].inode).names[b"a.htm"]
    assert packed.content is not None
    assert packed.content.flags & 0x20  # it is compressed
    assert content(volume, packed) == text[: 1 << 20]
    assert content(volume, table.names[b"tiny"]) == b"in the record"
    with pytest.raises(OSError, match="content can't be found"):
        volume.open_content(table.names[b"hole"])
    assert NO_CONTENT


def test_a_name_alone_hides_nothing(tmp_path: Path) -> None:
    image = make_ntfs(tmp_path / "v", 16 * MIB)
    with mounted_ntfs(image, tmp_path / "mnt") as root:
        for folder in ("hiberfil.sys", "$OrphanFiles", "web/$OrphanFiles"):
            (root / folder).mkdir(parents=True)
            (root / folder / "root.exe").write_bytes(MARKER)
        (root / "pagefile.sys").write_bytes(MARKER)
        (root / "swapfile.sys").write_bytes(bytes(MIB))
        (root / "swapfile.sys:hidden").write_bytes(MARKER)
        (root / "web/pagefile.sys").write_bytes(bytes(MIB))
        for name, data in (("Zone.Identifier", MARKER), ("WofCompressedData", MARKER)):
            (root / f"web/a.txt:{name}").write_bytes(data)
        (root / "web/b.txt:Zone.Identifier").write_bytes(b"[ZoneTransfer]\r\nZoneId=3\r\n")
        (root / "web/c.txt:Zone.Identifier").write_bytes(b"[ZoneTransfer]" + bytes(4096))
    volume = ImageSession(os.fsencode(image)).open_volume(b"p1")
    top = volume.read_folder(volume.root)
    kinds = {name.decode(): located.kind for name, located in top.names.items()}
    assert (kinds["hiberfil.sys"], kinds["$OrphanFiles"], kinds["pagefile.sys"]) == ("folder", "folder", "file")
    assert (top.names[b"swapfile.sys"].why, kinds["swapfile.sys:hidden"]) == (PAGED_OUT, "file")
    assert [(entry.name, entry.why) for entry in top.odd] == [(b"$OrphanFiles", ORPHANS)]
    names = volume.read_folder(top.names[b"web"].inode).names
    assert names[b"$OrphanFiles"].kind == "folder"
    assert sorted(name for name in names if b":" in name) == [
        b"a.txt:WofCompressedData", b"a.txt:Zone.Identifier", b"c.txt:Zone.Identifier",
    ]  # fmt: skip
    assert names[b"pagefile.sys"].kind == "file"
    assert volume._pass_over(b"$MFT", 0, volume.root, 1) is not None
    assert volume._pass_over(b"evil.exe", 16, volume.root, 1) is volume._pass_over(b"$MFT", 17, volume.root, 1) is None
