import os
import signal
from pathlib import Path

import pytest

from codered.model.plan import ProcessState
from codered.remediate import freezing
from codered.remediate.freezing import find_group, freeze_process, is_frozen, remove_group, thaw_process
from codered.remediate.processes import end_process, hold_process, is_gone, look_again, release_process
from tests.fixtures.children import SHELL, STUBBORN, Children, wait_until


def read_groups(process: ProcessState) -> str:
    return Path(f"/proc/{process.pid}/cgroup").read_text("utf-8")


@pytest.fixture(params=["either version", "the first version"])
def version(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "the first version":
        monkeypatch.setattr(freezing, "_is_second", lambda _: False)


@pytest.mark.usefixtures("version")
def test_a_friend_can_not_wake_it_where_the_kernel_freezes(children: Children) -> None:
    process = children.start(SHELL, "-c", STUBBORN)
    before = read_groups(process)
    assert hold_process(process)
    frozen = is_frozen(process)
    assert frozen == (find_group(process) is not None) == (read_groups(process) != before)
    if frozen:  # in a container whose groups can't be written, the signal alone holds
        os.kill(process.pid, signal.SIGCONT)
    assert look_again(process).state == "held"
    assert release_process(process)
    wait_until(lambda: look_again(process).state == "running")
    assert read_groups(process) == before


@pytest.mark.usefixtures("version")
@pytest.mark.parametrize("again", [False, True])
def test_who_is_frozen_ends_and_leaves_no_group(children: Children, again: bool) -> None:
    process = children.start(SHELL, "-c", STUBBORN)
    hold_process(process)
    if again:
        hold_process(process)
    group = find_group(process)
    end_process(process)
    assert is_gone(process)
    assert group is None or not group.folder.exists()


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the kernel would show of a process 7 in groups of both versions, in plain files."""
    (tmp_path / "proc/7").mkdir(parents=True)
    (tmp_path / "proc/7/cgroup").write_text("0::/a\n3:cpu:/x\n5:freezer,misc:/b\n")
    for folder in ("cgroup/a", "cgroup/freezer/b"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setattr(freezing, "PROC", tmp_path / "proc")
    monkeypatch.setattr(freezing, "MOUNTS", tmp_path / "cgroup")
    monkeypatch.setattr(freezing, "_SECONDS", 0.01)
    monkeypatch.setattr(freezing, "_LEAVE_SECONDS", 0.01)
    return tmp_path


SEVEN = ProcessState(pid=7, start=9, boot="b", state="running")


def test_the_first_version(groups: Path) -> None:
    assert freeze_process(SEVEN)
    mine = groups / "cgroup/freezer/b/codered-7-9"
    assert (mine / "cgroup.procs").read_text() == "7"
    assert (mine / "freezer.state").read_text() == "FROZEN"
    (groups / "proc/7/cgroup").write_text("5:freezer,misc:/b/codered-7-9\n")
    assert is_frozen(SEVEN)
    assert freeze_process(SEVEN)
    thawed = thaw_process(SEVEN)
    assert thawed is not None
    assert (mine / "freezer.state").read_text() == "THAWED"
    assert (groups / "cgroup/freezer/b/cgroup.procs").read_text() == "7"
    assert not is_frozen(SEVEN)


def test_the_second_version_comes_first(groups: Path) -> None:
    (groups / "cgroup/cgroup.controllers").touch()
    mine = groups / "cgroup/a/codered-7-9"
    assert not freeze_process(SEVEN)  # nobody answers in plain files
    assert (mine / "cgroup.freeze").read_text() == "1"
    (mine / "cgroup.events").write_text("populated 1\nfrozen 1\n")
    (groups / "proc/7/cgroup").write_text("0::/a/codered-7-9\n")
    assert is_frozen(SEVEN)
    thaw_process(SEVEN)
    assert (mine / "cgroup.freeze").read_text() == "0"


def test_where_nothing_can_be_made(groups: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (groups / "cgroup/freezer/b").rmdir()
    assert not freeze_process(SEVEN)
    assert thaw_process(SEVEN) is None
    (groups / "proc/7/cgroup").write_text("5:freezer:/../../outside\n")
    assert not freeze_process(SEVEN)
    (groups / "proc/7/cgroup").unlink()
    assert not freeze_process(SEVEN)


def test_only_an_empty_group_is_removed(groups: Path) -> None:
    folder = groups / "cgroup/a"
    kind = freezing._FIRST
    (folder / "somebody").touch()
    remove_group(freezing.Group(folder, kind))
    assert folder.exists()
    (folder / "somebody").unlink()
    remove_group(freezing.Group(folder, kind))
    assert not folder.exists()
