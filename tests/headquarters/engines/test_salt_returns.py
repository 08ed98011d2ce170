"""Each trap of Salt's returns has its own outcome."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered_hq.engines.salt_returns import read_return
from codered_hq.model.engine import Return

WHOLE = "codered-begin\n{}\ncodered-end ran 0 0"
ARRIVED = "codered-begin\n\ncodered-end failed - 0 the program arrived damaged"
TRAPS: list[tuple[Any, str, str]] = [
    ({}, "garbled", "nothing"),
    (None, "garbled", "nothing"),
    (False, "silent", "did not return"),
    ("Minion did not return. [No response]\nThe minions may", "silent", "did not return"),
    ("Minion did not return. [Not connected]", "unreachable", "not connected"),
    ("VALUE_TRIMMED", "garbled", "trimmed"),
    ({"cmd.run_all": "VALUE_TRIMMED"}, "garbled", "VALUE_TRIMMED"),
    ({"cmd.run_all": {"stdout": "VALUE_TRIMMED", "retcode": 0}}, "garbled", "trimmed"),
    ({"cmd.run_all": {"stdout": "", "retcode": 126, "stderr": "x: Exec format error"}}, "failed", "Exec format error"),
    ({"cmd.run_all": {"stdout": "Timed out after 9 seconds", "retcode": 1}}, "timed_out", "in time"),
    ({"cmd.run_all": {"stdout": "hi", "retcode": 0}}, "garbled", "cut"),
    ({"cmd.run_all": {"retcode": 0}}, "garbled", "nothing"),
    ("'cmd.run_all' is not available.", "failed", "not available"),
    ("Traceback (most recent call last):\n  File\nOSError: [Errno 30] Read-only", "failed", "OSError: [Errno 30]"),
    ({"cp.get_file": "Traceback\nOSError: no space", "cmd.run_all": {"stdout": ARRIVED}}, "failed", "no space"),
]


@pytest.mark.parametrize(("value", "outcome", "reason"), TRAPS)
def test_each_trap_has_its_outcome(value: Any, outcome: str, reason: str) -> None:  # noqa: ANN401
    found = read_return("a", value)
    assert isinstance(found, Return)
    assert found.outcome == outcome
    assert reason in found.reason


def test_the_scripts_words_are_passed_on() -> None:
    assert read_return("a", {"cp.get_file": "/x", "cmd.run_all": {"stdout": WHOLE}}) == WHOLE
    assert read_return("a", {"cp.get_file": "/x", "cmd.run_all": {"stdout": ARRIVED}}) == ARRIVED


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["cmd.run_all", "stdout", "retcode", "x"]), inner),
)


@given(JSON)
def test_whatever_a_minion_returns_is_words_or_a_reason(value: Any) -> None:  # noqa: ANN401
    found = read_return("a", value)
    assert isinstance(found, str) or (found.reason and found.outcome != "answered")
