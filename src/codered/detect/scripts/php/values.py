"""What is known of a value while a script is read: its text, where it comes from, and what a list holds."""

import re
from typing import NamedTuple

REQUEST = 1  # a visitor sent it, or a part of it
LEADING = 2  # what a visitor sent stands at its beginning
DECODED = 4  # it was decoded from something unreadable
HIDDEN = 8  # it was put together from pieces or letters
FETCHED = 16  # it came over the network
UPLOAD = 32  # it is the place of an uploaded file
UPLOAD_NAME = 64  # it is the name that the sender gave to an uploaded file
OWN_FILE = 128  # it is the path of the script itself
FREE = 256  # nothing in the script sets it: a visitor may, where request variables become global ones
CHOSEN = 512  # a visitor chose the key, not the value
PASSED = 1024  # it is an argument of the function it stands in
CONNECTION = 2048  # it is a connection to another host
OWN_OBJECT = 4096  # it is an object whose class stands in the script
WORD = 8192  # a visitor sent it, but it is a single word for certain

MOST_TEXT = 1 << 20
MOST_ITEMS = 512

_NUMBER = re.compile(r"-?\d{1,9}")

VISITOR = REQUEST | LEADING


class Value(NamedTuple):
    """The flags of a value; its text if that is known; the items of an array by their keys, as far as known."""

    flags: int = 0
    text: str | None = None
    items: dict[str, "Value"] | None = None

    def holds(self, flag: int) -> bool:
        """Whether any of these flags is set."""
        return bool(self.flags & flag)


NOTHING = Value()
EMPTY = Value(0, "")


def join(left: Value, right: Value) -> Value:
    """Left and right, one after the other."""
    text = None
    flags = (left.flags | (right.flags & ~LEADING)) & (~OWN_FILE if left.text != "" and right.text != "" else ~0)
    if left.text is not None and right.text is not None:
        text = (left.text + right.text)[:MOST_TEXT]
        if len(left.text) <= 40 and len(right.text) <= 40:
            flags |= HIDDEN if left.text and right.text else 0
    if right.holds(LEADING) and left.text is not None and _opens(left.text):
        flags |= LEADING
    return Value(flags, text)


def merge(first: Value, second: Value) -> Value:
    """One of both."""
    if first is second or second is NOTHING:
        return first
    if first is NOTHING:
        return second
    items = first.items if second.items is None else second.items
    if first.items and second.items and first.items is not second.items:
        items = dict(list((first.items | second.items).items())[:MOST_ITEMS])
    flags = (first.flags | second.flags) & ~((first.flags ^ second.flags) & OWN_OBJECT)
    return Value(flags, second.text if second.text is not None else first.text, items)


def spread(value: Value) -> Value:
    """Any item of a list, or a piece of a text."""
    flags = value.flags
    text = None
    for item in (value.items or {}).values():
        flags |= item.flags
        text = item.text if item.text is not None else text
    return Value(flags, text)


def gather(value: Value, depth: int = 3) -> int:
    """The flags of a value and of all that is in it."""
    flags = value.flags
    if depth:
        for item in (value.items or {}).values():
            flags |= gather(item, depth - 1)
    return flags


def as_text(value: Value) -> str | None:
    """The text of a value, None if unknown."""
    return value.text


def _opens(text: str) -> bool:
    """Whether what follows this text stands at the beginning of a command or of a statement."""
    kept = text.rstrip(" \t@\r\n")
    return not kept or kept[-1] in ";&|`\"'(>{" or kept[-2:] in ("-c", "/c", "/C", "/K", "/r") or kept.endswith("*/")


def read_number(text: str | None) -> int | None:
    """A text as a whole number, None if it is none."""
    if text is None:
        return None
    text = text.strip()
    if text[:2].lower() == "0x" and len(text) < 12:
        try:
            return int(text, 16)
        except ValueError:
            return None
    if len(text) > 1 and text[0] == "0" and text.isdigit() and len(text) < 12 and not set(text) & {"8", "9"}:
        return int(text, 8)
    found = _NUMBER.match(text)
    return int(found.group()) if found else None
