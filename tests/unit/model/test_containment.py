from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from msgspec.structs import replace

from codered.model.containment import ContainmentList, ContainmentNote, ContainmentRecord
from codered.model.firewall import ContainmentStatus, FirewallOrder

NOW = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)
RECORD = ContainmentRecord(
    plan="contain-1", action="a1", name="codered-1", kind="isolate_host", order=FirewallOrder(), because="a test",
    since=NOW, boot="b",
)  # fmt: skip


@pytest.mark.parametrize(
    ("opens", "undo_at", "confirmed", "ends"),
    [
        (None, None, False, None),
        (60, None, False, 60),
        (60, 7200, False, 60),
        (60, 7200, True, 7200),
        (60, None, True, None),
        (None, 7200, False, 7200),
    ],
)
def test_when_the_kernel_is_to_open_it(
    opens: int | None, undo_at: int | None, confirmed: bool, ends: int | None
) -> None:
    def after(seconds: int | None) -> datetime | None:
        return None if seconds is None else NOW + timedelta(seconds=seconds)

    record = replace(RECORD, opens=after(opens), undo_at=after(undo_at), confirmed=NOW if confirmed else None)
    assert record.ends() == after(ends)


def test_documents_carry_their_format_and_come_back() -> None:
    raw = msgspec.json.encode(RECORD)
    assert msgspec.json.decode(raw)["format"] == "codered/containment-record/1"
    assert msgspec.json.decode(raw, type=ContainmentRecord) == RECORD
    status = ContainmentStatus(plan="contain-1", kind="isolate_host", state="holding", since=NOW)
    listed = ContainmentList(containments=(status,))
    assert msgspec.json.decode(msgspec.json.encode(listed), type=ContainmentList) == listed
    assert msgspec.json.decode(msgspec.json.encode(ContainmentNote(at=NOW, what="kept"))) == {
        "at": "2026-11-22T03:12:00Z",
        "what": "kept",
    }
