"""The parts of a page that a server would run, and in which language."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_PART = re.compile(r"<%(?P<directive>@)?|<script\b(?P<attributes>[^>]{0,300})>", re.IGNORECASE)
_SERVER = re.compile(r"runat\s*=\s*[\"']?server", re.IGNORECASE)
_SCRIPT_END = re.compile(r"</script", re.IGNORECASE)
_LANGUAGE = re.compile(r"\blanguage\s*=\s*[\"']?\s*([\w#.+]{1,30})", re.IGNORECASE)
MOST_PARTS = 300_000


class Part(NamedTuple):
    """A piece of code with its offset, and the language it names itself (lower case, empty = the page's)."""

    code: str
    at: int
    language: str


def find_parts(text: str) -> Iterator[Part]:
    """The code in a page: `<% … %>` and scripts that run at the server; directives are left out."""
    position = 0
    for _ in range(MOST_PARTS):
        match = _PART.search(text, position)
        if match is None:
            return
        position = match.end()
        attributes = match["attributes"]
        if attributes is None:
            end = text.find("%>", position)
            end = len(text) if end < 0 else end
            if not match["directive"] and end > position:
                yield Part(text[position:end], position, "")
            position = end
        elif _SERVER.search(attributes):
            closing = _SCRIPT_END.search(text, position)
            end = closing.start() if closing else len(text)
            named = _LANGUAGE.search(attributes)
            yield Part(text[position:end], position, named[1].lower() if named else "")
            position = end


def find_page_language(text: str) -> str:
    """The language that a page's directive names, in lower case, empty if none does."""
    for match in re.finditer(r"<%\s*@[^%]{0,600}", text[:200_000]):
        if named := _LANGUAGE.search(match[0]):
            return named[1].lower()
    return ""
