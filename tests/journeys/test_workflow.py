"""`kill -9` at each step of a response: what goes on with --resume ends where an undisturbed response ends."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from codered.cli import main
from codered.model.response import Response, StepDone, StepName
from codered.remediate.journal import Journal
from codered.respond.book import ResponseBook
from tests.fixtures.changing import hash_tree
from tests.fixtures.command import Desk

STEPS: tuple[StepName, ...] = (
    "look", "contain", "evidence", "plan", "review", "apply", "restore", "patch", "verify", "monitor",
)  # fmt: skip


def die(*_given: Any, **_more: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(fatal: StepName, *, done: bool) -> None:
    """Have this process killed when the step is noted as begun, or when it was done and that is not noted yet."""
    begin, end = ResponseBook.begin, ResponseBook.end

    def killing_begin(self: ResponseBook, name: StepName) -> None:
        begin(self, name)
        if name == fatal and not done:
            die()

    def killing_end(self: ResponseBook, name: StepName, *rest: Any, **more: Any) -> StepDone:
        if name == fatal and done:
            die()
        return end(self, name, *rest, **more)

    ResponseBook.begin = killing_begin  # type: ignore[method-assign]
    ResponseBook.end = killing_end  # type: ignore[method-assign]


def die_in_apply(line: int) -> None:
    """Have this process killed before the journal's line of this number."""
    append = Journal.append

    def killing_append(self: Journal, *given: Any, **more: Any) -> None:
        if len(self.entries) == line:
            die()
        append(self, *given, **more)

    Journal.append = killing_append  # type: ignore[method-assign]


def run_until_killed(desk: Desk, volume: Path, way: tuple[str, Any]) -> None:
    """`codered respond` in a child that is killed on its way."""
    child = os.fork()
    if child == 0:
        try:
            os.setsid()
            os.environ.update(desk.environment)
            quiet = os.open(os.devnull, os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(quiet, number)
            kind, at = way
            die_in_apply(at) if kind == "journal" else die_at(at, done=kind == "end")
            sys.argv = ["codered", "respond", "--root", str(volume), "--yes"]
            main()
        finally:
            os._exit(99)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"it was not killed but ended with {status}"


WAYS = [("begin", name) for name in STEPS] + [("end", name) for name in STEPS] + [("journal", n) for n in (1, 2, 6, 13)]


@pytest.mark.parametrize("way", WAYS, ids=[f"{kind}-{at}" for kind, at in WAYS])
def test_a_killed_response_goes_on(desk: Desk, volume: Path, tmp_path: Path, way: tuple[str, Any]) -> None:
    run_until_killed(desk, volume, way)
    answer = desk.run("respond", "--resume", "--yes", "-o", "r.json")
    assert answer.code == 0, answer.out[-2000:] + answer.err
    response = msgspec.json.decode((desk.folder / "r.json").read_bytes(), type=Response)
    assert [step.name for step in response.steps] == list(STEPS)
    assert response.finished
    assert response.verification is not None
    assert response.verification.answer == "clean"
    assert response.evidence is not None
    assert response.evidence.complete
    assert response.plan is not None
    assert not any(Path(action.path.text).exists() for action in response.plan.actions)
    assert len(response.plan.actions) == 6
    assert desk.run("respond", "--resume").code == 2  # nothing waits any more
    removed = hash_tree(volume)
    assert desk.run("rollback", response.plan.id, "--yes").code == 0
    assert hash_tree(volume) != removed


def test_an_undisturbed_response_is_one_page(desk: Desk, volume: Path) -> None:
    answer = desk.run("respond", "--root", volume, "--yes", "-o", "r.html", "-o", "r.txt")
    assert answer.code == 0, answer.err
    page = (desk.folder / "r.html").read_text()
    assert "<script" not in page
    assert "http://" not in page
    assert desk.run("scan", desk.folder / "r.html").code == 0
    assert (desk.folder / "r.txt").read_text().startswith("CLEAN")


def test_the_document_alone_goes_to_stdout(desk: Desk, volume: Path) -> None:
    answer = desk.run("respond", "--root", volume, "--json")
    response = msgspec.json.decode(answer.out, type=Response)
    assert (answer.code, response.finished) == (1, False)
    done = desk.run("respond", "--resume", response.id, "--yes", "--json", "--no-evidence", "a drill")
    response = msgspec.json.decode(done.out, type=Response)
    assert (done.code, response.finished) == (0, True)
    assert response.evidence is not None
    assert response.evidence.skipped == "a drill"
