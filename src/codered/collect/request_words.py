"""How a request begins: the first bytes of what an HTTP client sends."""

from functools import cache
from importlib import resources

import msgspec

WORD = 4  # bytes


@cache
def load_request_words() -> frozenset[bytes]:
    """The first four bytes of what begins like an HTTP request."""
    text = resources.files("codered.collect").joinpath("request_words.json").read_bytes()
    return frozenset(word.encode() for word in msgspec.json.decode(text, type=list[str]))
