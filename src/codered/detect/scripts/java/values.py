"""Values of expressions: where they come from, what they say if that is known, and of which type they are."""

import re
from collections.abc import Iterable
from typing import NamedTuple

REQUEST = 1  # a visitor sent it
WHOLE = 2  # and it begins with what the visitor sent
HIDDEN = 4  # it was decoded or put together from numbers
FETCHED = 8  # it came from another server
WRITES = 16  # it writes to a file
CHOSEN = 32  # the name of this file is the visitor's
BODY = 64  # it came with an upload or as the body of a request
NAMED_SCRIPT = 128  # the file is one that the server runs
COMMAND = 256  # output of a command
TAINTS = REQUEST | WHOLE | HIDDEN | FETCHED | BODY | COMMAND

_SCRIPT = re.compile(r"\.(?:jspx?|php|aspx?|war|class)$", re.IGNORECASE)
MOST_TEXT = 200_000  # characters of a text that is put together


class Value(NamedTuple):
    """`bits` from above; `said`: the text if it is known (for classes and methods their names); `type`: simple name."""

    bits: int = 0
    said: str | None = None
    type: str = ""


NOTHING = Value()


def join(values: Iterable[Value]) -> int:
    """The bits of any of the values."""
    bits = 0
    for value in values:
        bits |= value.bits
    return bits


def merge(old: Value | None, new: Value) -> Value:
    """A variable that was one and became the other: it may be either."""
    if old is None or old == new:
        return new
    said = old.said if old.said == new.said else None
    kind = new.type if not old.type or (new.type in _FIRM and old.type not in _FIRM) else old.type
    return Value(old.bits | new.bits, said, kind)  # bits only grow and types only get firmer, so this comes to an end


_FIRM = frozenset(("request", "Runtime", "ProcessBuilder", "Class", "Method", "File"))


def concatenate(values: list[Value]) -> Value:
    """Texts one after the other: whose beginning is the visitor's, the whole may be."""
    bits = join(values)
    first = next((value for value in values if value.said != ""), NOTHING)
    if not first.bits & WHOLE:
        bits &= ~WHOLE
    said: str | None = None
    ending = NAMED_SCRIPT if _SCRIPT.search((values[-1].said or "")[-12:]) else 0
    if all(value.said is not None for value in values):
        said = "".join(value.said or "" for value in values)
        said = said if len(said) <= MOST_TEXT else None
    return Value((bits & TAINTS) | ending, said, "String")
