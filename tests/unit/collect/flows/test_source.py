import os
from collections.abc import Iterator

from codered.collect.flows.addresses import pack_address
from codered.collect.flows.chunk import Contact, FlowChunk, OneWay, make_chunk, note_damage
from codered.collect.flows.source import NO_PROCESS, FlowSource

HOST = pack_address(b"10.0.0.1")


def chunks(descriptor: int) -> Iterator[FlowChunk]:
    chunk = make_chunk()
    chunk.records, chunk.left_out = 3, {"alert events": 2}
    chunk.contacts = [Contact(100.0, HOST, b"dest", 80, "tcp", "silent", 101.0)]
    chunk.one_way = [OneWay(99.0, HOST, b"far!", 50_000, 80, "tcp", 2)]
    chunk.repeated = [(HOST, 80, "tcp", 1, 5)]
    note_damage(chunk, 2, "odd")
    yield chunk
    again = make_chunk()
    again.repeated, again.trouble = [(HOST, 80, "tcp", 1, 2)], "the gz data end too early"
    yield again


def test_events_counts_and_troubles() -> None:
    source = FlowSource(os.open("/dev/null", os.O_RDONLY), "a flow log", chunks)
    events = list(source.read())
    assert [event.at for event in events] == [99.0, 100.0, 100.0, 101.0]
    assert (source.records, source.first, source.last) == (3, 99.0, 100.0)
    assert source.repeats == {(HOST, 80, "tcp", 1): 7}
    assert source.left_out == {"alert events": 2}
    assert source.troubles == [
        "the gz data end too early", "1 of 3 records could not be read, first line 2: odd"]  # fmt: skip
    assert source.describe(HOST).address == "10.0.0.1"
    assert source.describe(HOST).why_no_process == NO_PROCESS
    source.close()
    source.close()
