"""Compressed logs as a stream of plain bytes, in bounded memory. A bomb ends with a reason, not with the machine."""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Literal, Protocol

import zstandard

from codered.system.descriptors import read_at

Packing = Literal["plain", "gz", "bz2", "xz", "zst"]

PIECE = 1 << 20  # bytes handed out at a time
_READ = 1 << 17
_ZSTD_READ = 1 << 10  # a zstd block makes 128 KiB of 4 bytes, and its decoder knows no bound: 32 MiB at worst
_MOST_WINDOW = 1 << 27  # bytes a decoder may keep: `zstd --long` and `xz -9` stay below
MOST_RATIO = 400  # unpacked to packed, once CHECK_RATIO_FROM is passed; logs of nothing but one request reach 200
CHECK_RATIO_FROM = 1 << 30
MOST_UNPACKED = 256 << 30

_MAGIC: tuple[tuple[bytes, Packing], ...] = (
    (b"\x1f\x8b\x08", "gz"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zst"),
)


class UnpackingStopped(Exception):
    """Why no more can be unpacked; everything yielded before it is good."""


class _Decoder(Protocol):
    """What bz2 and lzma offer, and the two classes below."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _GzipDecoder:
    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def needs_input(self) -> bool:
        return not self._inflate.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._inflate.decompress(self._inflate.unconsumed_tail + data, max(max_length, 0))


class _ZstdDecoder:
    def __init__(self) -> None:
        self._frame = zstandard.ZstdDecompressor(max_window_size=_MOST_WINDOW).decompressobj()
        self._waiting = b""

    @property
    def eof(self) -> bool:
        return bool(self._frame.eof)

    @property
    def needs_input(self) -> bool:
        return not self._waiting

    @property
    def unused_data(self) -> bytes:
        return self._frame.unused_data + self._waiting

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        del max_length  # bounded by the size of its input instead
        self._waiting += data
        out = []
        at = size = 0
        while at < len(self._waiting) and size < PIECE and not self._frame.eof:
            out.append(self._frame.decompress(self._waiting[at : at + _ZSTD_READ]))
            at += _ZSTD_READ
            size += len(out[-1])
        self._waiting = self._waiting[at:]
        return b"".join(out)


_DECODERS: dict[Packing, Callable[[], _Decoder]] = {
    "gz": _GzipDecoder,
    "bz2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_MOST_WINDOW),
    "zst": _ZstdDecoder,
}


def detect_packing(head: bytes) -> Packing:
    """How a file that starts with these bytes is packed, by its magic."""
    return next((packing for magic, packing in _MAGIC if head.startswith(magic)), "plain")


def unpack(descriptor: int, packing: Packing) -> Iterator[bytes]:
    """The unpacked bytes, all members or frames of them. Raises UnpackingStopped and OSError."""
    make = _DECODERS[packing]
    decoder, fresh = make(), True
    data, at, out = b"", 0, 0
    while True:
        if not data and decoder.needs_input:
            data = read_at(descriptor, _READ, at)
            at += len(data)
            if not data and fresh:
                return
        ended = not data and decoder.needs_input
        piece = _decode(decoder, data)
        if ended and not piece and not decoder.eof:
            raise UnpackingStopped(f"the {packing} data end too early")
        data, fresh = b"", False
        out += len(piece)
        if piece:
            yield piece
        _check_size(out, at)
        if decoder.eof:
            data = decoder.unused_data.lstrip(b"\0")
            decoder, fresh = make(), True
            if data and detect_packing(data + read_at(descriptor, 8, at)) != packing:
                raise UnpackingStopped(f"something else follows the {packing} data")


def _decode(decoder: _Decoder, data: bytes) -> bytes:
    try:
        return decoder.decompress(data, PIECE)
    except (zlib.error, OSError, EOFError, lzma.LZMAError, zstandard.ZstdError) as error:
        raise UnpackingStopped(f"damaged: {str(error)[:200]}") from None


def _check_size(unpacked: int, packed: int) -> None:
    if unpacked > CHECK_RATIO_FROM and unpacked > packed * MOST_RATIO:
        raise UnpackingStopped(f"gave up: {unpacked >> 20} MiB from {packed} bytes so far, which no log packs to")
    if unpacked > MOST_UNPACKED:
        raise UnpackingStopped(f"gave up after {MOST_UNPACKED >> 30} GiB")
