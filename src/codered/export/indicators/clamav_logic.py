"""A rule's condition as a logical signature of ClamAV: an expression over numbered strings."""

from collections import ChainMap
from collections.abc import Iterator, MutableMapping
from typing import Literal

from codered.export.indicators.clamav_strings import write_bytes, write_regex, write_string
from codered.export.indicators.conditions import (
    Absent,
    Bytes,
    Condition,
    Either,
    Every,
    Here,
    Several,
    Size,
    UnsayableError,
    needs_one_of,
)
from codered.model.rule import RuleString

MOST_STRINGS = 64  # of one signature
MOST_BYTES = (1 << 32) - 1
NUL = RuleString("a NUL", "regex", r"/\x00/", (), 0)
IN_HEAD = Here(NUL.name, 0, 8191)  # where a NUL makes a file binary

Scope = Literal["text", "binary", "any"]


def write_signature(name: str, tree: Condition, strings: MutableMapping[str, RuleString], scope: Scope) -> str:
    """The whole line. Raises UnsayableError."""
    parts = tree.parts if isinstance(tree, Every) else (tree,)
    sizes = [part for part in parts if isinstance(part, Size)]
    rest = tuple(part for part in parts if not isinstance(part, Size))
    whole = Every((*rest, IN_HEAD)) if scope != "any" else Every(rest)
    signature = _Signature(whole, strings)
    logic = "&".join(signature.say(part) for part in rest)
    if scope != "any":
        logic += "&" + signature.say(IN_HEAD) if scope == "binary" else f"&({signature.say(IN_HEAD)}=0)"
    target = f"Engine:81-255{_write_sizes(sizes)},Target:0"
    return ";".join((name, target, logic, *signature.write_strings(Every(rest))))


class _Signature:
    """The strings of a condition by number: literals first, for a regular expression may only point back."""

    def __init__(self, tree: Condition, strings: MutableMapping[str, RuleString]) -> None:
        self._strings: MutableMapping[str, RuleString] = ChainMap({NUL.name: NUL}, strings)
        found = sorted(dict.fromkeys(_list_keys(tree)), key=lambda key: 0 if self._is_literal(key) else 1)
        if len(found) > MOST_STRINGS:
            raise UnsayableError(f"it has more than {MOST_STRINGS} strings")
        self._numbers = {key: number for number, key in enumerate(found)}

    def _is_literal(self, key: Here | Bytes) -> bool:
        return isinstance(key, Here) and self._strings[key.name].kind != "regex"

    def say(self, part: Condition) -> str:
        """A part of the condition. Raises UnsayableError."""
        match part:
            case Here() | Bytes():
                return str(self._numbers[part])
            case Several(least=least, of=of):
                return _count([str(self._numbers[one]) for one in of], least)
            case Every(parts=parts):
                return f"({'&'.join(self.say(each) for each in parts)})"
            case Either(parts=parts):
                return f"({'|'.join(self.say(each) for each in parts)})"
            case Absent(name=absent):
                return f"({self._numbers[Here(absent)]}=0)"
        raise UnsayableError("its condition has a size beside an `or`")

    def write_strings(self, tree: Condition) -> Iterator[str]:
        """Each string in the order of its number; a regular expression is only tried where a literal is. Raises
        UnsayableError.
        """
        literal = {
            number: key.name for key, number in self._numbers.items() if isinstance(key, Here) and self._is_literal(key)
        }
        if not needs_one_of(tree, frozenset(literal.values())):
            raise UnsayableError("it can match without any literal")
        numbers = "|".join(map(str, literal))
        trigger = f"({numbers})" if len(literal) > 1 else numbers
        for key in self._numbers:
            if isinstance(key, Bytes):
                yield f"{key.offset}:{write_bytes(key.data)}"
            elif self._is_literal(key):
                yield write_string(self._strings[key.name], key)
            else:
                yield write_regex(self._strings[key.name], key, trigger)


def _count(numbers: list[str], least: int) -> str:
    if len(numbers) == 1:
        return numbers[0]
    if least == len(numbers):
        return f"({'&'.join(numbers)})"
    return f"({'|'.join(numbers)})" + (f">{least - 1},{least}" if least > 1 else "")


def _list_keys(part: Condition) -> Iterator[Here | Bytes]:
    match part:
        case Here() | Bytes():
            yield part
        case Several(of=of):
            yield from of
        case Absent(name=name):
            yield Here(name)
        case Every(parts=parts) | Either(parts=parts):
            for each in parts:
                yield from _list_keys(each)


def _write_sizes(sizes: list[Size]) -> str:
    if not sizes:
        return ""
    least = max(size.least for size in sizes)
    most = min(MOST_BYTES if size.most is None else size.most for size in sizes)
    if not 0 <= least <= most:
        raise UnsayableError("no file has the size it asks for")
    return f",FileSize:{least}-{most}"
