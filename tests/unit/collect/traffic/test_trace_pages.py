import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.traffic.trace_pages import AGAIN, RESET, STATE, TraceReader, parse_format

HEADER = b"""\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;
\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;
\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;
\tfield: char data;\toffset:16;\tsize:4080;\tsigned:0;
"""
COMMON = """\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;
"""


def make_format(number: int, **fields: tuple[int, int]) -> bytes:
    lines = "".join(
        f"\tfield:__u8 {name}[9];\toffset:{at};\tsize:{size};\tsigned:0;\n" for name, (at, size) in fields.items()
    )
    return f"name: x\nID: {number}\nformat:\n{COMMON}\n{lines}".encode()


FORMATS = {
    STATE: make_format(
        7, skaddr=(8, 8), oldstate=(16, 4), newstate=(20, 4), sport=(24, 2), dport=(26, 2), family=(28, 2),
        protocol=(30, 2), saddr=(32, 4), daddr=(36, 4), saddr_v6=(40, 16), daddr_v6=(56, 16),
    ),
    RESET: make_format(8, skaddr=(8, 8)),
    AGAIN: make_format(9, skbaddr=(8, 8), skaddr=(16, 8), state=(24, 4)),
}  # fmt: skip


def reader() -> TraceReader:
    return TraceReader(FORMATS, HEADER)


def event(number: int, body: bytes, delta: int = 5, thread: int = 77, flags: int = 0) -> bytes:
    data = struct.pack("=HBBi", number, flags, 0, thread) + body
    return struct.pack("=I", delta << 5 | len(data) // 4) + data


def long_event(number: int, body: bytes) -> bytes:
    data = struct.pack("=HBBi", number, 0, 0, 77) + body
    return struct.pack("=II", 5 << 5, len(data) + 4) + data


def page(*parts: bytes, flags: int = 0, after: bytes = b"") -> bytes:
    data = b"".join(parts)
    return (struct.pack("=QQ", 1000, len(data) | flags) + data + after).ljust(4096, b"\0")


RESET_EVENT = event(8, struct.pack("=Q", 0xABC))


def test_an_attempt_as_the_kernel_writes_it() -> None:
    body = struct.pack("=QiiHHHH4s4s16s16s", 0xABC, 7, 2, 0, 80, 2, 6, b"abcd", b"efgh", b"s" * 16, b"d" * 16)
    (record,) = reader().read_page(page(event(7, body)))
    assert (record.at, record.event, record.thread, record.softirq) == (1005, STATE, 77, False)
    assert record.values == (0xABC, 7, 2, 0, 80, 2, b"abcd", b"efgh", b"d" * 16, b"s" * 16)


def test_times_add_up_over_what_is_no_event() -> None:
    longer = struct.pack("=II", 3 << 5 | 30, 1)  # 3 + 2**27 more
    absolute = struct.pack("=II", 4 << 5 | 31, 1)
    nothing = struct.pack("=II", 6 << 5 | 29, 12) + bytes(8)
    found = [one.at for one in reader().read_page(page(RESET_EVENT, longer, RESET_EVENT, nothing, RESET_EVENT))]
    assert found == [1005, 1005 + 3 + (1 << 27) + 5, 1005 + 3 + (1 << 27) + 5 + 6 + 5]
    assert [one.at for one in reader().read_page(page(absolute, RESET_EVENT))] == [(1 << 27) + 4 + 5]


def test_the_rest_of_a_page_may_be_empty() -> None:
    assert len(list(reader().read_page(page(RESET_EVENT, struct.pack("=II", 29, 0), RESET_EVENT)))) == 1


def test_a_long_event_has_its_size_before_it() -> None:
    found = list(reader().read_page(page(long_event(8, struct.pack("=Q", 5) + bytes(200)), RESET_EVENT)))
    assert [one.values for one in found] == [(5,), (0xABC,)]


def test_others_events_are_passed_over_and_work_for_packets_is_marked() -> None:
    again = event(9, struct.pack("=QQi", 1, 0xDEF, 2), flags=0x10)
    (record,) = reader().read_page(page(event(99, bytes(8)), again))
    assert (record.event, record.values, record.softirq) == (AGAIN, (0xDEF, 2), True)


@pytest.mark.parametrize(("flags", "after", "lost"), [
    (0, b"", 0), (1 << 31, b"", 1), (3 << 30, struct.pack("=Q", 41), 41),
])  # fmt: skip
def test_what_was_thrown_away_is_counted(flags: int, after: bytes, lost: int) -> None:
    one = reader()
    assert len(list(one.read_page(page(RESET_EVENT, flags=flags, after=after)))) == 1
    assert one.lost == lost


def test_a_format_without_a_field_is_refused() -> None:
    with pytest.raises(ValueError, match="not known"):
        parse_format(STATE, make_format(7, skaddr=(8, 8)))
    with pytest.raises(ValueError, match="over each other"):
        parse_format(AGAIN, make_format(7, skaddr=(8, 8), state=(12, 4)))
    with pytest.raises(ValueError, match="laid out"):
        TraceReader(FORMATS, b"")


@given(st.binary(max_size=400), st.integers(0, (1 << 64) - 1))
def test_no_bytes_break_it(data: bytes, commit: int) -> None:
    for raw in (data, struct.pack("=QQ", 1, commit) + data, page(data)):
        assert len(list(reader().read_page(raw))) <= len(raw) // 8
