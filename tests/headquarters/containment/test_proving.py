"""A machine that answers, one that refuses, one that is silent; what that proves."""

import time

from codered_hq.containment.proving import ask_all, does_answer, tell_proof
from tests.fixtures.networks import WORLD, WORLD6, inside, running_network

DARK = "203.0.113.7"


def test_who_answers() -> None:
    with running_network() as network, inside(network.host):
        until = time.monotonic() + 20
        while not does_answer(WORLD6):  # IPv6 takes a moment after the cable is plugged in
            assert time.monotonic() < until
        assert ask_all([WORLD, DARK, WORLD6], {}) == {WORLD: True, DARK: False, WORLD6: True}
        assert does_answer("198.51.100.7", [4711])
    assert ask_all([], {}) == {}


def test_what_is_proven() -> None:
    assert tell_proof({"a": True}, {"a": False}, ["a"]) == "proven unreachable: answered before, silent after"
    assert tell_proof({"a": False}, {}, ["a"]) == "not proven: it did not answer before"
    assert tell_proof({"a": True, "b": True}, {"a": True}, ["a", "b"]) == "STILL REACHABLE from here: a"
    assert tell_proof({}, {}, []) == "not proven: no address of it is known"
