from codered.collect.flows.chunk import make_chunk
from codered.collect.flows.contacts import ContactTable
from codered.collect.flows.zeek_conn import Layout, read_contacts

LAYOUT: Layout = (b"\t", 0, 1, 2, 3, 4, 5)
GOOD = b"9.5\t10.0.0.1\t192.0.2.1\t80\ttcp\tS0"


def test_plain_lines_are_taken_and_others_left_to_the_caller() -> None:
    table, chunk = ContactTable(), make_chunk()
    for odd in (b"#close", b"", b"x\t10.0.0.1\t192.0.2.1\t80\ttcp\tS0", GOOD.replace(b"S0", b"OTH"), b"-" + GOOD,
                GOOD.replace(b"80", b"99999"), GOOD.replace(b"192", b"392"), b"nan" + GOOD[3:]):  # fmt: skip
        assert read_contacts([GOOD, GOOD, odd, GOOD], 0, LAYOUT, table, chunk) == 2
    assert read_contacts([GOOD, GOOD], 1, LAYOUT, table, chunk) == 2
    assert (len(table.contacts), sum(table.counts.values()), chunk.records) == (1, 16, 17)
    assert table.contacts[0].replied == 10.5
