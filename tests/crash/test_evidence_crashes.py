"""Evidence: `kill -9` before every change on the disk, a disk that fills up while collecting. Nothing half is whole."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from codered.evidence import time_stamps
from codered.evidence.reading import list_containers, read_container
from codered.evidence.standalone_verifier import STAMP, STAMP_PART, verify_container
from codered.model.errors import Refused, WrongUse
from codered.model.plan import Plan
from codered.scan.evidence_gathering import EvidenceWishes, collect_for_plan
from codered.targets import open_target
from tests.fixtures.changing import FolderTarget, make_action, make_sealed_plan
from tests.fixtures.evidence import make_container, open_key, read_manifest

MEGABYTE = 1 << 20
CHANGES = ("write", "mkdir", "rename", "unlink", "posix_fallocate", "fsync")
MOST = 300


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    root = tmp_path / "root"
    root.mkdir()
    for number in range(4):
        (root / f"file{number}").write_bytes(os.urandom(MEGABYTE if number else 10))
    target = FolderTarget(root)
    return make_sealed_plan(target, *(make_action(target, f"file{n}", id_=f"a{n}") for n in range(4)))


def wish(folder: Path, tmp_path: Path) -> EvidenceWishes:
    open_key(tmp_path)
    return EvidenceWishes(folder=folder, key=tmp_path / "key", by="anna")


class Killer:
    """Kills this process before change number `at`, letting half of a write through."""

    def __init__(self, at: int) -> None:
        self._at, self._count = at, 0
        for name in CHANGES:
            setattr(os, name, self._wrap(name, getattr(os, name)))

    def _wrap(self, name: str, real: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*args: object, **kw: object) -> object:
            self._count += 1
            if self._count == self._at:
                if name == "write":
                    data = args[1]
                    assert isinstance(data, bytes | memoryview)
                    real(args[0], data[: len(data) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return None if name == "fsync" else real(*args, **kw)

        return wrapped


def collect_until(plan: Plan, wishes: EvidenceWishes, at: int) -> bool:
    """Collect in a child that dies before change number `at`; False when it ended before that."""
    child = os.fork()
    if child == 0:
        try:
            Killer(at)
            collect_for_plan(plan, None, open_target(plan.target.root), wishes)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def test_killed_at_any_point_it_is_whole_or_said_to_be_unfinished(plan: Plan, tmp_path: Path) -> None:
    unfinished = 0
    for at in range(1, MOST):
        wishes = wish(tmp_path / f"evidence{at}", tmp_path)
        died = collect_until(plan, wishes, at)
        for folder in list_containers(wishes.folder):
            problems = verify_container(str(folder)).problems
            assert died or not problems, problems
            if problems:
                unfinished += 1
                told = ("never sealed", "the seal is missing")
                assert any(word in problem for word in told for problem in problems), (at, problems)
        if not died:
            break
    assert not died
    assert unfinished > 20
    summary = collect_for_plan(plan, None, open_target(plan.target.root), wish(tmp_path / "evidence9", tmp_path))
    assert verify_container(summary.folder).problems == []
    assert len(list_containers(tmp_path / "evidence9")) == 2  # what was there stays beside it


def test_an_unfinished_one_is_never_read_as_finished(plan: Plan, tmp_path: Path) -> None:
    wishes = wish(tmp_path / "evidence", tmp_path)
    assert collect_until(plan, wishes, 14)
    (folder,) = list_containers(wishes.folder)
    assert read_container(folder).manifest is None


def stamp_until(container: Path, key: Ed25519PrivateKey, at: int) -> bool:
    """Stamp in a child that dies before change number `at`; False when it ended before that."""
    child = os.fork()
    if child == 0:
        try:
            Killer(at)
            time_stamps.stamp_seal(container, "http://192.0.2.1/", key, "anna")
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def test_killed_while_it_is_stamped_a_container_stays_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_stamps, "_make_request", lambda _digest: b"")
    monkeypatch.setattr(time_stamps, "_ask", lambda *_: b"inert answer")
    monkeypatch.setattr(time_stamps, "_demand_granted", lambda *_: None)
    key = open_key(tmp_path)
    states = set()
    for at in range(1, 30):
        container = make_container(tmp_path / str(at))
        died = stamp_until(container, key, at)
        problems = verify_container(str(container)).problems
        assert all(problem.endswith("is cut off, or not there") for problem in problems), (at, problems)
        states.add((bool(problems), *sorted(path.name for path in container.glob("seal*"))))
        if not died:
            break
        with contextlib.suppress(WrongUse):  # it was stamped already
            time_stamps.stamp_seal(container, "http://192.0.2.1/", key, "anna")
        assert verify_container(str(container)).problems == []
        assert (container / STAMP).read_bytes() == b"inert answer"
    assert not died
    assert states == {(False,), (True, STAMP_PART), (False, STAMP_PART), (False, STAMP)}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A 16 MiB disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m,mode=700", "small", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"this test needs root and mount(8) with tmpfs: {done.stderr}"
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(disk: Path, leave: int) -> None:
    figures = os.statvfs(disk)
    (disk / "filler").write_bytes(b"x" * max(0, figures.f_bavail * figures.f_frsize - leave))


def test_a_disk_without_room_is_refused_first(plan: Plan, disk: Path, tmp_path: Path) -> None:
    fill(disk, 5 * MEGABYTE)
    with pytest.raises(Refused, match="the disk has"):
        collect_for_plan(plan, None, open_target(plan.target.root), wish(disk / "evidence", tmp_path))
    assert not (disk / "evidence").exists()


def test_a_disk_that_fills_up_leaves_a_sealed_part(plan: Plan, disk: Path, tmp_path: Path) -> None:
    wishes = wish(disk / "evidence", tmp_path)
    stages = 0

    def fill_meanwhile(_now: object) -> None:
        nonlocal stages
        stages += 1
        if stages == 2:
            fill(disk, MEGABYTE + MEGABYTE // 2)

    summary = collect_for_plan(plan, None, open_target(plan.target.root), wishes, fill_meanwhile)
    assert not summary.complete
    assert summary.ended.startswith("no room")
    verdict = verify_container(summary.folder)
    assert verdict.problems == []
    assert any(note.startswith("INCOMPLETE: no room") for note in verdict.notes)
    manifest = read_manifest(Path(summary.folder))
    assert 1 <= len(manifest.items) < 4
