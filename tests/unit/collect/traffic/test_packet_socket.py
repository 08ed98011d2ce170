import socket

import pytest

from codered.collect.traffic.packet_batches import Packet
from codered.collect.traffic.packet_socket import PacketSocket
from tests.fixtures.networks import ANSWERING, WORLD, running_network
from tests.fixtures.running import wait_until
from tests.fixtures.sensing import call_inside, connect


def catch(replies: bool) -> list[tuple[bool, int]]:
    """Direction and flags of the TCP packets of one connection."""
    catcher = PacketSocket({80}, replies=False)
    found: list[Packet] = []
    try:
        if replies:
            catcher.narrow(replies=True)
        connect(WORLD, 80)
        connect("198.51.100.1", 80)
        wait_until(lambda: sum(one.outgoing for one in add(found, catcher.read()) if is_tcp(one)) >= 2)
        assert catcher.count_lost() == 0
    finally:
        catcher.close()
    return [(one.outgoing, one.data[33]) for one in found if is_tcp(one)]


def add(found: list[Packet], more: list[Packet]) -> list[Packet]:
    found += more
    return found


def is_tcp(packet: Packet) -> bool:
    return packet.protocol == 0x0800 and packet.data[9] == 6


@pytest.mark.parametrize("replies", [False, True])
def test_syns_leave_and_answers_come_where_they_are_asked_for(replies: bool) -> None:
    assert ANSWERING.startswith("198.51.100.")
    with running_network() as network:
        found = call_inside(network.host, lambda: catch(replies))
    assert [flags & 0x12 for outgoing, flags in found if outgoing] == [0x02, 0x02]
    assert bool([flags for outgoing, flags in found if not outgoing]) == replies


def test_times_are_the_kernels() -> None:
    import time

    def work() -> tuple[float, float, float]:
        catcher = PacketSocket((), replies=False)
        before = time.time()
        connect(WORLD, 80)
        after = time.time()
        found: list[Packet] = []
        wait_until(lambda: any(is_tcp(one) for one in add(found, catcher.read())))
        catcher.close()
        return before, next(one.at for one in found if is_tcp(one)), after

    with running_network() as network:
        before, at, after = call_inside(network.host, work)
    assert before - 0.01 <= at <= after + 0.01


def test_without_the_right_it_is_refused() -> None:
    import os

    def work() -> str:
        os.setgroups([])
        os.setuid(65534)
        try:
            PacketSocket((), replies=False)
        except PermissionError:
            return "refused"
        return "allowed"

    assert call_inside(None, work) == "refused"
    assert socket.AF_PACKET
