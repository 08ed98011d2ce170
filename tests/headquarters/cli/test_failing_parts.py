"""A failure is said once, and again after a while; what works again is said too."""

import pytest

from codered_hq.cli import failing_parts
from codered_hq.cli.failing_parts import LONGEST_REASON, Failing


def test_the_same_failure_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    failing = Failing()
    assert failing.forget("fleet") == []
    assert failing.note("fleet", "no room") == ["failed, tried again: no room"]
    assert failing.note("fleet", "no room") == []
    assert failing.note("calls", "no room") == ["failed, tried again: no room"]
    assert failing.note("fleet", "read only") == ["failed, tried again: read only"]
    assert failing.parts == {"fleet": "read only", "calls": "no room"}
    monkeypatch.setattr(failing_parts, "AGAIN_SECONDS", 0.0)
    assert failing.note("fleet", "read only") == ["failed, tried again: read only"]
    assert failing.forget("fleet") == ["works again"]
    assert failing.parts == {"calls": "no room"}
    failing.note("calls", "x" * 9_000)
    assert len(failing.parts["calls"]) == LONGEST_REASON
