"""The gravest of what came of them is the exit code."""

import pytest

from codered.model.errors import WrongUse
from codered_hq.cli.contain_results import Result, exit_code_of


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ("contained already", 0), ("refused refused", 4), ("refused contained", 3), ("awaiting refused", 5),
        ("failed awaiting contained", 6), ("contained stuck failed", 7), ("released", 0),
    ],
)  # fmt: skip
def test_exit_codes(states: str, code: int) -> None:
    assert exit_code_of([Result(target="x", state=state) for state in states.split()]) == code


def test_nothing() -> None:
    with pytest.raises(WrongUse):
        exit_code_of([])
