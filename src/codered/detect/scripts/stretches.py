"""Which parts of a large file are read as scripts: its first bytes, and what lies around the matches of a gate."""

import re
from itertools import islice
from typing import NamedTuple

MOST_BYTES = 1 << 20  # of a stretch: the largest scripts of the development corpus have 0.7 MB
BEFORE = 256 << 10  # bytes in front of a match: functions and variables that it uses
NEAR_END = 64 << 10  # a match so close to the end of the first stretch is read with what follows, too
MOST_PLACES = 2
MOST_DIRECTIVES = 3

_DIRECTIVE = re.compile(rb"<%\s{0,8}@[^%]{0,300}%>")
_PHP = re.compile(r"\.(?:php\d?|phtml|pht|phar)\Z")
_PAGE = re.compile(r"\.(?:asp|aspx|ascx|ashx|asmx|jspx?|asa|cer|cdx)\Z")


class Stretch(NamedTuple):
    """Bytes to read as a script: the first `added` say in which language (they stand elsewhere in the file), all others
    begin at byte `start` of the file.
    """

    data: bytes
    start: int
    added: int = 0

    def find_place(self, at: int) -> int:
        """Where in the file what was seen at `at` lies; -1 = nowhere in particular."""
        return -1 if at < self.added else at - self.added + self.start


def list_stretches(data: bytes, base: int, matches: list[int], path: str) -> list[Stretch]:
    """The stretches of a piece of a file that begins at byte `base`; `matches` are places in the file."""
    found = [Stretch(data[:MOST_BYTES], 0)] if base == 0 else []
    places = [place - base for place in sorted(matches) if base or place > MOST_BYTES - NEAR_END]
    last = -MOST_BYTES
    for place in places:
        if place < last + MOST_BYTES - NEAR_END or len(found) >= 2 * MOST_PLACES:
            continue
        last = place
        line = max(data.rfind(b"\n", max(0, place - 4096), place) + 1, place - 4096, 0)
        wide = max(0, place - BEFORE)
        wide = max(wide, data.find(b"\n", wide, line) + 1)
        # Twice: the start of the wide one may lie within a text or a comment, and make all of it unreadable.
        found += [_cut(data, start, base, path) for start in dict.fromkeys((wide, line))]
    return found


def _cut(data: bytes, start: int, base: int, path: str) -> Stretch:
    added = b"".join(match[0] for match in islice(_DIRECTIVE.finditer(data[:65536]), MOST_DIRECTIVES))
    added = (added if start else b"") + _find_opening(data, start, path.lower())
    return Stretch(added + data[start : start + MOST_BYTES], base + start, len(added))


def _find_opening(data: bytes, start: int, path: str) -> bytes:
    """What opens the script that goes on at `start`; empty if none does."""
    php, page = data.rfind(b"<?", 0, start), data.rfind(b"<%", 0, start)
    if max(php, page) < 0:
        return b"<?php\n" if _PHP.search(path) else b"<%\n" if _PAGE.search(path) else b""
    opening, closing = (b"<?php\n", b"?>") if php > page else (b"<%\n", b"%>")
    return opening if data.rfind(closing, max(php, page), start) < 0 else b""
