"""The words of headquarters join those of the host tool, where headquarters is there."""

import importlib.util

import pytest

from codered_hq.cli.contain_words import COMMANDS
from tests.fixtures.saying import Say


def test_words_join_the_group(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in COMMANDS:
        assert say("contain", name, "--help").code == 0, name
    assert "VLAN" in say("contain", "--help").out
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)  # as in the one file on a host
    assert say("contain", "vlan", "--help").code == 2
    own = say("contain", "--help")
    assert (own.code, "VLAN" in own.out, "confirm" in own.out) == (0, False, True)


@pytest.mark.django_db
def test_wrong_use(say: Say) -> None:
    for words in (
        ("vlan", "20"), ("vlan", "a", "b"), ("vlan", "sw1", "20", "--all"), ("vlan", "1", "2", "3"),
        ("vlan", "20", "--all", "--switch", "x"), ("vlan", "5000", "--all"), ("subnet", "x"),
        ("block",),
        ("block", "10.0.0.1", "--for", "x"), ("release",), ("release", "x", "--all"), ("host", "nobody"), ("host",),
        ("host", "--infected", "--state", "suspect"), ("block", "--name", "a.example.com"), ("port", "sw1", "p1"),
        ("block", "10.0.0.1", "--incident", "none"), ("list", "x"),
    ):  # fmt: skip
        assert say("contain", *words).code == 2, words
    assert say("contain", "block", "10.9.9.9", "--yes", "--reason", "it spreads").code == 4  # no router
    for words, told in (
        (("--yes",), "--reason: why?"), (("--yes", "--reason", " "), "--reason: why?"),
        (("--reason", "x", "--for", "0s"), "too short: at least 15s"),
        (("--reason", "x", "--for", "14s"), "too short: at least 15s"),
        (("--reason", "x", "--for", "99999d"), "too long: at most 366d"),
    ):  # fmt: skip
        done = say("contain", "block", "10.9.9.9", *words)
        assert (done.code, told in done.err) == (2, True), done
    assert say("contain", "release", "--all").code == 0
