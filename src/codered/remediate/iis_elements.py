"""The elements of an IIS configuration that is edited: which one is meant, and which bytes an attribute of it is."""

import re
from functools import lru_cache
from typing import NamedTuple
from xml.sax.saxutils import escape

from codered.engine.xml_elements import Element, encoding_of, read_elements
from codered.model.finding import Finding
from codered.remediate.byte_cuts import Cut
from codered.remediate.drafts import LeftOut, find_line_evidence

# One after the other, as they stand in a tag that is known to be well-formed: nothing is searched for.
# Only what XML calls blank counts: half a character of UTF-8 may look like another blank.
_ATTRIBUTE = re.compile(r"""\s*([^\s=/>"']+)\s*=\s*("[^"]*"|'[^']*')""", re.ASCII)
_WORD = re.compile(r"\S+", re.ASCII)
_TAG = re.compile(r"<[^\s/>]+", re.ASCII)
_BLANK = " \t\r\n"


class Document(NamedTuple):
    """A configuration and its elements, the inner ones first."""

    data: bytes
    elements: tuple[Element, ...]


@lru_cache(maxsize=1)
def read_document(data: bytes) -> Document:
    """All its elements. Raises LeftOut if it is not well-formed to its end."""
    elements: list[Element] = []
    why = read_elements(data, elements.append)
    if why:
        raise LeftOut(f"the file can't be edited safely, {why}: do it by hand")
    return Document(data, tuple(elements))


def find_element(document: Document, finding: Finding, start: int, end: int) -> Element:
    """The element that the finding is about, which starts in this line. Raises LeftOut."""
    seen = find_line_evidence(finding).data
    if not seen:
        raise LeftOut("the report does not say which element it is: scan again with this version")
    for element in document.elements:
        if start <= element.start < end and document.data[element.start : element.end].startswith(seen):
            return element
    raise LeftOut("the element is not there as it was seen: scan again")


def find_name(finding: Finding) -> str:
    """The name of what the finding is about, of several that one element holds; "" if it says none."""
    return next((item.what for item in finding.evidence if item.source == "name"), "")


def attribute_cut(document: Document, element: Element, name: str, becomes: str) -> Cut:
    """The change of an attribute's text; `becomes` is plain text. Raises LeftOut if it has no such attribute."""
    start, end, _ = _find_attribute(document, element, name)
    wide = encoding_of(document.data)
    text = escape(becomes, {'"': "&quot;", "'": "&apos;"})
    # Of one byte a character only ASCII is sure to be what it looks like.
    return Cut(start, end, text.encode("ascii" if wide == "latin-1" else wide, "xmlcharrefreplace"))


def entry_cut(document: Document, element: Element, name: str, entry: str) -> Cut:
    """The entry of a script map (`.ida,…`) that goes, with the blanks before it; of the first one those behind it.
    Raises LeftOut if there is none.
    """
    start, _, raw = _find_attribute(document, element, name)
    encoding = encoding_of(document.data)
    words = list(_WORD.finditer(raw))
    starts = [word.start() for word in words if word[0][:1] == "." or word[0][:2] == "*,"]
    for number, first in enumerate(starts):
        if not raw.startswith(entry + ",", first):
            continue
        last = starts[number + 1] if number + 1 < len(starts) else len(raw)
        before, behind = (
            (raw[:first].rstrip(_BLANK), raw[:last].rstrip(_BLANK)) if number else (raw[:first], raw[:last])
        )
        return Cut(start + len(before.encode(encoding)), start + len(behind.encode(encoding)))
    raise LeftOut(f"there is no {entry[:32]} in it any more")


def _find_attribute(document: Document, element: Element, name: str) -> tuple[int, int, str]:
    """Where the text of an attribute stands, and the text as written. Raises LeftOut."""
    encoding = encoding_of(document.data)
    text = document.data[element.start : element.end].decode(encoding, "surrogatepass")
    tag = _TAG.match(text)
    at = tag.end() if tag is not None else 0
    while found := _ATTRIBUTE.match(text, at):
        if found[1] == name:
            raw = found[2][1:-1]
            start = element.start + len(text[: found.start(2) + 1].encode(encoding, "surrogatepass"))
            return start, start + len(raw.encode(encoding, "surrogatepass")), raw
        at = found.end()
    raise LeftOut(f"it has no {name} any more")
