import os
import signal
import struct
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.remediate.keeping.notices import Notices, tells_of_device
from tests.fixtures.contained import make_record, put_up_tables, within
from tests.fixtures.networks import Network

PATIENCE = 10.0


@pytest.fixture
def notices(network: Network) -> Notices:
    return within(network.host, Notices)


def test_silence_concerns_nobody(notices: Notices) -> None:
    assert not notices.wait(0.05)
    notices.close()


def test_what_happens_to_our_tables_is_told(network: Network, notices: Notices) -> None:
    within(network.host, lambda: put_up_tables(make_record()))
    assert notices.wait(PATIENCE)
    while notices.wait(0.05):
        pass
    network.host.run("nft", "flush", "ruleset")
    assert notices.wait(PATIENCE)
    notices.close()


def test_tables_of_others_are_no_concern(network: Network, notices: Notices) -> None:
    network.host.run("nft", "add", "table", "inet", "somebody")
    network.host.run("nft", "delete", "table", "inet", "somebody")
    assert not notices.wait(0.2)
    notices.close()


def test_a_new_device_is_told(network: Network, notices: Notices) -> None:
    network.host.run("ip", "link", "add", "later", "type", "veth", "peer", "name", "beyond")
    assert notices.wait(PATIENCE)
    network.host.run("ip", "link", "delete", "later")
    notices.close()


def test_a_signal_ends_the_wait(notices: Notices) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGTERM)).start()
    try:
        notices.obey_signals()
        assert notices.wait(PATIENCE)
        assert notices.asked_to_end
    finally:
        signal.set_wakeup_fd(-1)
        for number, handler in before.items():
            signal.signal(number, handler)
        notices.close()


def test_a_message_of_a_device_is_known_among_others() -> None:
    other = struct.pack("=IHHII", 20, 20, 0, 0, 0) + b"addr"
    device = struct.pack("=IHHII", 16, 16, 0, 0, 0)
    assert tells_of_device(other + device)
    assert not tells_of_device(other)


@given(raw=st.binary(max_size=200))
def test_any_bytes_are_judged(raw: bytes) -> None:
    assert tells_of_device(raw) in (True, False)
