"""What is told from a page as a whole: how much code it has, and programs in style sheets."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from codered.detect.scripts.asp.pages import Part
from codered.detect.scripts.facts import Fact
from codered.detect.scripts.flows.telling import show

FEW_BYTES = 2500  # of code: the smallest pages that do one useful thing have about as much
MOST_STYLESHEETS = 4
MOST_PROGRAM = 20_000  # characters of a program in a style sheet
_OPENS = re.compile(r"<msxsl:script\b[^>]{0,300}>", re.IGNORECASE)


def judge_size(parts: Sequence[Part]) -> Iterator[Fact]:
    """Whether there is hardly any code."""
    if 0 < sum(len(part.code) for part in parts) < FEW_BYTES:
        yield Fact("tiny")


def find_stylesheets(text: str) -> Iterator[tuple[Fact, Part]]:
    """The programs in style sheets for XML, each with the fact that it is there."""
    for match in islice(_OPENS.finditer(text), MOST_STYLESHEETS):
        inside = text[match.end() : match.end() + MOST_PROGRAM].partition("</msxsl:script")[0]
        code = inside.replace('""', '"').strip().removeprefix("<![CDATA[")
        fact = Fact("stylesheet-with-program", match.start(), show(text, match.start()))
        yield fact, Part(code, match.end(), "jscript")
