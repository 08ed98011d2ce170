"""`kill -9` before every change on an NTFS volume: an edit in place and a file with streams are the old or the new."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from codered.model.errors import CodeRedError
from codered.model.plan import Plan
from codered.remediate.applying import apply_plan, roll_back
from tests.fixtures.changing import FolderTarget, make_action, make_sealed_plan
from tests.fixtures.ntfs_files import dump, furnish
from tests.fixtures.ntfs_volumes import make_ntfs, mounted_ntfs
from tests.unit.remediate.test_in_place import make_edit

CHANGES = ("write", "pwrite", "fsync", "unlink", "link", "rename", "utime", "fchmod", "setxattr", "ftruncate", "mkdir")
TEXT = b"".join(b"<line number='%d' />\r\n" % number for number in range(700))
CASE = "state/cases/20261122-120000-abc123"
DONE = 100


def run(word: Callable[..., object], plan: Plan, target: FolderTarget, case: Path, at: int) -> bool:
    """Apply or roll back in a child that dies before change number `at`; False when it ended before that."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            kill_at(at)
            word(plan, target, case)
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


def kill_at(at: int) -> None:
    """Let half of a write through, then die."""
    count = 0

    def wrap(name: str, real: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*args: object, **kw: object) -> object:
            nonlocal count
            count += 1
            if count == at:
                if name in ("write", "pwrite"):
                    half = bytes(args[1])[: len(bytes(args[1])) // 2]  # type: ignore[call-overload]
                    real(args[0], half, *args[2:])
                os.kill(os.getpid(), signal.SIGKILL)
            return None if name == "fsync" else real(*args, **kw)

        return wrapped

    for name in CHANGES:
        setattr(os, name, wrap(name, getattr(os, name)))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)


def lay_out(root: Path) -> tuple[Path, Path]:
    config, program = root / "web server.config", root / "Root long name.exe"
    config.write_bytes(TEXT)
    program.write_bytes(b"INERT MARKER")
    furnish(config, b"WEBSER~1.CON")
    furnish(program)
    return config, program


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("killed", ["apply", "rollback"])
def test_killed_at_every_step(tmp_path: Path, killed: str) -> None:
    with mounted_ntfs(make_ntfs(tmp_path / "volume"), tmp_path / "root") as root:
        config, program = lay_out(root)
        before, target = (dump(config), dump(program)), FolderTarget(root)
        plan = make_sealed_plan(target, make_edit(target, config.name, 2), make_action(target, program.name, id_="a02"))
        for at in range(1, 200):
            case = tmp_path / str(at) / CASE
            if killed == "apply":
                alive = not run(apply_plan, plan, target, case, at)
                assert len(apply_plan(plan, target, case).done) == 2, at
            else:
                apply_plan(plan, target, case)
                alive = not run(roll_back, plan, target, case, at)
            if killed == "apply" or not alive:
                assert killed == "rollback" or (not program.exists() and config.read_bytes() != TEXT), at
                roll_back(plan, target, case)
            assert (dump(config), dump(program)) == before, at
            assert sorted(os.listdir(root)) == sorted((config.name, program.name)), at
            if alive:
                break
        assert at > 25
