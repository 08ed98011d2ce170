"""Walking the steps of a response: each is noted before it begins and when it ends, so a crash costs one step."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from codered.model.errors import CodeRedError, ExitCode
from codered.model.response import StepDone, StepName, StepState
from codered.respond.book import ResponseBook


class StepResult(NamedTuple):
    """What a step came to. `told` is what the reader is to know of it; `ends`: no later step makes sense now."""

    state: StepState = "done"
    code: int = ExitCode.CLEAN
    told: tuple[str, ...] = ()
    ends: bool = False


class WorkStep(NamedTuple):
    """A step and what it does. It must come to the same when it is done again after a crash."""

    name: StepName
    run: Callable[[], StepResult]


class Audience(Protocol):
    """Who is told of the steps."""

    def begin(self, number: int, name: StepName) -> None:
        """A step begins."""
        ...

    def end(self, step: StepDone) -> None:
        """A step ended."""
        ...

    def pass_over(self, number: int, step: StepDone) -> None:
        """A step was done by an earlier run."""
        ...


def walk(book: ResponseBook, steps: Sequence[WorkStep], audience: Audience) -> int:
    """Walk the steps that are not done yet; the exit code of the worst of them. A step that raises is noted as failed,
    one that is killed stays begun: both are taken again when the response goes on. Raises what a step raises.
    """
    codes = []
    for number, step in enumerate(steps, 1):
        known = book.response.step(step.name)
        if known is not None and book.is_done(step.name):
            audience.pass_over(number, known)
            codes.append(known.code)
            continue
        audience.begin(number, step.name)
        book.begin(step.name)
        try:
            result = step.run()
        except CodeRedError as error:
            audience.end(book.end(step.name, "failed", error.exit_code, (str(error),)))
            raise
        audience.end(book.end(step.name, result.state, result.code, result.told))
        codes.append(result.code)
        if result.ends:
            break
    return choose_code(codes)


def choose_code(codes: Sequence[int]) -> int:
    """The code that says most: stopped, failed, something found, incomplete, clean."""
    order = (ExitCode.INTERRUPTED, ExitCode.NOT_ROLLED_BACK, ExitCode.ROLLED_BACK, ExitCode.REFUSED, ExitCode.FOUND,
             ExitCode.INCOMPLETE)  # fmt: skip
    return next((code for code in order if code in codes), ExitCode.CLEAN)
