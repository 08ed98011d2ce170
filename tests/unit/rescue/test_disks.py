from pathlib import Path

from codered.rescue.disks import Partition, find_state, list_partitions, read_serial, read_uuid
from tests.fixtures.ntfs_volumes import make_ntfs
from tests.fixtures.rescue_media import UUID, make_state_image


def test_partitions_are_known_by_what_is_in_them(tmp_path: Path) -> None:
    block, nodes = tmp_path / "block", tmp_path / "dev"
    for name in ("vda", "vda1", "vda2", "ram0", "sr0", "odd name"):
        (block / name).mkdir(parents=True)
    (block / "vda1/partition").write_text("1\n")
    (block / "vda2/partition").write_text("2\n")
    nodes.mkdir()
    (nodes / "vda").write_bytes(bytes(4096))
    make_ntfs(nodes / "vda1", 4 << 20)
    (tmp_path / "empty").mkdir()
    make_state_image(tmp_path / "empty", nodes / "vda2")
    found = list_partitions(block, nodes)
    assert [(one.device, one.number) for one in found] == [
        (f"{nodes}/vda", 1),
        (f"{nodes}/vda1", 1),
        (f"{nodes}/vda2", 2),
    ]
    assert [len(one.serial) for one in found] == [0, 16, 0]
    assert find_state(found, UUID) == Partition(f"{nodes}/vda2", 2, "", UUID)
    assert find_state(found[:2], UUID) is None
    assert find_state((*found, found[2]), UUID) is None  # a copy of the stick: nobody can tell which one is meant
    assert find_state(found, "") is None


def test_short_and_odd_heads_are_nothing() -> None:
    assert (read_serial(b"   NTFS    "), read_uuid(b"x" * 1100), read_uuid(bytes(4096))) == ("", "", "")
