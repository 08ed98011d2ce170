from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from codered.collect.flows.lines import Block
from codered.collect.flows.zeek_json import ZeekLines, is_zeek_line

DATA = (Path(__file__).parents[3] / "fixtures" / "flows" / "conn.json").read_bytes()


def test_each_line_says_what_it_is() -> None:
    chunk = ZeekLines().read(Block(DATA, 1))
    assert [contact.outcome for contact in chunk.contacts] == ["silent", "refused"]
    assert chunk.contacts[1].at == 1714557601.5
    assert (len(chunk.asked), len(chunk.answers), chunk.damaged) == (1, 1, 0)


def test_another_log_is_counted_and_nonsense_is_damaged() -> None:
    data = b'{"ts":1,"_path":"ssl","id.orig_h":"10.0.0.1"}\n\n{"ts":1\n{"ts":"x","conn_state":"S0"}\n'
    chunk = ZeekLines().read(Block(data, 1))
    assert chunk.left_out == {"a record of another log of Zeek": 1}
    assert (chunk.damaged, chunk.damaged_line, chunk.records) == (2, 3, 3)


def test_a_line_is_recognised() -> None:
    assert all(is_zeek_line(line) for line in DATA.splitlines())
    assert not is_zeek_line(b'{"ts":1}')


@given(st.binary(max_size=80))
def test_any_line_is_read(line: bytes) -> None:
    assert ZeekLines().read(Block(line + b"\n", 1)).contacts == []
