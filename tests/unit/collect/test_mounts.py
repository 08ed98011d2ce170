from pathlib import Path

from codered.collect.mounts import PSEUDO_FILE_SYSTEMS, find_mount, read_mounts

MOUNTS = rb"""22 27 0:21 / /proc rw - proc proc rw
27 1 254:0 / / rw shared:1 - ext4 /dev/vda rw
30 27 0:40 / /data rw - autofs systemd-1 rw
31 30 254:1 / /data rw - ext4 /dev/vdb rw
32 27 0:41 / /net rw - autofs auto rw
33 27 0:42 / /my\040disk\134\012x rw master:2 - fuse.\xff\xfe x rw
34 27 0:43 / /views/mine rw - tracefs none rw
35 27 0:44 / /home/proc rw - fuse.proc x rw
"""


def test_mounts(tmp_path: Path) -> None:
    (tmp_path / "mountinfo").write_bytes(MOUNTS)
    mounts = read_mounts(str(tmp_path / "mountinfo"))
    views = {path for path, kind in mounts.items() if kind in PSEUDO_FILE_SYSTEMS}
    assert views == {b"/proc", b"/net", b"/views/mine"}
    assert set(mounts) - views == {b"/", b"/data", b"/my disk\\\nx", b"/home/proc"}
    assert mounts[b"/data"] == "ext4"
    assert find_mount(b"/data/x/y", mounts) == b"/data"
    assert find_mount(b"/other", mounts) == b"/"
    assert find_mount(b"/other", {}) == b""


def test_without_a_mount_table_nothing_is_mounted(tmp_path: Path) -> None:
    assert read_mounts(str(tmp_path / "none")) == {}
