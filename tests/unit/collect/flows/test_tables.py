from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.flows.columns import choose_columns, recognise_table
from codered.collect.flows.lines import Block
from codered.collect.flows.tables import TableLines

FLOWS = Path(__file__).parents[3] / "fixtures" / "flows"


def open_table(data: bytes, columns: str = "") -> TableLines:
    line = data.split(b"\n")[0].decode()
    layout = choose_columns(columns, line) if columns else recognise_table(line)
    assert layout is not None
    return TableLines(layout)


def test_a_table_with_outcomes() -> None:
    data = (FLOWS / "table.csv").read_bytes()
    table = open_table(data, "time=when,source=from,destination=to,port=dport,outcome=result")
    chunk = table.read(Block(data, 1))
    assert [contact.outcome for contact in chunk.contacts] == ["silent", "refused", "answered"]
    assert (chunk.damaged, chunk.damaged_line) == (1, 5)
    assert "perhaps" in chunk.damaged_why


def test_nfdumps_table_ends_with_its_summary() -> None:
    data = (FLOWS / "nfdump.csv").read_bytes()
    table = open_table(data)
    chunk = table.read(Block(data, 1))
    assert [flow.flags for flow in chunk.one_way] == [0x02, 0x02, 0x14, 0x1B, 0x1B]
    assert (chunk.damaged, chunk.left_out) == (0, {"neither tcp nor udp": 1})
    assert table.read(Block(b"flows,bytes\n1,2\n", 9)).records == 0


def test_a_block_that_is_followed_ends_the_table_too() -> None:
    data = (FLOWS / "nfdump.csv").read_bytes()
    table = open_table(data)
    table.follow(Block(data, 1))
    assert table.read(Block(data, 1)).records == 0


def test_vpc_records_without_data_are_counted() -> None:
    data = (FLOWS / "vpc.log").read_bytes()
    chunk = open_table(data).read(Block(data, 1))
    assert (len(chunk.one_way), chunk.damaged) == (3, 0)
    assert chunk.left_out == {"records without addresses (no data)": 1}


@pytest.mark.parametrize("bad", [b"x,10.0.0.1,192.0.2.1,80,ok", b"9,x,192.0.2.1,80,ok", b"9,10.0.0.1,192.0.2.1,http,ok",
                                 b"9,10.0.0.1", b'9,"10', b"9,10.0.0.1,192.0.2.1,80,"])  # fmt: skip
def test_damaged_lines_are_counted(bad: bytes) -> None:
    data = b"time,source,destination,port,outcome\n" + bad + b"\n"
    chunk = open_table(data).read(Block(data, 1))
    assert (chunk.damaged, chunk.damaged_line, chunk.contacts) == (1, 2, [])


def test_an_outcome_that_is_not_known_is_told_with_those_that_are() -> None:
    data = b"time,source,destination,port,outcome\n9,10.0.0.1,192.0.2.1,80,weird\n"
    chunk = open_table(data).read(Block(data, 1))
    assert "'weird' is no word that is known: answered, refused, silent, unreachable are" in chunk.damaged_why


@given(st.binary(max_size=100))
def test_any_line_is_read(line: bytes) -> None:
    data = b"time,source,destination,port,source_port\n"
    open_table(data).read(Block(data + line + b"\n", 1))
