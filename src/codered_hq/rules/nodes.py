"""A place in a strict YAML document, and what may stand there. Whatever does not fit is refused with its line."""

import re
from collections.abc import Collection, Iterator
from datetime import date
from typing import Final, NamedTuple

from codered.model.errors import WrongUse
from codered.packs.strict_yaml import Document, Plain, Step, shorten
from codered.packs.suggesting import suggest
from codered_hq.rules.durations import parse_duration

MOST_TEXT: Final = 300
MOST_ENTRIES: Final = 500
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class Node(NamedTuple):
    """A value, the steps that lead to it, and the document that it stands in."""

    document: Document
    steps: tuple[Step, ...]
    value: Plain

    def refuse(self, what: str, advice: str, key: str = "") -> WrongUse:
        """The error for this place, or for a key in it."""
        mark = self.document.mark
        for step in self.steps:
            mark = mark.inside[step]
        line = mark.keys.get(key, mark.line)
        return WrongUse(what, where=f"{self.document.where}:{line}", advice=advice)

    @property
    def line(self) -> int:
        """The line that it stands in."""
        return self.document.line_of(*self.steps)

    @property
    def called(self) -> str:
        """What people call this place: the last key on the way to it."""
        key = next((step for step in reversed(self.steps) if isinstance(step, str)), "")
        return f"`{shorten(key)}`" if key else "the file"

    def keys(self, known: Collection[str], required: Collection[str] = ()) -> dict[str, "Node"]:
        """The places under the keys of a block. Raises WrongUse for an unknown or a missing key."""
        block = self.block()
        for key in block:
            if key not in known:
                raise self.refuse(f"unknown key `{shorten(key)}`", suggest(key, list(known)), key)
        for key in required:
            if key not in block:
                raise self.refuse(f"{self.called} lacks the key `{key}`", f"add `{key}:` to it")
        return block

    def block(self) -> dict[str, "Node"]:
        """The places under the keys of a block, whatever these are."""
        if not isinstance(self.value, dict):
            raise self.refuse(f"{self.called} is no block of keys", "write `key: value` lines")
        if len(self.value) > MOST_ENTRIES:
            raise self.refuse(f"{self.called} has more than {MOST_ENTRIES} keys", "split the rules")
        return {key: self._go(key, value) for key, value in self.value.items()}

    def entries(self) -> Iterator["Node"]:
        """The places of a list that is not empty."""
        if not isinstance(self.value, list):
            raise self.refuse(f"{self.called} is no list", "write [one, two], or lines that start with `- `")
        if not self.value:
            raise self.refuse(f"{self.called} is an empty list", "leave the key out, or put something in")
        if len(self.value) > MOST_ENTRIES:
            raise self.refuse(f"{self.called} has more than {MOST_ENTRIES} entries", "make it shorter")
        return (self._go(number, value) for number, value in enumerate(self.value))

    def text(self, most: int = MOST_TEXT) -> str:
        """A text of one line, not empty."""
        if not isinstance(self.value, str):
            raise self.refuse(f"{self.called} is no text", "write one line of text")
        text = " ".join(self.value.split())
        if not text:
            raise self.refuse(f"{self.called} is empty", "say what it is, or leave the key out")
        if not text.isprintable():  # YAML's own escapes can write what the file itself may not hold
            odd = next(character for character in text if not character.isprintable())
            what = f"{self.called} holds U+{ord(odd):04X}, which is not seen, or turns a text around"
            raise self.refuse(what, "take it out: who signs must see what is there")
        if len(text) > most:
            raise self.refuse(f"{self.called} is longer than {most} characters", "make it shorter")
        return text

    def name(self) -> str:
        """A name: small letters, digits, - and _."""
        text = self.text()
        if not _NAME.fullmatch(text):
            advice = "use small letters, digits and - (at most 64 characters)"
            raise self.refuse(f"{self.called} can't be {shorten(repr(text))}", advice)
        return text

    def word(self, known: Collection[str], noun: str) -> str:
        """One of the known words."""
        text = self.text()
        if text not in known:
            raise self.refuse(f"no {noun} is called {shorten(repr(text))}", suggest(text, list(known)))
        return text

    def words(self, known: Collection[str], noun: str) -> tuple[str, ...]:
        """A list of known words, or a single one."""
        if isinstance(self.value, str):
            return (self.word(known, noun),)
        return tuple(entry.word(known, noun) for entry in self.entries())

    def is_yes(self) -> bool:
        """Whether it says yes: yes and no are all there is; nothing else is a truth here."""
        text = self.text()
        if text not in ("yes", "no"):
            raise self.refuse(f"{self.called} can't be {shorten(repr(text))}", "write yes or no")
        return text == "yes"

    def number(self, most: int) -> int:
        """A whole number from 1 on."""
        text = self.text()
        if not _NUMBER.fullmatch(text) or not 0 < int(text) <= most:
            advice = f"write a whole number between 1 and {most}"
            raise self.refuse(f"{self.called} can't be {shorten(repr(text))}", advice)
        return int(text)

    def seconds(self) -> int:
        """A duration, in seconds."""
        text = self.text()
        if (seconds := parse_duration(text)) is None:
            advice = "write a number with its unit, without a space: 30s, 45m, 4h or 2d (a year at most)"
            raise self.refuse(f"{self.called} can't be {shorten(repr(text))}", advice)
        return seconds

    def day(self) -> date:
        """A date."""
        text = self.text()
        try:
            if _DATE.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        raise self.refuse(f"{self.called} can't be {shorten(repr(text))}", "write a date as 2026-12-31")

    def _go(self, step: Step, value: Plain) -> "Node":
        return Node(self.document, (*self.steps, step), value)
