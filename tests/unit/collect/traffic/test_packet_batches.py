import socket
import struct
import time

from codered.collect.traffic.packet_batches import MANY, PacketBatches
from codered.collect.traffic.packet_filter import SNAP
from tests.fixtures.networks import HOST, WORLD, running_network
from tests.fixtures.sensing import call_inside, make_syn

_STAMP, _FORCED = 35, 33  # SO_TIMESTAMPNS, SO_RCVBUFFORCE


def exchange(count: int, stamped: bool) -> list[tuple[list[tuple[int, bool, bytes]], float]]:
    """What is read of `count` frames that leave, and how far their times are off."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.ntohs(0x0003)) as one:
        one.bind(("cable", 0x0003))
        one.setsockopt(socket.SOL_SOCKET, _STAMP, int(stamped))
        one.setsockopt(socket.SOL_SOCKET, _FORCED, 8 << 20)
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
            for number in range(count):
                raw.sendto(make_syn(HOST, WORLD, 1000 + number, 80), (WORLD, 0))
        batches = PacketBatches()
        told: list[tuple[list[tuple[int, bool, bytes]], float]] = []
        until = time.monotonic() + 10
        while sum(len(found) for found, _ in told) < count and time.monotonic() < until:
            # The kernel, which knows of none of them, resets what is answered.
            read = (packet for packet in batches.read(one.fileno()) if packet.protocol == 0x0800)
            found = [packet for packet in read if packet.outgoing and packet.data[33] == 2]
            if found:
                off = max(abs(time.time() - packet.at) for packet in found)
                told.append(([(packet.protocol, packet.outgoing, packet.data) for packet in found], off))
        return told


def test_packets_come_whole_in_order_and_with_their_time_batch_by_batch() -> None:
    with running_network() as network:
        told = call_inside(network.host, lambda: exchange(3 * MANY, True))
        packets = [packet for found, _ in told for packet in found]
        ports = [struct.unpack_from(">H", data, 20)[0] for _, _, data in packets]
        assert ports == [1000 + number for number in range(3 * MANY)]
        assert {(protocol, outgoing, len(data)) for protocol, outgoing, data in packets} == {(0x0800, True, 40)}
        assert max(off for _, off in told) < 60
        unstamped = call_inside(network.host, lambda: exchange(1, False))
        assert unstamped[0][1] > 1e9


def test_what_is_longer_than_the_room_is_cut_and_nothing_is_nothing() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        ours.send(b"x" * (SNAP + 100))
        batches = PacketBatches()
        assert [len(packet.data) for packet in batches.read(theirs.fileno())] == [SNAP]
        assert batches.read(theirs.fileno()) == []
    assert batches.read(-1) == []
