"""zstd, unpacked with a limit: what a file says of its own size is not believed."""

import zstandard

_MOST_WINDOW = 1 << 27  # bytes; what the strongest level uses


def pack(plain: bytes) -> bytes:
    """The bytes as one zstd frame that says how long they are."""
    return zstandard.ZstdCompressor(level=3, threads=-1 if len(plain) > 1 << 20 else 0).compress(plain)


def unpack(packed: bytes, most: int) -> bytes:
    """What was packed, at most so many bytes. Raises ValueError if it is damaged or larger."""
    try:
        size = zstandard.frame_content_size(packed)
        if not 0 <= size <= most:
            raise ValueError("its size is not given, or beyond the limit")
        plain: bytes = zstandard.ZstdDecompressor(max_window_size=_MOST_WINDOW).decompress(
            packed, allow_extra_data=False
        )
    except (zstandard.ZstdError, MemoryError):
        raise ValueError("it is damaged") from None
    if len(plain) != size:
        raise ValueError("it is not as long as it says")
    return plain
