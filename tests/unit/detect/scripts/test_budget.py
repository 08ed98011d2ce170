import pytest

from codered.detect.scripts.budget import Budget, Spent, keep_what_was_read, note_cut, spend, take_step


def test_time_is_looked_at_every_few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    budget = Budget(5.0)
    with spend(budget):
        for _ in range(10_000):
            take_step()
        clock[0] = 6.0
        for _ in range(10_000):
            take_step()
    assert budget.cut == "reading it takes too long"


@pytest.mark.parametrize("error", [RecursionError, MemoryError, ValueError, KeyError, TypeError, ZeroDivisionError])
def test_a_reader_that_fails_is_told_and_what_it_saw_counts(error: type[Exception]) -> None:
    budget = Budget()
    seen = []
    with spend(budget):
        with keep_what_was_read():
            seen.append("before")
            raise error
        seen.append("after")
        note_cut("another reason")
    assert (seen, budget.cut) == (["before", "after"], f"its reader failed: {error.__name__}")


def test_outside_of_a_script_nothing_is_counted() -> None:
    take_step()
    note_cut("nowhere")
    with keep_what_was_read(), spend(Budget()):
        raise Spent
