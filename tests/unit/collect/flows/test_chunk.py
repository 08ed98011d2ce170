import math

from codered.collect.flows.chunk import is_port, is_time, make_chunk, make_request, note_damage, note_left_out


def test_the_first_damaged_line_is_remembered() -> None:
    chunk = make_chunk()
    note_damage(chunk, 7, "odd")
    note_damage(chunk, 9, "worse")
    assert (chunk.damaged, chunk.damaged_line, chunk.damaged_why) == (2, 7, "odd")


def test_what_is_left_out_is_counted() -> None:
    chunk = make_chunk()
    note_left_out(chunk, "a")
    note_left_out(chunk, "a")
    assert chunk.left_out == {"a": 2}


def test_absurd_times_and_ports_are_none() -> None:
    assert [is_time(at) for at in (1.0, 0.0, -1.0, math.nan, math.inf, 1e18)] == [True] + [False] * 5
    assert [is_port(port) for port in (0, 65535, 65536, -1)] == [True, True, False, False]


def test_a_request_is_its_first_line() -> None:
    assert make_request(b"GET", b"/a", b"HTTP/1.0") == b"GET /a HTTP/1.0\r\n"
    assert make_request(b"GET", b"/a", b"") == b"GET /a HTTP/1.1\r\n"
    assert len(make_request(b"G" * 9000, b"/" * 9000, b"9" * 9000)) <= 2048 + 64
