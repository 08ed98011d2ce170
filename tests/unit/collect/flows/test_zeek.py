import pytest

from codered.collect.flows.chunk import make_chunk
from codered.collect.flows.contacts import ContactTable
from codered.collect.flows.zeek import ZeekLog, ZeekRecord, note_no_attempt, take_record


@pytest.mark.parametrize(
    ("state", "outcome"),
    [("S0", "silent"), ("SH", "silent"), ("RSTOS0", "silent"), ("REJ", "refused"), ("SF", "answered"),
     ("S1", "answered"), ("RSTO", "answered"), ("RSTR", "answered"), ("OTH", None), ("RSTRH", None), ("SHR", None)],
)  # fmt: skip
def test_every_state_has_its_meaning(state: str, outcome: str | None) -> None:
    table, chunk = ContactTable(), make_chunk()
    record = ZeekRecord(9.0, b"10.0.0.1", b"192.0.2.1", b"80", b"tcp", state.encode())
    assert take_record("conn", record, table, chunk) == ""
    assert [contact.outcome for contact in table.contacts] == ([outcome] if outcome else [])
    assert bool(chunk.left_out) == (outcome is None)


@pytest.mark.parametrize(
    ("log", "record", "why"),
    [
        ("conn", ZeekRecord(-1.0, b"10.0.0.1", b"192.0.2.1", b"80", b"tcp", b"S0"), "time"),
        ("conn", ZeekRecord(9.0, b"10.0.0", b"192.0.2.1", b"80", b"tcp", b"S0"), "address"),
        ("conn", ZeekRecord(9.0, b"10.0.0.1", b"192.0.2.1", b"99999", b"tcp", b"S0"), "port"),
        ("conn", ZeekRecord(9.0, b"10.0.0.1", b"192.0.2.1", b"80", b"tcp", b"XX"), "conn_state"),
        ("dns", ZeekRecord(9.0, b"", b"", b""), "address"),
    ],
)
def test_what_cant_be_is_told(log: ZeekLog, record: ZeekRecord, why: str) -> None:
    assert why in take_record(log, record, ContactTable(), make_chunk())


def test_other_protocols_are_counted() -> None:
    chunk = make_chunk()
    assert note_no_attempt(b"OTH", b"icmp", chunk) == ""
    assert chunk.left_out == {"neither tcp nor udp": 1}
