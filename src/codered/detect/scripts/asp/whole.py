"""What is told from a page as a whole: how much code it has, and programs in style sheets."""

import re
from collections.abc import Iterator, Sequence

from codered.detect.scripts.asp.pages import Part
from codered.detect.scripts.facts import Fact
from codered.detect.scripts.flows.telling import show

FEW_BYTES = 2500  # of code: the smallest pages that do one useful thing have about as much
_STYLESHEET = re.compile(r"<msxsl:script\b[^>]{0,300}>(.{0,20000}?)</msxsl:script", re.IGNORECASE | re.DOTALL)


def judge_size(parts: Sequence[Part]) -> Iterator[Fact]:
    """Whether there is hardly any code."""
    if 0 < sum(len(part.code) for part in parts) < FEW_BYTES:
        yield Fact("tiny")


def find_stylesheets(text: str) -> Iterator[tuple[Fact, Part]]:
    """The programs in style sheets for XML, each with the fact that it is there."""
    for match in _STYLESHEET.finditer(text):
        code = match[1].replace('""', '"').strip().removeprefix("<![CDATA[")
        fact = Fact("stylesheet-with-program", match.start(), show(text, match.start()))
        yield fact, Part(code, match.start(1), "jscript")
