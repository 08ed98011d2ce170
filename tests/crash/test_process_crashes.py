"""`kill -9` of apply before every change on the disk and every signal, with a worm under way: the next run finishes it,
or a rollback lets it go on and puts its file back. Nothing stays frozen that nobody knows of.
"""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from codered.model.errors import CodeRedError
from codered.model.plan import Plan, ProcessState
from codered.remediate import holding
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.processes import is_gone, read_facts
from tests.fixtures.changing import make_action
from tests.fixtures.children import Children, LiveTarget, make_live_plan, make_stop, wait_until

STEPS = ("write", "unlink", "link", "rename", "ftruncate", "posix_fallocate", "mkdir")
DONE = 100


class Killer:
    """Kills this process before step number `at` that changes something: on the disk, or by a signal."""

    def __init__(self, at: int, *, signals_only: bool) -> None:
        self._left = at
        for name in () if signals_only else STEPS:
            setattr(os, name, self._wrap(getattr(os, name)))
        signal.pidfd_send_signal = self._wrap(signal.pidfd_send_signal)  # type: ignore[assignment]

    def _wrap(self, real: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*args: object, **kw: object) -> object:
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kw)

        return wrapped


class Stage:
    """A worm and its child under way, and a plan for both and their file."""

    def __init__(self, folder: Path) -> None:
        root = folder / "root"
        (root / "programs").mkdir(parents=True)
        self.children = Children(root / "programs")
        self.case = folder / "state" / "cases" / "20261122-120000-abc123"
        self.target = LiveTarget(root)
        self.program = self.children.make_program("worm")
        self.worms = [self.children.start(self.program, "60") for _ in range(2)]
        self.plan: Plan = make_live_plan(
            self.target,
            make_stop(self.worms[0], self.program, "a01"),
            make_stop(self.worms[1], self.program, "a02", "kill_process"),
            make_action(self.target, "programs/worm", id_="a03"),
        )

    def run(self, word: Callable[..., object], at: int, *, signals_only: bool = False) -> bool:
        """Apply or roll back in a child that dies before step `at`; False when it ended before that."""
        child = os.fork()
        if child == 0:
            code = 1
            try:
                Killer(at, signals_only=signals_only)
                word(self.plan, self.target, self.case)
                code = DONE
            except CodeRedError as error:
                print(error)
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            return True
        assert os.waitstatus_to_exitcode(status) == DONE
        return False

    def has_begun(self) -> bool:
        journal = self.case / "journal.jsonl"
        return journal.is_file() and b"\n" in journal.read_bytes()


@pytest.fixture
def stages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], Stage]]:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr(holding, "WATCH_SECONDS", 0.02)
    made: list[Stage] = []

    def make(number: int) -> Stage:
        if made:
            made[-1].children.end_all()
        made.append(Stage(tmp_path / str(number)))
        return made[-1]

    yield make
    made[-1].children.end_all()


def runs_freely(process: ProcessState) -> bool:
    facts = read_facts(process.pid)
    return facts is not None and facts.letter in (b"S", b"R")


def test_apply_killed_at_every_step_is_finished(stages: Callable[[int], Stage]) -> None:
    at = 1
    while (stage := stages(at)).run(apply_plan, at):
        assert len(apply_plan(stage.plan, stage.target, stage.case).done) == 3
        assert all(is_gone(worm) for worm in stage.worms), at
        assert not stage.program.exists()
        roll_back(stage.plan, stage.target, stage.case)
        assert stage.program.exists()
        at += 1
    assert at > 30  # journal, evidence, signals, file: fewer would mean the wrapping is broken


def test_rollback_after_a_killed_apply_lets_go(stages: Callable[[int], Stage]) -> None:
    at, freed = 1, 0
    while (stage := stages(at)).run(apply_plan, at):
        if stage.has_begun():
            roll_back(stage.plan, stage.target, stage.case)
        for worm in stage.worms:
            if not is_gone(worm):
                wait_until(lambda worm=worm: runs_freely(worm))  # type: ignore[misc]
                freed += 1
        assert stage.program.exists(), at
        at += 1
    assert freed > 10


def test_a_killed_rollback_is_finished(stages: Callable[[int], Stage]) -> None:
    """The run dies right before its first signal ends a worm: everything is held then, and nothing has ended."""
    at = 1
    while True:
        stage = stages(at)
        assert stage.run(apply_plan, 2, signals_only=True)  # the first one stops a worm, the second would end it
        assert all(not is_gone(worm) for worm in stage.worms)
        if not stage.run(roll_back, at):
            break
        roll_back(stage.plan, stage.target, stage.case)
        wait_until(lambda worms=stage.worms: all(runs_freely(worm) for worm in worms))  # type: ignore[misc]
        at += 1
    assert at > 3
