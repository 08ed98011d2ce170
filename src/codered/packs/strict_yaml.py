"""YAML as a pack may use it: plain keys and texts, and nothing that can surprise. Every place knows its line.

No anchors, aliases, tags, directives, tabs or second documents; no duplicate or non-text keys. All scalars are text, so
that `no`, `1.10` and `2001-07-12` mean what they say; `decoding` gives them their types. JSON is read by it too.
"""

import errno
import os
import stat
from pathlib import Path
from typing import Any

import msgspec
import yaml

from codered.model.errors import WrongUse
from codered.system.descriptors import READ_FILE

MOST_BYTES = 1 << 20
MOST_DEPTH = 20
MOST_SHOWN = 60  # characters of a hostile name in an error
_LOADER: Any = getattr(
    yaml, "CBaseLoader", yaml.BaseLoader
)  # the C one is absent where PyYAML was built without libyaml

Plain = str | list["Plain"] | dict[str, "Plain"]
Step = str | int


class Mark(msgspec.Struct, frozen=True):
    """Where a value is: the line of a text, or of the key that a list or mapping belongs to; the line of each key of a
    mapping; the marks of what is inside.
    """

    line: int
    keys: dict[str, int] = {}
    inside: dict[Step, "Mark"] = {}


class Document(msgspec.Struct, frozen=True):
    """A file as read. `where` names it for people; lines count from 1."""

    where: str
    value: Plain
    mark: Mark

    def line_of(self, *steps: Step) -> int:
        """The line of the deepest part of the way that exists."""
        mark = self.mark
        for step in steps:
            inner = mark.inside.get(step)
            if inner is None:
                return mark.line
            mark = inner
        return mark.line

    def place_of(self, *steps: Step) -> str:
        """`file:line` of the deepest part of the way that exists."""
        return f"{self.where}:{self.line_of(*steps)}"

    def part(self, key: str) -> "Document":
        """What stands under a key of a mapping, as a document. Raises KeyError."""
        if not isinstance(self.value, dict):
            raise KeyError(key)
        return Document(self.where, self.value[key], self.mark.inside[key])


def show_path(path: Path) -> str:
    """The path as people know it: relative where it lies below the working folder."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def shorten(text: str, most: int = MOST_SHOWN) -> str:
    """A hostile text, safe and short enough (`most` characters) for one line of an error."""
    cut = text if len(text) <= most else text[:most] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """The content of a regular file of at most `most` bytes, never through a link. Raises WrongUse."""
    advice = "name a plain file that is there and that you may read: no link, folder or device"
    try:
        descriptor = os.open(path, READ_FILE)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise WrongUse("is no plain file", where=show_path(path), advice=advice)
            data = file.read(most + 1)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise WrongUse("can't be read: is a link", where=show_path(path), advice=advice) from None
        raise WrongUse(f"can't be read ({error.strerror})", where=show_path(path), advice=advice) from None
    if len(data) > most:
        raise WrongUse(f"larger than {most} bytes", where=show_path(path), advice="make it smaller or split it")
    return data


def read_document(path: Path) -> Document:
    """The file as a Document. Raises WrongUse with file, line and advice for anything this YAML does not allow."""
    return parse_document(read_bytes(path), show_path(path))


def parse_document(data: bytes, where: str, most: int = MOST_BYTES) -> Document:
    """The bytes (at most `most`) as a Document that is called `where`. Raises WrongUse."""
    if len(data) > most:
        raise WrongUse(f"larger than {most} bytes", where=where, advice="make it smaller or split it")
    text = _check_text(data, where)
    builder = _Builder(text, where)
    try:
        return builder.build()
    except yaml.YAMLError as error:
        raise _explain_syntax(error, where) from None
    finally:
        builder.close()


class _Builder:
    """Builds the tree from the parser's events; the parser itself never builds anything, so an alias can't multiply."""

    def __init__(self, text: str, where: str) -> None:
        self._parser = _LOADER(text)
        self._where = where

    def close(self) -> None:
        self._parser.dispose()

    def build(self) -> Document:
        """The one document of the text."""
        self._next()
        start = self._next()
        if isinstance(start, yaml.StreamEndEvent):
            raise WrongUse("is empty", where=self._where, advice="see docs/pack-format.md for what belongs in it")
        if isinstance(start, yaml.DocumentStartEvent) and (start.version or start.tags):
            raise self._refuse(start, "a YAML directive", "start with the first key")
        value, mark = self._value(self._next(), 0, 1)
        self._next()
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            raise self._refuse(after, "a second YAML document in the file", "one file holds one document")
        return Document(self._where, value, mark)

    def _next(self) -> yaml.Event:
        event: yaml.Event = self._parser.get_event()
        return event

    def _value(self, event: yaml.Event, key_line: int, depth: int) -> tuple[Plain, Mark]:
        self._check(event, depth)
        line = _line_of(event)
        if isinstance(event, yaml.ScalarEvent):
            return str(event.value), Mark(line)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(key_line or line, depth)
        return self._mapping(key_line or line, depth)

    def _list(self, line: int, depth: int) -> tuple[Plain, Mark]:
        values: list[Plain] = []
        inside: dict[Step, Mark] = {}
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            value, inside[len(values)] = self._value(event, 0, depth + 1)
            values.append(value)
        return values, Mark(line, {}, inside)

    def _mapping(self, line: int, depth: int) -> tuple[Plain, Mark]:
        values: dict[str, Plain] = {}
        keys: dict[str, int] = {}
        inside: dict[Step, Mark] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event, keys, depth)
            keys[key] = _line_of(event)
            values[key], inside[key] = self._value(self._next(), keys[key], depth + 1)
        return values, Mark(line, keys, inside)

    def _key(self, event: yaml.Event, keys: dict[str, int], depth: int) -> str:
        self._check(event, depth)
        if not isinstance(event, yaml.ScalarEvent) or not event.value:
            raise self._refuse(event, "a key that is not a word", "write `key: value`")
        key = str(event.value)
        if key in keys:
            advice = f"it stands in line {keys[key]} already: keep one of the two"
            raise self._refuse(event, f"the key `{shorten(key)}` a second time", advice)
        return key

    def _check(self, event: yaml.Event, depth: int) -> None:
        if isinstance(event, yaml.AliasEvent):
            raise self._refuse(event, f"an alias (*{shorten(event.anchor or '')})", "write the value out")
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            if event.anchor is not None:
                advice = "write the value out where it is needed; put a text that starts with & into quotes"
                raise self._refuse(event, f"an anchor (&{shorten(event.anchor)})", advice)
            if event.tag is not None:
                advice = "write the plain value; put a text that starts with ! into quotes"
                raise self._refuse(event, f"a tag ({shorten(event.tag)})", advice)
        if depth > MOST_DEPTH:
            raise self._refuse(event, f"nested deeper than {MOST_DEPTH} levels", "a handful is enough")

    def _refuse(self, event: yaml.Event, what: str, advice: str) -> WrongUse:
        return WrongUse(what, where=f"{self._where}:{_line_of(event)}", advice=advice)


def _line_of(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _check_text(data: bytes, where: str) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise WrongUse("not UTF-8", where=f"{where}:{line}", advice="save the file as UTF-8") from None
    for number, line_text in enumerate(text.split("\n"), 1):
        if line_text.isprintable():  # nearly all; told at once
            continue
        if "\t" in line_text:
            advice = r'indent with spaces; inside a text write "\t" in double quotes'
            raise WrongUse("a tab", where=f"{where}:{number}", advice=advice)
        if odd := next((c for c in line_text.removesuffix("\r") if _is_odd(c)), None):
            advice = r'write it as "\xNN" or "\uNNNN" in double quotes'
            raise WrongUse(f"the unprintable character U+{ord(odd):04X}", where=f"{where}:{number}", advice=advice)
    return text


def _is_odd(character: str) -> bool:
    """Control characters, other line breaks, byte order marks, and what turns the reading direction around."""
    return not character.isprintable() and character != "\u00a0"


def _explain_syntax(error: yaml.YAMLError, where: str) -> WrongUse:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = f"{where}:{mark.line + 1}" if mark else where
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
    advice = "check the indentation here and above, and quote a text that holds `: `, ` #` or starts with @ ` % { ["
    return WrongUse(f"not YAML: {shorten(str(problem))}", where=place, advice=advice)
