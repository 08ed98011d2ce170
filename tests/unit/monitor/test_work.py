from pathlib import Path

import pytest

from codered.collect.walking import Folder
from codered.model.monitoring import WatchedPlace
from codered.monitor import work
from codered.monitor.questions import AskFiles, AskPersistence, AskProcesses
from codered.monitor.work import Work, group_files
from codered.targets import open_target
from tests.fixtures.running import running


@pytest.fixture
def made(tmp_path: Path) -> Work:
    return Work(open_target(str(tmp_path)))


def test_what_changed_comes_first_and_once(made: Work) -> None:
    for rel in (b"a/x", b"a/y", b"b/x", b"a/x"):
        assert made.add_changed(rel)
    made.add_persistence()
    assert made.next_due() == 0
    assert made.next_urgent() == AskFiles([Folder(b"a", [b"x", b"y"], []), Folder(b"b", [b"x"], [])])
    assert made.next_urgent() == AskPersistence()
    assert made.next_urgent() is None


def test_what_keeps_changing_waits(made: Work) -> None:
    made.add_changed(b"log")
    assert made.next_urgent() is not None
    made.add_changed(b"log")
    made.add_changed(b"other")
    assert made.next_urgent() == AskFiles([Folder(b"", [b"other"], [])])
    assert 0 < made.next_due() <= work.AGAIN


def test_start_files_that_keep_changing_are_looked_at_more_seldom(made: Work) -> None:
    for _ in range(3):
        made.add_persistence()
        made.next_urgent()
    made.add_persistence()
    assert made.next_urgent() is None
    assert made.next_due() > 0


def test_too_much_is_forgotten_and_said(made: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "MOST_PENDING", 5)
    assert [made.add_changed(b"%d" % number) for number in range(6)] == [True] * 5 + [False]
    assert made.next_urgent() is None
    assert made.add_started(range(8)) == 3


def test_too_many_folders_are_forgotten_and_said(made: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "MOST_PENDING", 5)
    assert [made.add_folder(b"%d" % number) for number in range(6)] == [True] * 5 + [False]
    assert made.next_urgent() is None


def test_a_new_folder_is_looked_through(made: Work, tmp_path: Path) -> None:
    (tmp_path / "new/deep").mkdir(parents=True)
    (tmp_path / "new/deep/x").write_text("x")
    made.add_folder(b"new")
    question = made.next_urgent()
    assert isinstance(question, AskFiles)
    assert Folder(b"new/deep", [b"x"], []) in question.folders
    assert made.next_urgent() is None


def test_only_processes_that_live_are_asked_for(made: Work) -> None:
    with running("sleep", "60") as pid:
        assert made.add_started([pid, 2**22 + 1]) == 0
        assert made.next_urgent() == AskProcesses([pid])
        assert 0 < made.next_due() <= work.LATER


def test_everything_is_dealt_out_in_the_background(made: Work, tmp_path: Path) -> None:
    (tmp_path / "etc/below").mkdir(parents=True)
    (tmp_path / "web/below").mkdir(parents=True)
    for name in ("etc/x", "etc/below/x", "web/below/x"):
        (tmp_path / name).write_text("x")
    places = (WatchedPlace(what="s", rel=b"etc"), WatchedPlace(what="w", rel=b"web", deep=True))
    made.add_everything(places, whole=True)
    asked = []
    while (question := made.next_background()) is not None:
        asked.append(question)
    files = [folder for one in asked if isinstance(one, AskFiles) for folder in one.folders if folder.files]
    assert files == [Folder(b"etc", [b"x"], []), Folder(b"web/below", [b"x"], [])]
    assert (asked[:2], asked[-1]) == ([AskPersistence(), AskProcesses()], AskPersistence(whole=True))
    assert made.is_background_done()


def test_what_can_not_be_walked_is_kept(made: Work) -> None:
    made.add_everything((WatchedPlace(what="w", rel=b"gone", deep=True),), whole=False)
    while made.next_background() is not None:
        pass
    assert b"gone" in made.unwalked


def test_files_are_grouped_by_folder() -> None:
    assert group_files([b"x", b"a/b/c"]) == [Folder(b"", [b"x"], []), Folder(b"a/b", [b"c"], [])]


def test_all_processes_are_asked_for_once(made: Work) -> None:
    made.add_processes()
    made.add_processes()
    assert made.next_background() == AskProcesses()
    assert made.is_background_done()


def test_a_link_into_what_is_watched_below_is_no_gap(made: Work, tmp_path: Path) -> None:
    """One into a folder of which only the first level is watched leads to what nobody sees."""
    for name in ("web", "deep/images", "flat/images"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "web/deep").symlink_to("../deep/images")
    (tmp_path / "web/flat").symlink_to("../flat/images")
    web, deep = (WatchedPlace(what="w", rel=rel, deep=True) for rel in (b"web", b"deep"))
    made.add_everything((web, deep, WatchedPlace(what="w", rel=b"flat")), whole=False)
    while made.next_background() is not None:
        pass
    assert list(made.unwalked) == [b"web/flat"]
    (tmp_path / "web/flat").unlink()
    (tmp_path / "web/flat").symlink_to("../deep/images")
    assert made.add_folder(b"web")
    while made.next_urgent() is not None:
        pass
    assert made.unwalked == {}
