"""Lines of JSON from strangers: decoded into the few fields that are wanted, mended where a log is not quite JSON."""

import re
from typing import TypeVar

import msgspec

T = TypeVar("T")
_LONE = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


def decode_line(line: bytes, decoder: msgspec.json.Decoder[T]) -> T | str:
    """The record, or why it is none. Half characters and bytes that are no UTF-8 (both stand in logs of attacks) become
    "?" and escapes.
    """
    try:
        return decoder.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        pass
    mended = _LONE.sub(b"?", line.decode("utf-8", "backslashreplace").replace("\\x", "\\\\x").encode())
    try:
        return decoder.decode(mended)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        return f"no record in JSON: {str(error)[:100]}"


def to_bytes(text: str) -> bytes:
    """A text of a log as the bytes that stood there."""
    return text.encode("utf-8", "backslashreplace")
