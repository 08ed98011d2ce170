"""The whole of it is a journey; here is what is refused before anything is watched."""

import os

import pytest

from codered.cli import contain_auto
from codered.cli.contain_options import AutoOptions
from codered.model.errors import Refused, WrongUse
from codered.model.firewall import Session
from codered.targets import open_target

ASKED = AutoOptions(
    length="1s", cap=3, first="", undo_after="30m", allow=(), syslog=None, jsonl=None, webhook=None, as_json=False
)


def test_what_acts_by_itself_must_end() -> None:
    for text in ("0s", "60d"):
        with pytest.raises(WrongUse, match="undone some day"):
            contain_auto.watch_and_contain(ASKED._replace(undo_after=text))


def test_isolating_by_itself_needs_to_know_who_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(_: object) -> tuple[Session, ...]:
        raise Refused("you come over the network, and your own connection was not found")

    monkeypatch.setattr(contain_auto, "find_own_sessions", lost)
    with pytest.raises(Refused, match="was not found"):
        contain_auto.watch_and_contain(ASKED._replace(first="isolate"))


def test_a_wrong_address_for_alerts_is_told_before_anything_is_watched() -> None:
    with pytest.raises(WrongUse):
        contain_auto.watch_and_contain(ASKED._replace(syslog="nowhere"))


def test_the_system_and_this_tool_are_spared() -> None:
    explain = contain_auto._make_explain(open_target())
    assert explain(1)
    assert explain(os.getpid())
