"""The tables behind a draft: what is personal, what tells a threat, and what is everyday."""

import re
from functools import cache
from importlib.resources import files

import msgspec


class Telling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shape of string, what it is worth, and what it is. All patterns are bounded: they meet hostile text."""

    pattern: str
    why: str
    points: int = 0


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """words.json."""

    personal: tuple[Telling, ...]
    telling: tuple[Telling, ...]
    everyday_strings: frozenset[str]
    everyday_names: frozenset[str]
    attacks: tuple[str, ...]
    everyday_requests: frozenset[str]
    programs: str
    everyday_agents: str


@cache
def load_words() -> Words:
    """The tables, read once."""
    return msgspec.json.decode(files("codered.authoring").joinpath("words.json").read_bytes(), type=Words)


def tell_personal(text: str) -> str:
    """What in the text belongs to a person; "" if nothing does."""
    return next((item.why for item in load_words().personal if re.search(item.pattern, text)), "")
