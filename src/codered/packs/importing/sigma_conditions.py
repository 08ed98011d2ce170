"""The detection of a Sigma rule as a tree of what must hold, and its condition's grammar: and, or, not, brackets, and
`1 of` or `all of` what is named.
"""

import re
from fnmatch import fnmatchcase

import msgspec

from codered.packs.importing.sigma_fields import Clause, Inexpressible, make_clauses, make_keywords
from codered.packs.strict_yaml import Document, Plain

_WORD = re.compile(r"\(|\)|[^\s()|]+|\|")
MOST_WORDS = 200
MOST_DEPTH = 20


class Both(msgspec.Struct, frozen=True):
    """What must all hold."""

    of: "tuple[Tree, ...]"


class Either(msgspec.Struct, frozen=True):
    """What must hold in part: one of these."""

    of: "tuple[Tree, ...]"


class Not(msgspec.Struct, frozen=True):
    """What must not hold."""

    of: "Tree"


Tree = Both | Either | Not | Clause


def read_detection(document: Document) -> Tree:
    """What must hold. Raises Inexpressible."""
    detection = document.value.get("detection") if isinstance(document.value, dict) else None
    if not isinstance(detection, dict):
        raise Inexpressible("has no detection")
    condition = detection.get("condition")
    if not isinstance(condition, str):
        raise Inexpressible("has not one condition")
    named = {name: value for name, value in detection.items() if name not in ("condition", "timeframe")}
    words = _WORD.findall(condition)
    if "|" in words or "timeframe" in detection:
        raise Inexpressible("counts or joins events, which a log sign can't")
    if len(words) > MOST_WORDS:
        raise Inexpressible("its condition is too long")
    reader = _Reader(words, named)
    tree = reader.read_either(0)
    reader.finish()
    return tree


class _Reader:
    def __init__(self, words: list[str], named: dict[str, Plain]) -> None:
        self._words = words
        self._named = named
        self._at = 0

    def finish(self) -> None:
        """Nothing may be left. Raises Inexpressible."""
        if self._at < len(self._words):
            raise Inexpressible(f"its condition has {self._words[self._at][:40]!r} where it should end")

    def read_either(self, depth: int) -> Tree:
        """One or more, joined by `or`."""
        if depth > MOST_DEPTH:
            raise Inexpressible("its condition is nested too deeply")
        parts = [self._read_both(depth)]
        while self._accept("or"):
            parts.append(self._read_both(depth))
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _read_both(self, depth: int) -> Tree:
        parts = [self._read_one(depth)]
        while self._accept("and"):
            parts.append(self._read_one(depth))
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _read_one(self, depth: int) -> Tree:
        if self._accept("not"):
            if depth > MOST_DEPTH:
                raise Inexpressible("its condition is nested too deeply")
            return Not(self._read_one(depth + 1))
        if self._accept("("):
            inner = self.read_either(depth + 1)
            if not self._accept(")"):
                raise Inexpressible("a bracket of its condition is not closed")
            return inner
        word = self._take()
        if word.lower() in ("1", "any", "all") and self._accept("of"):
            return self._read_several(word.lower() == "all")
        if word not in self._named:
            raise Inexpressible(f"its condition names {word[:40]!r}, which is not there")
        return make_selection(self._named[word])

    def _read_several(self, is_all: bool) -> Tree:
        wanted = self._take()
        names = [
            name
            for name in self._named
            if (not name.startswith("_") if wanted == "them" else fnmatchcase(name, wanted))
        ]
        if not names:
            raise Inexpressible(f"its condition names {wanted[:40]!r}, of which there is none")
        parts = tuple(make_selection(self._named[name]) for name in names)
        return Both(parts) if is_all else Either(parts)

    def _take(self) -> str:
        if self._at == len(self._words):
            raise Inexpressible("its condition ends too early")
        self._at += 1
        return self._words[self._at - 1]

    def _accept(self, word: str) -> bool:
        if self._at < len(self._words) and self._words[self._at].lower() == word:
            self._at += 1
            return True
        return False


def make_selection(value: Plain) -> Tree:
    """A selection: fields that all hold, a list of such, or key words of which one stands anywhere. Raises
    Inexpressible.
    """
    if isinstance(value, dict):
        if not value:
            raise Inexpressible("a selection is empty")
        return Both(tuple(clause for key, said in value.items() for clause in make_clauses(key, said)))
    if isinstance(value, str):
        return make_keywords([value])
    words = [item for item in value if isinstance(item, str)]
    if not value or (words and len(words) != len(value)):
        raise Inexpressible("a selection is empty, or mixes words and fields")
    if words:
        return make_keywords(words)
    return Either(tuple(make_selection(item) for item in value))
