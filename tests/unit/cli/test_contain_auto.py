"""The whole of it is a journey; here is what is refused before anything is watched."""

import os
from pathlib import Path

import pytest

from codered.cli import contain_auto
from codered.cli.contain_options import AutoOptions
from codered.model.errors import ExitCode, Refused, WrongUse
from codered.model.firewall import Session
from codered.respond.containment_auto import AutoContainment
from codered.scan.behaviour import Seen
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


class Watching:
    """A watch that hears nothing and has these gaps, one more at each look."""

    def __init__(self, *gaps: str) -> None:
        self._all, self._shown = gaps, 0
        self._pipe = os.pipe()

    def fileno(self) -> int:
        return self._pipe[0]

    def notes(self) -> tuple[str, ...]:
        return ()

    def take(self) -> list[Seen]:
        return []

    def gaps(self) -> tuple[str, ...]:
        self._shown += 1
        return self._all[: self._shown - 1]

    def close(self) -> None:
        for descriptor in self._pipe:
            os.close(descriptor)


def run(monkeypatch: pytest.MonkeyPatch, *gaps: str) -> int:
    monkeypatch.setattr(contain_auto, "_open_watch", lambda _: Watching(*gaps))
    return contain_auto.watch_and_contain(ASKED._replace(first="freeze", length="2s"))


def test_who_was_blind_meanwhile_does_not_say_that_the_host_is_clean(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path))
    assert run(monkeypatch) == ExitCode.CLEAN
    assert run(monkeypatch, "the trace can't be read", "too fast: 7 events lost", "too fast: 9 events lost") == 3
    told = capsys.readouterr().err
    assert "not seen: the trace can't be read" in told
    assert told.count("too fast") == 1


def test_sessions_are_looked_up_again_while_it_watches(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path))
    monkeypatch.setattr(contain_auto, "SESSIONS_EVERY", 0.0)
    later = (Session(local="192.0.2.1", local_port=22, remote="192.0.2.2", remote_port=4000),)
    answers: list[tuple[Session, ...] | Refused] = [(), later, Refused("your own connection was not found")]
    allowed: list[tuple[Session, ...]] = []

    def find(_: object) -> tuple[Session, ...]:
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Refused):
            raise answer
        return answer

    monkeypatch.setattr(contain_auto, "find_own_sessions", find)
    monkeypatch.setattr(AutoContainment, "allow", lambda _, sessions: allowed.append(sessions))
    run(monkeypatch)
    assert allowed == [later]
    assert capsys.readouterr().err.count("those known stay allowed") == 1


def test_without_rights_or_room_it_says_so_before_it_watches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "full").write_text("")
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "full" / "state"))
    with pytest.raises(Refused, match="nothing can be written"):
        contain_auto.watch_and_contain(ASKED)
    monkeypatch.setattr("os.geteuid", lambda: 65534)
    with pytest.raises(Refused, match="needs root"):
        contain_auto.watch_and_contain(ASKED)
