"""The classes and methods of a page's code."""

from collections.abc import Iterator
from typing import NamedTuple

from codered.detect.scripts.java.tokens import Tokens

MOST_METHODS = 2000


class Method(NamedTuple):
    """A method: its name, types and names of what it takes, the name's index, and where its body begins and ends."""

    name: str
    takes: tuple[tuple[str, str], ...]
    head: int
    start: int
    end: int


def find_methods(tokens: Tokens) -> list[Method]:
    """Every method and constructor with a body, in order; a word that can't be one is left out."""
    found: list[Method] = []
    texts, kinds = tokens.texts, tokens.kinds
    for index, kind in enumerate(kinds):
        if kind != "name" or texts[index + 1] != "(" or not index or len(found) >= MOST_METHODS:
            continue
        before = texts[index - 1]
        if not (kinds[index - 1] == "name" or before in (">", "]", "}", "{", ";")) or before in _NO_TYPES:
            continue
        close = tokens.partners.get(index + 1, 0)
        body = _find_body(tokens, close + 1)
        if body and texts[index] not in _KEYWORDS:
            takes = tuple(_read_takes(tokens, index + 2, close))
            found.append(Method(texts[index], takes, index, body + 1, tokens.partners[body]))
    return found


def find_classes(tokens: Tokens) -> dict[str, tuple[str, ...]]:
    """The classes and interfaces of the code, and the simple names of what they extend and implement."""
    found: dict[str, tuple[str, ...]] = {}
    for index, text in enumerate(tokens.texts):
        if text not in ("class", "interface") or tokens.kinds[index + 1] != "name" or tokens.texts[index - 1] == ".":
            continue
        parents = []
        for at in range(index + 2, min(index + 42, len(tokens.texts))):
            if tokens.texts[at] == "{":
                break
            if tokens.kinds[at] == "name" and tokens.texts[at + 1] != ".":
                parents.append(tokens.texts[at])
        found[tokens.texts[index + 1]] = tuple(parents)
    return found


def _find_body(tokens: Tokens, at: int) -> int:
    """The index of the brace that opens a method's body behind its brackets, 0 if there is none."""
    if tokens.texts[at : at + 1] == ["throws"]:
        for _ in range(40):
            at += 1
            if at >= len(tokens.texts) or not (tokens.kinds[at] == "name" or tokens.texts[at] in (".", ",")):
                break
    return at if tokens.texts[at : at + 1] == ["{"] else 0


def _read_takes(tokens: Tokens, at: int, close: int) -> Iterator[tuple[str, str]]:
    """Types and names between a method's brackets: the name is the word before each comma, the type begins the part."""
    part: list[str] = []
    depth = 0
    for index in range(at, min(close + 1, at + 200)):
        text = tokens.texts[index]
        depth += (text == "<") - (text == ">")
        if index == close or (text == "," and depth <= 0):
            names = [word for word in part if word not in ("final", "[", "]")]
            if len(names) > 1:
                yield names[-2] if names[-2] not in ("...", ".", ">") else names[0], names[-1]
            part = []
        elif depth <= 0:
            part.append(text)


_KEYWORDS = frozenset(
    (
        "if",
        "for",
        "while",
        "switch",
        "catch",
        "synchronized",
        "return",
        "new",
        "throw",
        "else",
        "super",
        "this",
        "do",
        "try",
    )
)
_NO_TYPES = frozenset(("new", "return", "throw", "else", "case", "instanceof", "do"))
