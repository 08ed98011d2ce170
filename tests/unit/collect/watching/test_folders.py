import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from codered.collect.watching import folders
from codered.collect.watching.folders import FolderWatch, Heard
from codered.collect.watching.inotify import IN_Q_OVERFLOW, Inotify, RawEvent
from codered.collect.watching.writers import Writers
from codered.model.monitoring import WatchedPlace
from codered.targets import open_target

ETC = WatchedPlace(what="settings", rel=b"etc", asks="accounts")
CHECKOUT = Path(__file__).resolve().parents[4]
MOUNTING = """
import subprocess, sys
from pathlib import Path
from codered.collect.watching.folders import FolderWatch
from codered.collect.watching.writers import Writers
from codered.model.monitoring import WatchedPlace
from codered.targets import open_target
root, name = Path(sys.argv[1]), sys.argv[2]
watch = FolderWatch(open_target(str(root)), Writers())
watch.add(WatchedPlace(what="web", rel=b"var/www/html", deep=True))
for words, file in ((["mount", "-t", "tmpfs", "none"], "x"), (["umount", "-l"], "y")):
    subprocess.run([*words, root / name], check=True)
    print(*(rel.decode() for rel in watch.renew_moved()))
    (root / name / file).write_text("x")
    print(*(rel.decode() for rel in watch.read().changed))
"""
HTML = WatchedPlace(what="web", rel=b"var/www/html", deep=True)
UP = WatchedPlace(what="web", rel=b"var/www/html/up")
WEB = WatchedPlace(what="web", rel=b"web", deep=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("etc/below", "web/a/b", "web/state"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


@pytest.fixture
def watch(root: Path) -> Iterator[FolderWatch]:
    writers = Writers()
    made = FolderWatch(open_target(str(root)), writers, (b"web/state",))
    made.add(ETC)
    made.add(WEB)
    yield made
    made.close()
    writers.close()


def test_files_are_told_with_their_place(root: Path, watch: FolderWatch) -> None:
    for name in ("etc/passwd", "etc/below/x", "web/a/b/c", "web/state/own"):
        (root / name).write_text("x")
    assert watch.read().changed == {b"etc/passwd": ETC, b"web/a/b/c": WEB}


def test_a_new_folder_is_watched_before_it_is_told(root: Path, watch: FolderWatch) -> None:
    (root / "web/new/deep").mkdir(parents=True)
    (root / "web/new/early").write_text("x")
    assert b"web/new" in watch.read().folders
    (root / "web/new/deep/late").write_text("x")
    assert b"web/new/deep/late" in watch.read().changed


def test_a_renamed_folder_is_told_by_its_new_name(root: Path, watch: FolderWatch) -> None:
    (root / "web/a").rename(root / "web/z")
    heard = watch.read()
    assert (list(heard.folders), list(heard.gone)) == ([b"web/z"], [b"web/a"])
    (root / "web/z/b/c").write_text("x")
    assert list(watch.read().changed) == [b"web/z/b/c"]


def test_what_goes_is_told_and_what_comes_again_is_changed(root: Path, watch: FolderWatch) -> None:
    path = root / "etc/crontab"
    path.write_text("x")
    path.unlink()
    assert b"etc/crontab" in watch.read().gone
    path.write_text("y")
    heard = watch.read()
    assert (b"etc/crontab" in heard.changed, b"etc/crontab" in heard.gone) == (True, False)


def test_a_link_is_not_followed(root: Path, watch: FolderWatch) -> None:
    (root / "outside").mkdir()
    (root / "web/link").symlink_to(root / "outside")
    watch.read()
    (root / "outside/x").write_text("x")
    assert watch.read().changed == {}


def test_a_place_that_comes_later_is_found(root: Path, watch: FolderWatch) -> None:
    late = WatchedPlace(what="keys", rel=b"home/.ssh", deep=True)
    watch.add(late)
    assert watch.find_missing() == {}
    (root / "home/.ssh").mkdir(parents=True)
    assert watch.find_missing() == {b"home/.ssh": late}
    (root / "home/.ssh/authorized_keys").write_text("x")
    assert list(watch.read().changed) == [b"home/.ssh/authorized_keys"]


def test_a_place_that_goes_and_comes_is_watched_again(root: Path, watch: FolderWatch) -> None:
    (root / "etc/below").rmdir()
    (root / "etc").rename(root / "gone")
    (root / "etc").mkdir()
    watch.read()
    watch.read()
    assert watch.find_missing() == {b"etc": ETC}
    (root / "etc/x").write_text("x")
    assert list(watch.read().changed) == [b"etc/x"]


@pytest.fixture
def deep(root: Path) -> Iterator[FolderWatch]:
    """A watch of a folder and of one below it; what is above them may be renamed."""
    (root / "var/www/html/up").mkdir(parents=True)
    writers = Writers()
    made = FolderWatch(open_target(str(root)), writers)
    made.add(HTML)
    made.add(UP)
    yield made
    made.close()
    writers.close()


def test_a_renamed_parent_does_not_blind_it(root: Path, deep: FolderWatch) -> None:
    (root / "var/www").rename(root / "var/old")
    (root / "var/www/html/up").mkdir(parents=True)
    assert deep.renew_moved() == {b"var/www/html": HTML}
    assert deep.renew_moved() == {}
    (root / "var/old/html/x").write_text("x")
    (root / "var/www/html/x").write_text("x")
    (root / "var/www/html/up/x").write_text("x")
    assert sorted(deep.read().changed) == [b"var/www/html/up/x", b"var/www/html/x"]
    assert deep.count == 2


def test_a_renamed_parent_that_comes_later_is_found(root: Path, deep: FolderWatch) -> None:
    (root / "var/www").rename(root / "var/old")
    assert (deep.renew_moved(), deep.unwatched) == ({}, {})
    (root / "var/www/html").mkdir(parents=True)
    assert deep.find_missing() == {b"var/www/html": HTML}


def test_a_link_in_the_stead_of_a_parent_is_told(root: Path, deep: FolderWatch) -> None:
    (root / "var/www").rename(root / "var/old")
    (root / "var/www").symlink_to(root / "var/old")
    assert deep.renew_moved() == {}
    assert deep.unwatched[b"var/www/html"] == folders.NO_FOLDER
    (root / "var/www").unlink()
    (root / "var/old").rename(root / "var/www")
    assert set(deep.find_missing()) == {b"var/www/html", b"var/www/html/up"}
    assert deep.unwatched == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="namespaces of one's own need root")
@pytest.mark.parametrize("name", ["var/www/html", "var/www/html/more"])
def test_what_is_mounted_over_a_folder_is_watched(root: Path, name: str) -> None:
    """In a mount namespace of the child's own."""
    (root / "var/www/html/more").mkdir(parents=True)
    ran = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", sys.executable, "-c", MOUNTING, str(root), name],
        capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": f"{CHECKOUT}/src"},
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.split() == [name, f"{name}/x", name, f"{name}/y"]


def test_what_is_too_deep_is_said(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MOST_DEPTH", 1)
    writers = Writers()
    watch = FolderWatch(open_target(str(root)), writers)
    watch.add(WEB)
    assert watch.unwatched == {b"web/a/b": folders.TOO_DEEP}
    watch.close()
    writers.close()


def test_a_queue_that_ran_over_is_told(watch: FolderWatch, monkeypatch: pytest.MonkeyPatch) -> None:
    told = iter([[RawEvent(-1, IN_Q_OVERFLOW, b"")], []])
    monkeypatch.setattr(Inotify, "read", lambda _: next(told))
    assert watch.read().overflow


def test_the_real_queue_runs_over(root: Path, watch: FolderWatch) -> None:
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    if most > 20_000:
        pytest.skip("this kernel keeps more events than a test should make")
    path = root / "web/storm"
    for number in range(most // 2 + 10):
        os.close(os.open(f"{path}{number % 7}", os.O_WRONLY | os.O_CREAT))
        os.chmod(f"{path}{number % 7}", 0o600 + number % 2)
    found = [watch.read() for _ in range(20)]
    assert any(one.overflow for one in found)


def test_the_limit_of_watches_is_said(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MOST_WATCHES", 2)
    writers = Writers()
    watch = FolderWatch(open_target(str(root)), writers)
    watch.add(WEB)
    assert (watch.count, len(watch.unwatched)) == (2, 2)
    watch.close()
    writers.close()


def test_heard_starts_empty() -> None:
    assert (Heard().events, Heard().overflow, Heard().changed) == (0, False, {})
