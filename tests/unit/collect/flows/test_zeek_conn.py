from codered.collect.flows.chunk import make_chunk
from codered.collect.flows.contacts import ContactTable
from codered.collect.flows.zeek_conn import ConnLines, Layout

LAYOUT: Layout = (b"\t", 0, 1, 2, 3, 4, 5)
GOOD = b"9.5\t10.0.0.1\t192.0.2.1\t80\ttcp\tS0"


def test_plain_lines_are_taken_and_others_left_to_the_caller() -> None:
    table, chunk = ContactTable(), make_chunk()
    contacts = ConnLines(table, chunk)
    for odd in (b"#close", b"", b"x\t10.0.0.1\t192.0.2.1\t80\ttcp\tS0", GOOD.replace(b"S0", b"QQ"), b"-" + GOOD,
                GOOD.replace(b"80", b"99999"), GOOD.replace(b"80", b" 8"), GOOD.replace(b"192", b"392"),
                b"nan" + GOOD[3:]):  # fmt: skip
        assert contacts.read([GOOD, GOOD, odd, GOOD], 0, LAYOUT) == 2
    assert contacts.read([GOOD, GOOD], 1, LAYOUT) == 2
    contacts.finish()
    assert (len(table.contacts), sum(table.counts.values()), chunk.records) == (1, 18, 19)
    assert table.contacts[0].replied == 10.5


def test_what_is_no_attempt_is_counted_by_what_it_is() -> None:
    table, chunk = ContactTable(), make_chunk()
    contacts = ConnLines(table, chunk)
    middle, ping = GOOD.replace(b"S0", b"OTH"), GOOD.replace(b"tcp", b"icmp")
    assert contacts.read([middle, ping, GOOD, middle, ping, middle], 0, LAYOUT) == 6
    contacts.finish()
    assert (len(table.contacts), table.counts, chunk.records) == (1, {}, 6)
    assert chunk.left_out == {
        "no attempt was seen (the middle of a connection, or only the answer)": 3,
        "neither tcp nor udp": 2,
    }
