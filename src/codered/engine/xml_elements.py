"""Reading hostile XML as a stream of elements, each with its place in bytes. No entity is ever expanded, no document
type is taken, nothing is fetched; size, depth and number are bounded.
"""

from collections.abc import Callable
from typing import Literal
from xml.parsers import expat

MOST_BYTES = 16 << 20
MOST_DEPTH = 64
MOST_ELEMENTS = 500_000
_KNOWN_ENCODINGS = ("utf-8", "utf8", "utf-16", "us-ascii", "ascii", "iso-8859-", "windows-125")
Encoding = Literal["latin-1", "utf-16-le", "utf-16-be"]


class Element:
    """An element: `name` without its namespace's prefix, its attributes, the element it stands in, and its bytes from
    `start` to `end` (end 0 = the text broke off inside it).
    """

    __slots__ = ("attributes", "end", "has_content", "name", "parent", "start")

    def __init__(self, name: str, attributes: dict[str, str], parent: "Element | None", start: int) -> None:
        self.name = name
        self.attributes = attributes
        self.parent = parent
        self.start = start
        self.end = 0
        self.has_content = False

    def above(self, name: str) -> "Element | None":
        """The nearest element of this name that it stands in."""
        here = self.parent
        while here is not None and here.name != name:
            here = here.parent
        return here


def encoding_of(data: bytes) -> Encoding:
    """How to look at the markup byte for byte: UTF-16 by its mark or by the NUL in its first character, else one byte a
    character, whatever the text is.
    """
    start = data[:2]
    if start == b"\xff\xfe" or (start[1:] == b"\0" and start[:1] != b"\0"):
        return "utf-16-le"
    return "utf-16-be" if start == b"\xfe\xff" or (len(start) == 2 and start[0] == 0 != start[1]) else "latin-1"


def read_elements(data: bytes, take: Callable[[Element], None]) -> str:
    """Hand over every element when it ends, the inner ones first; those that stand open where the text breaks off come
    last. Gives why it ended early, in words ("" = it was read to its end).
    """
    if len(data) > MOST_BYTES:
        return f"larger than {MOST_BYTES >> 20} MiB: it is not read"
    return _Reading(data, take).read()


class _Ended(Exception):
    """Why the reading ends here."""


class _Reading:
    """One pass over one text."""

    def __init__(self, data: bytes, take: Callable[[Element], None]) -> None:
        self._data = data
        self._take = take
        self._here: Element | None = None
        self._depth = 0
        self._count = 0
        wide = encoding_of(data)
        self._tag_end = ">".encode(wide)
        self._empty_end = "/>".encode(wide)
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.XmlDeclHandler = self._declare
        parser.StartDoctypeDeclHandler = self._refuse_type
        parser.EntityDeclHandler = self._refuse_entity
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._fill

    def read(self) -> str:
        """Read it all; the reason if it ended early."""
        why = ""
        try:
            self._parser.Parse(self._data, True)
        except expat.ExpatError as error:
            why = f"no well-formed XML: {expat.ErrorString(error.code)}, line {error.lineno}"
        except _Ended as ended:
            why = str(ended)
        except (LookupError, UnicodeError, ValueError):
            why = "in an encoding that is not read"
        while self._here is not None:
            self._take(self._here)
            self._here = self._here.parent
        return why

    def _declare(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and not encoding.lower().startswith(_KNOWN_ENCODINGS):
            raise _Ended("in an encoding that is not read")

    def _refuse_type(self, *_: object) -> None:
        raise _Ended("it declares a document type, which no configuration needs: read up to there")

    def _refuse_entity(self, *_: object) -> None:
        raise _Ended("it declares entities, which are never expanded: read up to there")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._count += 1
        if self._depth > MOST_DEPTH:
            raise _Ended(f"elements are nested more than {MOST_DEPTH} deep: read up to there")
        if self._count > MOST_ELEMENTS:
            raise _Ended(f"more than {MOST_ELEMENTS:,} elements: read up to there")
        if self._here is not None:
            self._here.has_content = True
        local = name.rpartition(":")[2]
        self._here = Element(local, attributes, self._here, self._parser.CurrentByteIndex)

    def _fill(self, _: str) -> None:
        if self._here is not None:
            self._here.has_content = True

    def _end(self, _: str) -> None:
        here = self._here
        if here is None:
            return
        at = self._parser.CurrentByteIndex
        # Of an empty-element tag the parser tells where it ends, of every other element where its end tag starts.
        if here.has_content or not self._data.endswith(self._empty_end, here.start, at):
            at = self._find_tag_end(at)
        here.end = at
        self._here = here.parent
        self._depth -= 1
        self._take(here)

    def _find_tag_end(self, at: int) -> int:
        width = len(self._tag_end)
        found = self._data.find(self._tag_end, at)
        while found >= 0 and (found - at) % width:  # across two characters of UTF-16
            found = self._data.find(self._tag_end, found + 1)
        return found + width if found >= 0 else 0
