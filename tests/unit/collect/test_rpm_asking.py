"""Children that are confined get rpm's answers from the one process that may still ask."""

import fcntl
import itertools
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from codered.collect import rpm_asking, rpm_program
from codered.collect.rpm_asking import LOST, ask, ask_for_others
from codered.collect.rpm_program import NO_PROGRAM, UNREADABLE, RpmTrouble, find_database
from codered.model.target import Target
from codered.system.confining import Rights, confine
from codered.targets.offline_root import OfflineRoot
from tests.fixtures.package_roots import build_rpm, install_rpm

NAMES, VERSIONS = r"%{NAME}\n", r"%{VERSION}\n"


@pytest.fixture
def target(tmp_path: Path) -> Target:
    folder = tmp_path / "root"
    install_rpm(folder, build_rpm(tmp_path))
    return OfflineRoot(str(folder))


def in_confined_child(question: Callable[[], bytes]) -> bytes:
    """What it answers, or the trouble in words, in a child that may start no program."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            assert confine(Rights(), (theirs,)) == ""
            os.write(theirs, question())
        except RpmTrouble as trouble:
            os.write(theirs, str(trouble).encode())
        finally:
            os._exit(0)
    os.close(theirs)
    with open(ours, "rb") as file:
        said = file.read()
    os.waitpid(pid, 0)
    return said


def ask_of(target: Target, query: str) -> bytes:
    place = find_database(target)
    assert place is not None
    return ask(target, place, query)


def test_confined_children_are_answered_in_any_order_and_again(target: Target) -> None:
    with ask_for_others(target, (NAMES, VERSIONS)):
        said = [in_confined_child(lambda query=query: ask_of(target, query)) for query in (VERSIONS, NAMES, NAMES)]  # type: ignore[misc]
    assert said == [b"1.2\n", b"tiny\n", b"tiny\n"]
    assert ask_of(target, NAMES) == b"tiny\n"  # by ourselves, when nobody asks for us


def test_a_broken_child_neither_withholds_nor_changes_the_answers_of_others(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lie(value: int) -> bytes:
        asker = rpm_asking._ASKER.get()
        assert asker is not None
        for at in range(len(asker._wishes)):
            asker._wishes[at] = value
        for descriptor in map(int, os.listdir("/proc/self/fd")):
            with suppress(OSError):
                if stat.S_ISREG(os.fstat(descriptor).st_mode):
                    os.pwrite(descriptor, b"\1lies\n", 0)
        return b""

    counted = itertools.count(1)
    monkeypatch.setattr(rpm_asking, "ask_rpm", lambda *_words: b"%d\n" % next(counted))
    with ask_for_others(target, (NAMES, VERSIONS)):
        said = []
        for value in (0, 2, 255, 1):
            in_confined_child(lambda value=value: lie(value))  # type: ignore[misc]
            said += [in_confined_child(lambda: ask_of(target, NAMES)) for _ in range(2)]
    assert set(said) in ({b"1\n"}, {b"2\n"})  # rpm was asked once for it, in whichever order


def test_nobody_else_holds_the_files_of_answers_open_for_writing(target: Target) -> None:
    def list_written(answers: list[int]) -> list[int]:
        here = {os.fstat(fd).st_ino for fd in answers}
        held = []
        for fd in map(int, os.listdir("/proc/self/fd")):
            with suppress(OSError):
                if os.fstat(fd).st_ino in here and fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY:
                    held.append(fd)
        return held

    with ask_for_others(target, (NAMES,)):
        asker = rpm_asking._ASKER.get()
        assert asker is not None
        assert list_written(asker._answers) == []


def test_trouble_is_told_in_its_own_words(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpm_program, "_PLACES", "/nowhere")
    with ask_for_others(target, (NAMES,)):
        assert in_confined_child(lambda: ask_of(target, NAMES)).decode() == NO_PROGRAM


def test_a_database_of_rubbish_is_trouble_and_no_hang(target: Target) -> None:
    folder = Path(target.info.root) / "var/lib/rpm"
    for file in folder.iterdir():
        file.write_bytes(b"rubbish" * 100)
    with ask_for_others(target, (NAMES,)):
        assert in_confined_child(lambda: ask_of(target, NAMES)).decode() == UNREADABLE


def test_an_asker_that_ended_is_said(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    def end(*_words: object) -> bytes:
        os._exit(1)

    monkeypatch.setattr(rpm_asking, "ask_rpm", end)
    with ask_for_others(target, (NAMES,)):
        assert in_confined_child(lambda: ask_of(target, NAMES)).decode() == LOST


def test_nothing_is_started_for_a_target_without_a_database(tmp_path: Path) -> None:
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    before = children.read_text()
    with ask_for_others(OfflineRoot(str(tmp_path)), (NAMES,)):
        assert children.read_text() == before
