"""Many packets of a packet socket in one call: Python's own way asks the kernel for an interface's name with each."""

import ctypes
import struct
from typing import NamedTuple

from codered.collect.traffic.packet_filter import SNAP

MANY = 64  # packets of one call
_OUTGOING = 4
_NOW = 0x40  # MSG_DONTWAIT
_ADDRESS = 32  # bytes for a sockaddr_ll
_CONTROL = 64  # bytes for the time stamp's message
_FROM = struct.Struct(">2xH6xB")
_TIME = struct.Struct("=qq")
_TIME_AT = 16  # behind the head of the message
_TOLD = _TIME_AT + _TIME.size
_libc = ctypes.CDLL(None, use_errno=True)


class Packet(NamedTuple):
    """A packet from its network header on; `at` in seconds since the epoch, as the kernel saw it."""

    at: float
    protocol: int
    outgoing: bool
    data: bytes


class _Piece(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("size", ctypes.c_size_t))


class _Head(ctypes.Structure):
    _fields_ = (
        ("address", ctypes.c_void_p),
        ("address_size", ctypes.c_uint32),
        ("pieces", ctypes.c_void_p),
        ("count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_size", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Message(ctypes.Structure):
    _fields_ = (("head", _Head), ("length", ctypes.c_uint))


_SIZE = ctypes.sizeof(_Message)
_CAME_AT = _Head.control_size.offset
_CAME = struct.Struct(f"@N{_Message.length.offset - _CAME_AT - ctypes.sizeof(ctypes.c_size_t)}xI")


class PacketBatches:
    """Room for the packets of one call; what is read is copied out of it."""

    def __init__(self) -> None:
        self._data = ctypes.create_string_buffer(SNAP * MANY)
        self._addresses = ctypes.create_string_buffer(_ADDRESS * MANY)
        self._controls = ctypes.create_string_buffer(_CONTROL * MANY)
        self._pieces = (_Piece * MANY)()
        self._messages = (_Message * MANY)()
        at = [ctypes.addressof(one) for one in (self._data, self._addresses, self._controls, self._pieces)]
        for number, (piece, message) in enumerate(zip(self._pieces, self._messages, strict=True)):
            piece.base, piece.size = at[0] + number * SNAP, SNAP
            head = message.head
            head.address, head.address_size = at[1] + number * _ADDRESS, _ADDRESS
            head.pieces, head.count = at[3] + number * ctypes.sizeof(_Piece), 1
            head.control, head.control_size = at[2] + number * _CONTROL, _CONTROL
        # The kernel writes into the heads how much came: they are put back before each call.
        self._fresh = bytes(self._messages)

    def read(self, descriptor: int) -> list[Packet]:
        """What came since, at most MANY packets; never blocks. Nothing, too, where an interface went down."""
        messages = self._messages
        count = int(_libc.recvmmsg(descriptor, messages, MANY, _NOW, None))
        if count <= 0:
            return []
        data, addresses, controls = memoryview(self._data), self._addresses, self._controls
        found = []
        for number in range(count):
            told, length = _CAME.unpack_from(messages, number * _SIZE + _CAME_AT)
            protocol, kind = _FROM.unpack_from(addresses, number * _ADDRESS)
            place = number * _CONTROL + _TIME_AT
            seconds, nanos = _TIME.unpack_from(controls, place) if told >= _TOLD else (0, 0)
            packet = data[number * SNAP : number * SNAP + length].tobytes()
            found.append(Packet(seconds + nanos / 1e9, protocol, kind == _OUTGOING, packet))
        ctypes.memmove(messages, self._fresh, count * _SIZE)
        return found
