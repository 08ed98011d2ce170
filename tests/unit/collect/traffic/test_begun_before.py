import os
import socket

from hypothesis import given
from hypothesis import strategies as st

from codered.collect.traffic.begun_before import Begun, look_before, parse_begun
from tests.fixtures.networks import running_network

HEAD = b"  sl  local_address rem_address   st tx_queue\n"
ROW = b"   0: 281E140A:9C40 0100007F:0050 02 00000000:00000000 01:00000000 00000000     0        0 5\n"
SIX = b"   1: %b:9C40 %b:0050 02 00000000:00000000" % (b"0" * 32, b"0000000000000000FFFF00000100007F")


def test_only_what_waits_for_its_first_answer_is_listed() -> None:
    table = HEAD + ROW + ROW.replace(b" 02 ", b" 01 ").replace(b":0050", b":0051") + SIX
    ends = b"\x9c\x40\x00\x50"
    found = parse_begun(table, frozenset((81,)))
    assert found.waiting == {bytes([10, 20, 30, 40, 127, 0, 0, 1]) + ends, bytes(16) + bytes([127, 0, 0, 1]) + ends}
    assert (found.open, parse_begun(table, frozenset((80,))).open) == (1, 0)
    assert parse_begun(b"", frozenset()) == Begun()


@given(st.binary())
def test_no_table_breaks_it(table: bytes) -> None:
    assert all(len(ends) in (12, 24, 36) for ends in parse_begun(HEAD + table, frozenset((80,))).waiting)


def test_the_attempts_of_the_own_namespace_are_found() -> None:
    with running_network() as network:
        ours, theirs = os.pipe()
        child = os.fork()
        if not child:
            try:
                network.host.enter()
                with socket.socket() as one:
                    one.setblocking(False)
                    one.connect_ex(("192.0.2.9", 81))
                    found = look_before(frozenset((81,))).waiting
                    own = one.getsockname()[1].to_bytes(2, "big")
                    os.write(theirs, b"%d" % (bytes([10, 20, 30, 40, 192, 0, 2, 9]) + own + b"\0\x51" in found))
            finally:
                os._exit(0)
        os.close(theirs)
        try:
            assert os.read(ours, 1) == b"1"
        finally:
            os.close(ours)
            os.waitpid(child, 0)
