"""The Java code of a page: what stands between its marks, as one text, with the place of every piece."""

import html
import re
from bisect import bisect_right
from typing import NamedTuple

MOST_EXPRESSION = 4000  # characters of an expression of the expression language
_OPENING = re.compile(
    r"<%(?P<mark>--|[@!=]?)|<(?P<tag>\w{1,40}:(?P<kind>scriptlet|declaration|expression))\b[^<>]{0,200}>|[$#]\{",
    re.IGNORECASE,
)
_ESCAPE = re.compile(r"\\u+([0-9A-Fa-f]{4})")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


class Code(NamedTuple):
    """Java code and where its pieces come from: starts in the code (rising), and the places of these in the page."""

    text: str
    starts: list[int]
    places: list[int]

    def find_place(self, at: int) -> int:
        """The place in the page of a place in the code; within an escaped piece only near it."""
        piece = bisect_right(self.starts, at) - 1
        return self.places[piece] + at - self.starts[piece] if piece >= 0 else 0


class Page(NamedTuple):
    """A page's code, what it declares first, and its own text without the marks."""

    code: Code
    markup: str


def read_page(text: str) -> Page:
    """Cut a page. Marks that are never closed reach to the end of the page."""
    declared, served = _Collector(), _Collector()
    markup: list[str] = []
    at = 0
    ends = _Ends(text)
    while opening := _OPENING.search(text, at):
        markup.append(text[at : opening.start()])
        start = opening.end()
        kind, close = _tell_kind(opening)
        end = ends.find(close, start)
        at = min(end + len(close), len(text))
        if kind == "el" and (end - start > MOST_EXPRESSION or end == len(text)):
            at = start
            continue
        body = text[start:end]
        if kind == "el":
            served.add(f";({body});", start - 2)
        elif kind == "declaration":
            declared.add(_unescape(body, opening) + "\n", start)
        elif kind == "expression":
            served.add(f";({_unescape(body, opening)});", start - 2)
        elif kind == "scriptlet":
            served.add(_unescape(body, opening) + "\n", start)
    markup.append(text[at:])
    return Page(declared.close(served), "".join(markup))


class _Ends:
    """Finds closing marks; one that is not there any more is looked for once only."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._known: dict[str, int] = {}

    def find(self, mark: str, start: int) -> int:
        known = self._known.get(mark, -1)
        if known < start:
            known = self._text.find(mark, start)
            known = len(self._text) if known < 0 else known
            self._known[mark] = known
        return known


class _Collector:
    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._starts: list[int] = []
        self._places: list[int] = []
        self._length = 0

    def add(self, piece: str, place: int) -> None:
        self._starts.append(self._length)
        self._places.append(place)
        self._pieces.append(piece)
        self._length += len(piece)

    def close(self, rest: "_Collector") -> Code:
        """All pieces as one code, those of another collector behind these."""
        starts = [*self._starts, *(self._length + start for start in rest._starts)]
        return Code("".join((*self._pieces, *rest._pieces)), starts, [*self._places, *rest._places])


def _tell_kind(opening: re.Match[str]) -> tuple[str, str]:
    """What an opening mark opens, and what closes it."""
    if opening["tag"]:
        return opening["kind"].lower(), f"</{opening['tag']}"
    if opening["mark"] is None:
        return "el", "}"
    if opening["mark"] == "--":
        return "comment", "--%>"
    return {"@": "directive", "!": "declaration", "=": "expression", "": "scriptlet"}[opening["mark"]], "%>"


def _unescape(body: str, opening: re.Match[str]) -> str:
    """Java's own escapes of letters, and in XML what XML says: entities, CDATA, comments."""
    if opening["tag"]:
        parts = _CDATA.split(body)
        outside = (html.unescape(_COMMENT.sub("", part)) for part in parts[::2])
        inside = [*parts[1::2], ""]
        body = "".join(out + within for out, within in zip(outside, inside, strict=True))
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), body) if "\\u" in body else body
