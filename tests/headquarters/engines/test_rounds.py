"""The rounds, over an engine that leaves out, doubles, makes up and damages."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.model.errors import WrongUse
from codered_hq.engines.host_script import Order
from codered_hq.engines.rounds import Said, run_rounds
from codered_hq.model.engine import EngineHost, Program, Return, Task

NAMES = ["a", "b", "c", "d", "e"]
PROGRAM = Program(path="/nowhere", sha256="0" * 64, size=1)
MISSING = "codered-begin\n\ncodered-end missing - 0"
KEPT = "codered-begin\n\ncodered-end kept - 0"
LARGE = 'codered-begin\n{"format":"codered/receipt/1","path":"/x","size":9,"sha256":"0"}\n\ncodered-end ran 0 0'
WORDS = [MISSING, KEPT, LARGE, "", "VALUE_TRIMMED", LARGE[:50], "codered-begin\n\ncodered-end part - 0"]


class _Carrier:
    """An engine that says what it was told to say, whoever is asked."""

    most_hosts = 3
    most_part = 100

    def __init__(self, said: list[tuple[str, str]], brought: list[tuple[str, str]]) -> None:
        self._said = said
        self._brought = brought

    def ask(self, order: Order, hosts: Sequence[EngineHost]) -> Iterator[Said]:
        yield from self._said

    def bring(self, task: Task, hosts: Sequence[EngineHost]) -> Iterator[Said]:
        yield from self._brought


def _run(carrier: _Carrier, names: Sequence[str] = NAMES) -> list[Return]:
    task = Task(id="t", program=PROGRAM, arguments=(), inputs=dict.fromkeys(NAMES, b""))
    return list(run_rounds(carrier, task, [EngineHost(name=name) for name in names]))


SAYINGS = st.lists(st.tuples(st.sampled_from([*NAMES, "made up"]), st.sampled_from(WORDS)), max_size=12)


@given(SAYINGS, SAYINGS)
def test_each_host_has_exactly_one_return_and_none_is_an_answer(
    said: list[tuple[str, str]], brought: list[tuple[str, str]]
) -> None:
    found = _run(_Carrier(said, brought))
    assert sorted(one.host for one in found) == NAMES
    assert all(one.reason and one.outcome != "answered" for one in found)
    left_out = {name for name in NAMES if name not in dict(said)}
    assert {one.host for one in found if one.outcome == "silent"} >= left_out


def test_a_host_that_misses_the_program_after_it_was_brought_has_failed() -> None:
    found = {one.host: one for one in _run(_Carrier([("a", MISSING)], [("a", KEPT)]))}
    assert (found["a"].outcome, found["a"].reason) == ("failed", "the script on the host says missing")


def test_a_task_that_can_not_be_one_is_refused_at_once() -> None:
    with pytest.raises(WrongUse, match="named twice"):
        _run(_Carrier([], []), ["a", "a"])
    with pytest.raises(WrongUse, match="no input for 1 hosts"):
        _run(_Carrier([], []), ["a", "z"])
    task = Task(id="t", program=Program(path=str(Path("x")), sha256="$(id)", size=1), arguments=(), inputs={})
    with pytest.raises(WrongUse, match="no SHA-256"):
        list(run_rounds(_Carrier([], []), task, []))
