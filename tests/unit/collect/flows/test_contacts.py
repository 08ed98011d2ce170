from codered.collect.flows.addresses import pack_address
from codered.collect.flows.chunk import make_chunk
from codered.collect.flows.contacts import ContactKey, ContactTable, find_reply_time


def test_a_contact_is_given_once_a_minute_and_counted_beyond() -> None:
    table, chunk = ContactTable(), make_chunk()
    for at in (130.0, 61.0, 62.0, 119.0, 121.0):
        key: ContactKey = (b"10.0.0.1", b"192.0.2.1", 80, "tcp", "answered", at // 60)
        table.add(key, at)
    table.fill(chunk)
    assert [contact.at for contact in chunk.contacts] == [61.0, 130.0]
    source = pack_address(b"10.0.0.1")
    assert sorted(chunk.repeated) == [(source, 80, "tcp", 1, 2), (source, 80, "tcp", 2, 1)]


def test_silence_is_known_after_a_second() -> None:
    assert find_reply_time(5.0, "silent") == 6.0
    assert find_reply_time(5.0, "refused") == 5.0
