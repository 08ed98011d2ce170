import os
import tempfile
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.errors import WrongUse
from codered.model.target import TargetInfo
from codered.targets import open_memory_dump, open_target, reopen_target
from codered.targets.live_linux import LiveLinux
from codered.targets.offline_root import OfflineRoot
from tests.fixtures.unprivileged import run_as_nobody


def test_a_root_is_an_offline_system(tmp_path: Path) -> None:
    target = open_target(str(tmp_path))
    assert isinstance(target, OfflineRoot)
    assert target.info.root == str(tmp_path)


def test_without_a_root_it_is_this_host(tmp_path: Path) -> None:
    (tmp_path / "inetpub").mkdir()
    target = open_target(scope=(os.fsencode(tmp_path),))
    assert isinstance(target, LiveLinux)
    assert [volume.drive for volume in target.info.volumes] == ["C"]


def test_an_empty_root_is_not_this_host() -> None:
    with pytest.raises(WrongUse):
        open_target("/no/such/folder")


def test_a_target_opens_again_with_what_was_known_of_it(tmp_path: Path) -> None:
    """Also when the removal has taken away the folder by which the volume was recognised."""
    (tmp_path / "Inetpub").mkdir()
    info = open_target(scope=(os.fsencode(tmp_path),)).info
    (tmp_path / "Inetpub").rmdir()
    target = reopen_target(info)
    assert target.info == info
    assert target.shown(os.fsencode(tmp_path)[1:] + b"/root.exe") == "C:\\root.exe"


def test_a_report_of_another_host_is_wrong_use() -> None:
    with pytest.raises(WrongUse, match="another-host: this is "):
        reopen_target(replace(open_target().info, host="another-host"))


@pytest.mark.parametrize("root", ["/no/such/folder", "/etc/passwd", "", "\0"])
def test_a_root_that_is_gone_is_wrong_use(root: str) -> None:
    with pytest.raises(WrongUse, match="no such folder"):
        reopen_target(TargetInfo(kind="offline_root", root=root))


def test_a_root_one_may_not_read_any_more_is_wrong_use() -> None:
    def open_it() -> str:
        with pytest.raises(WrongUse) as caught:
            reopen_target(TargetInfo(kind="offline_root", root=folder))
        return str(caught.value)

    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o100)
        assert "can't be read (Permission denied)" in run_as_nobody(open_it)


def test_a_memory_dump_is_opened_and_nothing_can_be_removed_from_it(tmp_path: Path) -> None:
    path = tmp_path / "ram.lime"
    path.write_bytes(b"EMiL")
    dump = open_memory_dump(os.fsencode(path))
    dump.close()
    assert (dump.info.kind, dump.info.root) == ("memory_dump", str(path))
    with pytest.raises(WrongUse, match="nothing can be removed from a memory dump"):
        reopen_target(dump.info)


def test_nothing_can_be_removed_from_recorded_traffic() -> None:
    with pytest.raises(WrongUse, match="recorded traffic"):
        reopen_target(TargetInfo(kind="traffic_files", root="/"))
