"""Wine takes entries and keeps none: only the call is tested, and that a name Windows does not take is said."""

import sys

import pytest

from codered.system import event_log

assert sys.platform == "win32"


def test_an_entry_is_taken_and_one_without_a_source_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    event_log.report_event(1, "information", "a test of inert markers: ä日本" * 10_000)
    monkeypatch.setattr(event_log._rights, "RegisterEventSourceW", lambda *_: None)
    with pytest.raises(OSError, match=r"."):
        event_log.report_event(1, "error", "x")
