"""`kill -9` before every change on the disk, in apply and in rollback: old state or new, never a third; both go on."""

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.errors import CodeRedError
from codered.model.plan import Action, Plan
from codered.remediate.applying import apply_plan, roll_back
from tests.fixtures.changing import FolderTarget, hash_tree, make_action, make_restore, make_sealed_plan

CHANGES = (
    "write", "fsync", "unlink", "link", "rename", "utime", "fchmod", "fchown", "setxattr", "removexattr", "ftruncate",
    "mkdir", "posix_fallocate", "symlink", "chown", "pwrite",
)  # fmt: skip
DONE = 100
OLD, NEW = "old", "new"


class Killer:
    """Wraps what changes the disk; kills this process before change number `at`, letting half of a write through."""

    def __init__(self, at: int, *, unnamed: bool) -> None:
        self._at = at
        self._unnamed = unnamed
        self._count = 0
        self._open = os.open
        self._write = os.write
        for name in CHANGES:
            setattr(os, name, self._wrap(name, getattr(os, name)))
        os.open = self._wrapped_open  # type: ignore[assignment]

    def _wrap(self, name: str, real: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*args: object, **kw: object) -> object:
            if self._is_time():
                if name in ("write", "pwrite"):
                    data = args[1]
                    assert isinstance(data, bytes | memoryview)
                    half = data[: len(data) // 2]
                    if name == "write":
                        self._write(args[0], half)  # type: ignore[arg-type]
                    else:
                        real(args[0], half, args[2])
                os.kill(os.getpid(), signal.SIGKILL)
            # A killed process loses nothing that it wrote: waiting for the disk is only counted here.
            return None if name == "fsync" else real(*args, **kw)

        return wrapped

    def _wrapped_open(self, path: bytes, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        unnamed = flags & os.O_TMPFILE == os.O_TMPFILE
        if unnamed and not self._unnamed:
            raise OSError(95, "Operation not supported")
        if (flags & os.O_CREAT or unnamed) and self._is_time():
            os.kill(os.getpid(), signal.SIGKILL)
        return self._open(path, flags, mode, dir_fd=dir_fd)

    def _is_time(self) -> bool:
        self._count += 1
        return self._count == self._at


class Stage:
    """A target with a plan, its case, and what the tree is before and after."""

    def __init__(self, folder: Path, *, unnamed: bool) -> None:
        self.folder = folder
        self.root = folder / "root"
        self.case = folder / "state" / "cases" / "20261122-120000-abc123"
        self.unnamed = unnamed
        self._lay_out()
        self.target = FolderTarget(self.root)
        self.plan = self._make_plan()
        self.pristine = folder / "pristine"
        self._keep(self.pristine, self.root)
        self.old = hash_tree(self.root)

    def reset(self) -> None:
        """As if nothing had ever been done."""
        for path in (self.root, self.folder / "state"):
            shutil.rmtree(path, ignore_errors=True)
        self._keep(self.root, self.pristine)
        assert hash_tree(self.root) == self.old

    def run(self, word: Callable[..., object], at: int) -> bool:
        """Apply or roll back in a child that dies before change number `at`; False when it ended before that."""
        child = os.fork()
        if child == 0:
            code = 1
            try:
                Killer(at, unnamed=self.unnamed)
                word(self.plan, self.target, self.case)
                code = DONE
            except CodeRedError as error:
                print(error)
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            return True
        assert os.waitstatus_to_exitcode(status) == DONE
        return False

    def has_begun(self) -> bool:
        """Whether a whole line is in the journal, so that there is something to roll back."""
        journal = self.case / "journal.jsonl"
        return journal.is_file() and b"\n" in journal.read_bytes()

    def check_no_third_state(self, new: dict[str, tuple[object, ...]]) -> None:
        """Every file is as before or as after; nothing else is there but a marked temporary file."""
        now = {
            name: facts for name, facts in hash_tree(self.root).items() if not Path(name).name.startswith(".codered-")
        }
        for name in self.old.keys() | now.keys():
            if (self.root / name).is_dir():
                continue
            assert now.get(name) in (self.old.get(name), new.get(name)), name

    def _lay_out(self) -> None:
        scripts = self.root / "scripts"
        scripts.mkdir(parents=True)
        for name in ("root.exe", "page.asp", "index.html"):
            (scripts / name).write_bytes(b"INERT MARKER " + name.encode())
        os.setxattr(scripts / "root.exe", "user.note", b"kept")
        (scripts / "page.asp").chmod(0o640)
        (self.folder / "good.html").write_bytes(b"the good page")
        for path in (*scripts.iterdir(), scripts, self.root):
            os.utime(path, ns=(1_000_000_001, 1_000_000_002))

    def _make_plan(self) -> Plan:
        return make_sealed_plan(
            self.target,
            make_action(self.target, "scripts/root.exe", id_="a01"),
            self._restore_all(make_restore(self.target, "scripts/index.html", self.folder / "good.html", id_="a02")),
            make_restore(self.target, "scripts/missing.html", self.folder / "good.html", id_="a03"),
            make_action(self.target, "scripts/page.asp", "delete_file", id_="a04"),
        )

    @staticmethod
    def _restore_all(action: Action) -> Action:
        """With owner, mode and extended attributes, as from a package or a baseline."""
        assert action.source is not None
        xattrs = {"user.note": b"good"}
        return replace(action, source=replace(action.source, mode=0o604, owns_attributes=True, xattrs=xattrs))

    @staticmethod
    def _keep(to: Path, source: Path) -> None:
        shutil.copytree(source, to, copy_function=shutil.copy2)
        for path in sorted(source.rglob("*"), reverse=True):
            seen = path.stat()
            os.utime(to / path.relative_to(source), ns=(seen.st_atime_ns, seen.st_mtime_ns))
        os.utime(to, ns=(1_000_000_001, 1_000_000_002))


@pytest.fixture(params=[True, False], ids=["unnamed-files", "temporary-names"])
def stage(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    return Stage(tmp_path, unnamed=request.param)


def find_new(stage: Stage) -> dict[str, tuple[object, ...]]:
    apply_plan(stage.plan, stage.target, stage.case)
    new = hash_tree(stage.root)
    stage.reset()
    return new


def forget_folders(tree: dict[str, tuple[object, ...]]) -> dict[str, tuple[object, ...]]:
    """Without the folders, whose times tell when it was done."""
    return {name: facts for name, facts in tree.items() if name not in (".", "scripts")}


def test_apply_killed_at_every_step(stage: Stage) -> None:
    new = find_new(stage)
    at = 1
    while stage.run(apply_plan, at):
        stage.check_no_third_state(new)
        assert len(apply_plan(stage.plan, stage.target, stage.case).done) == 4
        assert forget_folders(hash_tree(stage.root)) == forget_folders(new), at
        roll_back(stage.plan, stage.target, stage.case)
        assert hash_tree(stage.root) == stage.old, at
        stage.reset()
        at += 1
    assert at > 60  # the plan makes at least so many changes; fewer would mean the wrapping is broken


def test_rollback_after_a_killed_apply(stage: Stage) -> None:
    at = 1
    while stage.run(apply_plan, at):
        if stage.has_begun():
            roll_back(stage.plan, stage.target, stage.case)
        assert hash_tree(stage.root) == stage.old, at
        stage.reset()
        at += 1
    assert at > 60


def test_rollback_killed_at_every_step(stage: Stage) -> None:
    new = find_new(stage)
    at = 1
    while True:
        apply_plan(stage.plan, stage.target, stage.case)
        if not stage.run(roll_back, at):
            break
        stage.check_no_third_state(new)
        roll_back(stage.plan, stage.target, stage.case)
        assert hash_tree(stage.root) == stage.old, at
        stage.reset()
        at += 1
    assert hash_tree(stage.root) == stage.old
    assert at > 30


def test_apply_after_a_killed_rollback(stage: Stage) -> None:
    new = find_new(stage)
    at = 1
    while True:
        apply_plan(stage.plan, stage.target, stage.case)
        if not stage.run(roll_back, at):
            break
        apply_plan(stage.plan, stage.target, stage.case)
        assert forget_folders(hash_tree(stage.root)) == forget_folders(new), at
        roll_back(stage.plan, stage.target, stage.case)
        assert hash_tree(stage.root) == stage.old, at
        stage.reset()
        at += 1


def test_killed_again_while_resuming(stage: Stage) -> None:
    at = 1
    while stage.run(apply_plan, at):
        stage.run(apply_plan, at * 7 % 23 + 1)
        if stage.has_begun():
            stage.run(roll_back, at * 5 % 31 + 1)
            roll_back(stage.plan, stage.target, stage.case)
        assert hash_tree(stage.root) == stage.old, at
        stage.reset()
        at += 1
