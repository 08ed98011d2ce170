"""Signs of life while devices are waited for."""

import time

import pytest

from codered_hq.cli.contain_waiting import say_alive, tell_work
from codered_hq.model.device import ControlOrder


def test_what_takes_long_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with say_alive() as alive:
        alive("quick")
    assert capsys.readouterr().err == ""
    said, until = "", time.monotonic() + 20
    with say_alive(0.01) as alive:
        alive("3 of 9 looked at \x1b[2J")
        while "3 of 9 looked at \\x1b[2J (0 s)" not in said:
            assert time.monotonic() < until
            said += capsys.readouterr().err


def test_work_in_words() -> None:
    orders = [ControlOrder(kind="disable_port", device=f"sw{number}", label="x", port="p") for number in range(6)]
    assert tell_work(orders) == "6 changes under way on sw0, sw1, sw2, sw3 and 2 more"
    assert tell_work([]) == "0 changes under way on nothing"
