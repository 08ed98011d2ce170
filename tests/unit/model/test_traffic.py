"""Events are values: any source that saw the same gives the same, so a detector may be fed from any of them."""

import msgspec
import pytest

from codered.model.traffic import (
    Attempt,
    JudgedTraffic,
    Missed,
    Reply,
    Request,
    Resolved,
    ScanVerdict,
    SeenTraffic,
    Sent,
)

FOUR = bytes([10, 0, 0, 1])
EVENTS: tuple[SeenTraffic | JudgedTraffic, ...] = (
    Attempt(1.0, FOUR, FOUR, FOUR, 80),
    Reply(1.5, FOUR, FOUR, 80, "refused"),
    Resolved(1.0, FOUR, FOUR),
    Sent(1.0, FOUR, FOUR, FOUR, 80, b"GET / HTTP/1.0"),
    Request(1.0, FOUR, FOUR, FOUR, 80, ("codered/ida-n-sent",), True),
    Missed(1.0, "the queue ran over"),
)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_events_are_values(event: SeenTraffic | JudgedTraffic) -> None:
    again = msgspec.convert(msgspec.to_builtins(event, builtin_types=(bytes,)), type(event))
    assert again == event
    assert hash(again) == hash(event)
    with pytest.raises(AttributeError):
        event.at = 2.0  # type: ignore[misc]


def test_tcp_is_meant_unless_something_else_is_said() -> None:
    assert {event.protocol for event in EVENTS if isinstance(event, Attempt | Reply | Sent | Request)} == {"tcp"}


def test_a_verdict_holds_nobody_by_itself() -> None:
    verdict = ScanVerdict(
        at=1.0, actor=FOUR, source=FOUR, kind="scan", protocol="tcp", port=80, confidence="likely", because="x"
    )
    assert (verdict.held_back, verdict.signs, verdict.named) == ((), (), None)
