"""What the names of Java's libraries mean: `tables.json`."""

from functools import cache
from importlib import resources

import msgspec


class Call(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a method does, `of` which types; a `firm` one only if the type is known to be one of these."""

    does: str
    of: frozenset[str]
    firm: bool = False


class Tables(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names by what they mean; `calls` and `makes` say which handler of `calls.py` a method or a constructor has."""

    request_types: frozenset[str]
    visitor_types: frozenset[str]
    implicit: dict[str, str]
    implicit_values: frozenset[str]
    request_sources: frozenset[str]
    body_sources: frozenset[str]
    anywhere_sources: frozenset[str]
    upload_names: frozenset[str]
    message_handlers: frozenset[str]
    gives_request: frozenset[str]
    plain_of_request: frozenset[str]
    safe: frozenset[str]
    safe_types: frozenset[str]
    changes_receiver: frozenset[str]
    fills_argument: frozenset[str]
    keeps_said: frozenset[str]
    decoders: dict[str, str]
    decoder_types: dict[str, str]
    keeps_argument: frozenset[str]
    markup: dict[str, str]
    text_types: frozenset[str]
    gives: dict[str, str]
    calls: dict[str, Call]
    makes: dict[str, str]
    script_names: tuple[str, ...]
    staying_classes: frozenset[str]
    own_facts: frozenset[str]
    file_facts: tuple[str, ...]
    interpreters: str


@cache
def load_tables() -> Tables:
    """The tables, read once."""
    data = resources.files("codered.detect.scripts.java").joinpath("tables.json").read_bytes()
    return msgspec.json.decode(data, type=Tables)
