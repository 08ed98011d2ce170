from collections.abc import Callable
from pathlib import Path

import pytest

from codered.model.errors import ExitCode, Refused
from codered.model.response import Asked, StepDone, StepName
from codered.respond.book import ResponseBook, open_book, resume_book
from codered.respond.workflow import StepResult, WorkStep, choose_code, walk


class Listener:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    def begin(self, number: int, name: StepName) -> None:
        self.heard.append((f"{number} begin", name))

    def end(self, step: StepDone) -> None:
        self.heard.append((step.state, step.name))

    def pass_over(self, number: int, step: StepDone) -> None:
        self.heard.append((f"{number} over", step.name))


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ResponseBook:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    return open_book(Asked())


def give(result: StepResult) -> Callable[[], StepResult]:
    return lambda: result


def test_steps_are_walked_in_order_and_passed_over_later(book: ResponseBook) -> None:
    listener = Listener()
    steps = [
        WorkStep("look", give(StepResult(code=ExitCode.FOUND, told=("one",)))),
        WorkStep("apply", give(StepResult("staged", ends=True))),
        WorkStep("verify", give(StepResult())),
    ]
    assert walk(book, steps, listener) == ExitCode.FOUND
    begun = [("1 begin", "look"), ("done", "look"), ("2 begin", "apply"), ("staged", "apply")]
    assert listener.heard == begun
    listener.heard.clear()
    steps[1] = WorkStep("apply", give(StepResult()))
    assert walk(resume_book(book.response.id), steps, listener) == ExitCode.FOUND
    assert listener.heard[:2] == [("1 over", "look"), ("2 begin", "apply")]
    assert listener.heard[-1] == ("done", "verify")


def test_what_a_step_raises_is_noted_and_goes_up(book: ResponseBook) -> None:
    def refuse() -> StepResult:
        raise Refused("not now", advice="later")

    with pytest.raises(Refused):
        walk(book, [WorkStep("apply", refuse), WorkStep("verify", give(StepResult()))], Listener())
    step = resume_book("").response.step("apply")
    assert step is not None
    assert (step.state, step.code, step.told) == ("failed", ExitCode.REFUSED, ("not now — later",))
    assert book.response.step("verify") is None


def test_a_step_that_is_stopped_stays_begun(book: ResponseBook) -> None:
    def stop() -> StepResult:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        walk(book, [WorkStep("look", stop)], Listener())
    step = resume_book("").response.step("look")
    assert step is not None
    assert step.state == "begun"


@pytest.mark.parametrize(
    ("codes", "code"), [((), 0), ((0, 3), 3), ((3, 1), 1), ((1, 4, 3), 4), ((6, 1), 6), ((7, 6), 7), ((130, 7), 130)]
)
def test_the_code_that_says_most(codes: tuple[int, ...], code: int) -> None:
    assert choose_code(codes) == code
