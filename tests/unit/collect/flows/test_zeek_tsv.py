from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from codered.collect.flows.lines import Block
from codered.collect.flows.zeek_tsv import ZeekTable

FLOWS = Path(__file__).parents[3] / "fixtures" / "flows"
CONN = (FLOWS / "conn.log").read_bytes()


def test_columns_may_stand_in_any_order_and_change_in_the_middle() -> None:
    one = b"#fields\tid.resp_p\tts\tproto\tid.resp_h\tid.orig_h\tconn_state\n80\t9.0\ttcp\t192.0.2.1\t10.0.0.1\tS0\n"
    other = b"#fields\tconn_state\tts\tid.orig_h\tid.resp_h\tid.resp_p\tproto\nREJ\t8.0\t10.0.0.2\t192.0.2.2\t81\ttcp\n"
    chunk = ZeekTable().read(Block(one + other, 1))
    assert [(contact.at, contact.port, contact.outcome) for contact in chunk.contacts] == [
        (8.0, 81, "refused"), (9.0, 80, "silent")]  # fmt: skip
    assert chunk.damaged == 0


def test_a_block_that_is_only_followed_says_what_the_next_one_means() -> None:
    table = ZeekTable()
    table.follow(Block(CONN, 1))
    body = b"".join(line + b"\n" for line in CONN.split(b"\n") if line[:1] not in (b"#", b""))
    assert table.read(Block(body, 99)).contacts == ZeekTable().read(Block(CONN, 1)).contacts


def test_lines_may_end_as_windows_ends_them() -> None:
    dressed = CONN.replace(b"\n", b"\r\n")
    assert ZeekTable().read(Block(dressed, 1)) == ZeekTable().read(Block(CONN, 1))
    table = ZeekTable()
    table.follow(Block(b"#path\tconn\r\n#fields\tts\tid.orig_h\tid.resp_h\tid.resp_p\tproto\tconn_state\r\n", 1))
    assert (table.path, table.log, table.list_missing()) == (b"conn", "conn", ())
    chunk = table.read(Block(b"9.0\t10.0.0.1\t192.0.2.1\t80\ttcp\tS0\r\n", 3))
    assert [contact.outcome for contact in chunk.contacts] == ["silent"]


def test_damaged_lines_are_counted_with_the_first_ones_number() -> None:
    lines = CONN.split(b"\n")
    lines[10], lines[12] = b"x" + lines[10], lines[12][:30]
    chunk = ZeekTable().read(Block(b"\n".join(lines), 1))
    assert (chunk.damaged, chunk.damaged_line, chunk.records) == (2, 11, 10)


def test_escapes_are_undone_and_unset_answers_are_none() -> None:
    chunk = ZeekTable().read(Block((FLOWS / "http.log").read_bytes(), 1))
    assert chunk.asked[1].data == b"GET /a\tb HTTP/1.1\r\n"
    assert len(ZeekTable().read(Block((FLOWS / "dns.log").read_bytes(), 1)).answers) == 2


def test_a_header_that_names_a_column_twice_is_survived() -> None:
    head = b"#fields\tts\tts\tid.orig_h\tid.orig_h\tanswers\n"
    chunk = ZeekTable().read(Block(head + b"9.0\t9.0\t10.0.0.1\n" + b"9\t9.0\tx\t10.0.0.1\t192.0.2.1\n", 1))
    assert (chunk.damaged, chunk.damaged_line, len(chunk.answers)) == (1, 2, 1)


def test_records_without_a_header_are_damaged() -> None:
    chunk = ZeekTable().read(Block(b"1\t2\t3\n", 5))
    assert (chunk.damaged, chunk.damaged_line) == (1, 5)


@given(
    st.lists(
        st.sampled_from([*CONN.split(b"\n"), b"#", b"#fields", b"#separator ", b"#unset_field\t"])
        | st.binary(max_size=60)
    )
)
def test_any_mixture_of_lines_is_read(lines: list[bytes]) -> None:
    block = Block(b"\n".join(lines) + b"\n", 1)
    table = ZeekTable()
    table.follow(block)
    chunk = table.read(block)
    assert chunk.damaged <= chunk.records <= len(b"\n".join(lines).split(b"\n"))
