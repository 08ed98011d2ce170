"""The tables behind a draft: what is personal, what tells a threat, and what is everyday."""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import msgspec

_LEAST_KINDS = 5  # different characters of a secret; less is filling, as in an example
HIDDEN = "(hidden)"


class Telling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shape of string, what it is worth, and what it is. All patterns are bounded: they meet hostile text."""

    pattern: str
    why: str
    points: int = 0


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """words.json."""

    personal: tuple[Telling, ...]
    secrets: tuple[Telling, ...]
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
    """What in the text belongs to a person or opens a door; "" if nothing does."""
    found = next((item.why for item in load_words().personal if re.search(item.pattern, text)), "")
    return found or next((why for _, _, why in _list_secrets(text)), "")


def find_secrets(text: str) -> list[tuple[int, int]]:
    """Where tokens, keys and passwords begin and end in the text, in order and apart from one another."""
    found: list[tuple[int, int]] = []
    for start, end, _ in sorted(_list_secrets(text)):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def cut_secrets(text: str) -> list[str]:
    """The text in pieces, what is secret left out."""
    pieces, at = [], 0
    for start, end in find_secrets(text):
        pieces.append(text[at:start])
        at = end
    return [*pieces, text[at:]]


def hide_secrets(text: str) -> str:
    """The text for people to read, with HIDDEN in the place of what is secret."""
    return HIDDEN.join(cut_secrets(text))


def _list_secrets(text: str) -> Iterator[tuple[int, int, str]]:
    for item in load_words().secrets:
        for match in re.finditer(item.pattern, text):
            if len(set(match[1])) >= _LEAST_KINDS:
                yield match.start(1), match.end(1), item.why
