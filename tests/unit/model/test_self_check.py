"""The answer of `codered self-check`."""

from datetime import UTC, datetime

import msgspec
import pytest

from codered.model.self_check import SELF_CHECK_FORMAT, Check, CheckState, SelfCheck


def make(*states: CheckState) -> SelfCheck:
    checks = tuple(Check(subject="s", group="here", state=state, told="t") for state in states)
    return SelfCheck(
        format="codered/self-check/1", tool="codered 1.0.0", checked=datetime(2026, 1, 1, tzinfo=UTC),
        installation="wheel", folder="/x", checks=checks,
    )  # fmt: skip


def test_states_are_counted() -> None:
    found = make("good", "wrong", "good", "absent")
    assert [found.count(state) for state in ("good", "wrong", "unchecked", "absent")] == [2, 1, 0, 1]


def test_it_says_its_format_and_takes_no_other() -> None:
    raw = msgspec.json.encode(make("good"))
    assert msgspec.json.decode(raw, type=SelfCheck).format == SELF_CHECK_FORMAT
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(raw.replace(b"self-check/1", b"self-check/2"), type=SelfCheck)
