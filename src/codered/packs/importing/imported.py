"""What came of an import: signs, where they come from, and what was left behind."""

import re
from collections.abc import Iterable
from typing import Literal

import msgspec

from codered.model.finding import CONFIDENCES, Confidence
from codered.model.indicators import ContentIndicator, LogIndicator, TrafficIndicator
from codered.model.pack import Reference

MOST_BYTES = 64 << 20  # of all files together
MOST_RULES = 20_000
MOST_TEXT = 300  # characters of a sentence or title that is taken over
MOST_ID = 80
_ATTACK = re.compile(r"\bt(\d{4}(?:\.\d{3})?)\b", re.IGNORECASE)


class Left(msgspec.Struct, frozen=True):
    """Something that was not brought over, or (level "note") not just as it was: `file:line`, the rule, and why. An
    import, an include and a file are no rule.
    """

    where: str
    rule: str
    why: str
    level: Literal["refused", "note"] = "refused"
    is_rule: bool = True

    def __str__(self) -> str:
        return f"{self.where}: {self.rule}: {self.why}" if self.rule else f"{self.where}: {self.why}"


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """The signs of one or more files. `rules` is YARA source, `read` how many rules there were."""

    read: int = 0
    rules: str = ""
    content: tuple[ContentIndicator, ...] = ()
    logs: tuple[LogIndicator, ...] = ()
    traffic: tuple[TrafficIndicator, ...] = ()
    references: tuple[Reference, ...] = ()
    authors: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    left: tuple[Left, ...] = ()


class Ids:
    """Ids that are unique and of the shape that a pack wants."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def make(self, name: str) -> str:
        """An id like this name."""
        plain = re.sub(r"[^a-z0-9]+", "-", name.lower())[:MOST_ID].strip("-") or "sign"
        found, number = plain, 2
        while found in self._taken:
            found, number = f"{plain}-{number}", number + 1
        self._taken.add(found)
        return found


class Sources:
    """The references of an import: each text once, under an id."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._ids: dict[str, str] = {}

    def name(self, title: str) -> str:
        """The id of the reference with this title."""
        text = tidy(title)
        return self._ids.setdefault(text, f"{self._prefix}{len(self._ids) + 1}")

    def listed(self) -> tuple[Reference, ...]:
        """The references so far."""
        return tuple(Reference(id=own, title=title, grade="expert") for title, own in self._ids.items())


def tidy(text: str, most: int = MOST_TEXT) -> str:
    """A hostile text in one printable line of at most `most` characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * most]).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def lower_to(confidence: Confidence, most: Confidence) -> Confidence:
    """The confidence, but no more than `most`."""
    return CONFIDENCES[max(CONFIDENCES.index(confidence), CONFIDENCES.index(most))]


def find_attack(texts: Iterable[str]) -> tuple[str, ...]:
    """The ATT&CK techniques that the texts name, each once."""
    found = (f"T{number}" for text in texts for number in _ATTACK.findall(text[:1000]))
    return tuple(dict.fromkeys(found))


def distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """Each text once, tidied, without empty ones."""
    return tuple(dict.fromkeys(text for text in map(tidy, texts) if text))
