"""What is asked and answered keeps what it was given, and knows no other words."""

from datetime import UTC, datetime

import msgspec
import pytest

from codered_hq.model.action import ACTION_KINDS, LOOKING, UNDOING, ActionRequest, Subject, Verdict


def test_a_request_is_the_same_after_a_journey_through_json() -> None:
    subject = Subject(host=12, name="web1", tags=("vital",), state="infected", evidence_saved=True)
    request = ActionRequest(
        kind="disable_port", target="port sw1 ge-0-3", subjects=(subject,), at=datetime(2026, 11, 23, tzinfo=UTC),
        requested_by="Nora", seconds=60,
    )  # fmt: skip
    assert msgspec.json.decode(msgspec.json.encode(request), type=ActionRequest) == request
    with pytest.raises(AttributeError):
        request.kind = "scan"  # type: ignore[misc]


def test_no_other_kinds_and_answers() -> None:
    with pytest.raises(msgspec.ValidationError, match="kind"):
        msgspec.json.decode(b'{"kind": "exploit", "target": "x", "subjects": [], "at": "2026-11-23T00:00:00Z", '
                            b'"requested_by": "a"}', type=ActionRequest)  # fmt: skip
    with pytest.raises(msgspec.ValidationError, match="answer"):
        msgspec.json.decode(b'{"answer": "maybe", "rule": "r", "why": "w"}', type=Verdict)


def test_looking_and_undoing_are_kinds_and_no_kind_is_both() -> None:
    assert set(ACTION_KINDS) > LOOKING | UNDOING
    assert not LOOKING & UNDOING
