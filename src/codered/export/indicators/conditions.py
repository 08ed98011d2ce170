"""A rule's condition as a tree, as far as other engines can say it. What YARA alone can say is refused by name."""

import fnmatch
from collections.abc import Callable, Mapping
from typing import NamedTuple

from codered.model.rule import Rule

MOST_DEPTH = 30
MOST_NAMED = 20  # rules that one condition may name, each time counted
_SIGNS = frozenset(("==", "<=", ">=", "!=", ".."))
_UNITS = {"KB": 1 << 10, "MB": 1 << 20}
_NUMBERS = {
    "uint8": (1, "little"), "uint16": (2, "little"), "uint32": (4, "little"),
    "uint16be": (2, "big"), "uint32be": (4, "big"),
}  # fmt: skip


class UnsayableError(ValueError):
    """Why a sign can't be said in another engine's words, in a clause."""


class Here(NamedTuple):
    """A string of the rule, anywhere or (`first` to `last`, bytes from the start) where it begins."""

    name: str
    first: int | None = None
    last: int | None = None


class Several(NamedTuple):
    """At least so many different ones of these strings."""

    least: int
    of: tuple[Here, ...]


class Every(NamedTuple):
    """All parts hold."""

    parts: tuple["Condition", ...]


class Either(NamedTuple):
    """One of the parts holds."""

    parts: tuple["Condition", ...]


class Absent(NamedTuple):
    """The string is nowhere."""

    name: str


class Bytes(NamedTuple):
    """These bytes stand at this offset."""

    offset: int
    data: bytes


class Size(NamedTuple):
    """The file has `least` to `most` bytes; `most` None = no end."""

    least: int
    most: int | None


Condition = Here | Several | Every | Either | Absent | Bytes | Size


def read_condition(rule: Rule, others: Mapping[str, Rule] | None = None) -> Condition:
    """The tree of a rule's condition, with those of `others` (by name) that it names put in; their strings are then
    called `RULE/$string`. Raises UnsayableError.
    """
    return _Reader(rule, others or {}).read_whole(0)


def needs_one_of(condition: Condition, names: frozenset[str]) -> bool:
    """Whether the condition can only hold where one of these strings is."""
    match condition:
        case Here(name=name):
            return name in names
        case Several(least=least, of=of):
            return sum(one.name not in names for one in of) < least
        case Every(parts=parts):
            return any(needs_one_of(part, names) for part in parts)
        case Either(parts=parts):
            return all(needs_one_of(part, names) for part in parts)
    return False


def _join_signs(words: tuple[str, ...]) -> tuple[str, ...]:
    """Signs of two characters as one word: of imported rules they come apart."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] + word in _SIGNS:
            joined[-1] += word
        else:
            joined.append(word)
    return tuple(joined)


class _Reader:
    """Reads the words of a condition from left to right."""

    def __init__(
        self, rule: Rule, others: Mapping[str, Rule], prefix: str = "", named: list[str] | None = None
    ) -> None:
        self._words = _join_signs(rule.condition)
        self._names = tuple(string.name for string in rule.strings)
        self._at = 0
        self._others, self._prefix = others, prefix
        self._named = named if named is not None else []

    def read_whole(self, depth: int) -> Condition:
        """All of it. Raises UnsayableError."""
        tree = self.read_either(depth)
        if self.next is not None:
            raise UnsayableError(f"its condition has `{self.next}`")
        return tree

    @property
    def next(self) -> str | None:
        """The next word, None at the end."""
        return self._words[self._at] if self._at < len(self._words) else None

    def _take(self, *wanted: str) -> str:
        word = self.next
        if word is None or (wanted and word not in wanted):
            raise UnsayableError(f"its condition has `{word or 'an early end'}`")
        self._at += 1
        return word

    def _try(self, word: str) -> bool:
        if self.next != word:
            return False
        self._at += 1
        return True

    def read_either(self, depth: int) -> Condition:
        """Parts joined by `or`."""
        parts = self._read_joined("or", self._read_every, depth)
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _read_every(self, depth: int) -> Condition:
        """Parts joined by `and`; what stands in brackets for clearness alone is one of them."""
        parts: list[Condition] = []
        for part in self._read_joined("and", self._read_one, depth):
            parts += part.parts if isinstance(part, Every) else (part,)
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _read_joined(self, by: str, read: Callable[[int], Condition], depth: int) -> list[Condition]:
        parts = [read(depth)]
        while self._try(by):
            parts.append(read(depth))
        return parts

    def _read_one(self, depth: int) -> Condition:
        if depth > MOST_DEPTH:
            raise UnsayableError("its condition is too deep")
        word = self._take()
        if word == "(":
            inner = self.read_either(depth + 1)
            self._take(")")
            return inner
        if word == "not":
            found = self._read_one(depth + 1)
            if isinstance(found, Here) and found.first is None:
                return Absent(found.name)
            raise UnsayableError("its condition denies more than one string")
        if word.startswith("$") and word in self._names:
            return Here(self._prefix + word, *self._read_place())
        if word in ("any", "all") or word.isdecimal():
            return self._read_several(word)
        if word == "filesize":
            return self._read_size()
        if word in _NUMBERS:
            return self._read_bytes(word)
        if word in self._others:
            return self._read_rule(word, depth)
        raise UnsayableError(f"its condition has `{word}`")

    def _read_rule(self, name: str, depth: int) -> Condition:
        self._named.append(name)
        if len(self._named) > MOST_NAMED:
            raise UnsayableError("its condition names too many other rules")
        inner = _Reader(self._others[name], self._others, f"{name}/", self._named)
        return inner.read_whole(depth + 1)

    def _read_several(self, count: str) -> Condition:
        self._take("of")
        names = self._read_names()
        place = self._read_place()
        least = {"any": 1, "all": len(names)}.get(count) or int(count)
        if not 0 < least <= len(names):
            raise UnsayableError(f"its condition asks for {least} of {len(names)} strings")
        return Several(least, tuple(Here(self._prefix + name, *place) for name in names))

    def _read_names(self) -> tuple[str, ...]:
        if self._try("them"):
            return self._names
        self._take("(")
        wanted = [self._take()]
        while self._try(","):
            wanted.append(self._take())
        self._take(")")
        return tuple(name for name in self._names if any(fnmatch.fnmatchcase(name, each) for each in wanted))

    def _read_place(self) -> tuple[int | None, int | None]:
        if self._try("at"):
            offset = self._read_number()
            return offset, offset
        if not self._try("in"):
            return None, None
        self._take("(")
        first = self._read_number()
        self._take("..")
        last = self._read_number()
        self._take(")")
        return first, last

    def _read_number(self) -> int:
        word = self._take()
        unit = _UNITS.get(word[-2:].upper(), 1)
        try:
            return int(word[:-2] if unit > 1 else word, 0) * unit
        except ValueError:
            raise UnsayableError(f"its condition has `{word}` in place of a number") from None

    def _read_size(self) -> Size:
        sign = self._take("<", "<=", ">", ">=", "==")
        number = self._read_number()
        return {
            "<": Size(0, number - 1), "<=": Size(0, number), ">": Size(number + 1, None),
            ">=": Size(number, None), "==": Size(number, number),
        }[sign]  # fmt: skip

    def _read_bytes(self, word: str) -> Bytes:
        self._take("(")
        offset = self._read_number()
        self._take(")")
        self._take("==")
        width, order = _NUMBERS[word]
        value = self._read_number()
        if value >> (8 * width):
            raise UnsayableError(f"its condition compares {word} with {value}")
        return Bytes(offset, value.to_bytes(width, "little" if order == "little" else "big"))
