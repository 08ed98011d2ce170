from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from codered.collect.flows.addresses import pack_address
from codered.collect.flows.eve import EveLines, is_eve_line
from codered.collect.flows.lines import Block

DATA = (Path(__file__).parents[3] / "fixtures" / "flows" / "eve.json").read_bytes()


def test_flows_requests_and_answers_are_read() -> None:
    chunk = EveLines().read(Block(DATA, 1))
    assert [contact.outcome for contact in chunk.contacts] == ["silent", "refused", "answered", "answered"]
    assert chunk.asked[0].data == b"GET /default.ida?NNNN? HTTP/1.0\r\n"
    assert chunk.answers[0].client == pack_address(b"10.1.0.5")
    assert [flow.flags for flow in chunk.one_way] == [0x02, 0x14]
    assert chunk.left_out["alert events"] == chunk.left_out["stats events"] == 1
    assert (chunk.damaged, chunk.damaged_line) == (1, 12)


def test_a_flow_without_flags_is_judged_by_its_state() -> None:
    line = (b'{"timestamp":"2024-05-01T10:00:00.0+0000","event_type":"flow","src_ip":"10.0.0.1","dest_ip":"192.0.2.%d",'
            b'"dest_port":80,"proto":"TCP","flow":{"state":"%s","pkts_toclient":%d}}\n')  # fmt: skip
    data = line % (1, b"new", 0) + line % (2, b"established", 3) + line % (3, b"new", 1)
    assert [c.outcome for c in EveLines().read(Block(data, 1)).contacts] == ["silent", "answered", "refused"]


def test_events_that_cant_be_are_damaged() -> None:
    line = (
        b'{"timestamp":"%s","event_type":"flow","src_ip":"%s","dest_ip":"192.0.2.1","dest_port":%d,"proto":"TCP"%s}\n'
    )
    when = b"2024-05-01T10:00:00.0+0000"
    data = line % (b"x", b"10.0.0.1", 80, b"") + line % (when, b"ten", 80, b"") + line % (when, b"10.0.0.1", 70000, b"")
    assert EveLines().read(Block(data + line % (when, b"10.0.0.1", 80, b""), 1)).damaged == 4


def test_a_line_is_recognised() -> None:
    assert is_eve_line(DATA.split(b"\n")[0])
    assert not is_eve_line(b'{"a":1}')


@given(st.binary(max_size=120), st.integers(0, 2000))
def test_any_damage_is_survived(junk: bytes, place: int) -> None:
    chunk = EveLines().read(Block(DATA[:place] + junk + DATA[place:] + b"\n", 1))
    assert chunk.damaged <= chunk.records
