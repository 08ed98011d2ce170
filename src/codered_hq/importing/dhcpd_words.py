"""The language of ISC dhcpd's files as statements: words, then `;` or `{`; a lone `}` closes."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

MOST_WORDS: Final = 64
MOST_WORD: Final = 1024
# most lines of a lease file are one statement: they are spared the tokenizer
_SPECIAL = re.compile(r"[\"'{}#]")
_UNNEEDED = ("  next binding ", "  rewind binding ", "  tstp ", "  tsfp ", "  atsfp ")
_TOKEN = re.compile(r"""\s+|\#.*|"((?:[^"\\]|\\.)*+)"?|([;{}])|([^\s"';{}#]+)|.""", re.DOTALL)
_ESCAPE = re.compile(r"\\([0-7]{1,3}|.)", re.DOTALL)


class Statement(NamedTuple):
    """Words (quoted ones with their escapes) and how they end: `;`, `{`, `}` (no words), "" where the file breaks
    off.
    """

    line: int
    words: list[str]
    end: str


def read_statements(lines: Iterable[tuple[int, str]]) -> Iterator[Statement]:
    """All statements of a file. Words beyond MOST_WORDS and characters beyond MOST_WORD are left out."""
    words: list[str] = []
    begin = 0
    for number, line in lines:
        if not words:
            begin = number
            head, mark, rest = line.partition(";")
            if mark and not rest and not _SPECIAL.search(head):
                if not line.startswith(_UNNEEDED):
                    yield Statement(number, head.split()[:MOST_WORDS], ";")
                continue
            if line == "}":
                yield Statement(number, [], "}")
                continue
            if line.endswith('";') and line.count('"') == 2:
                head, _, word = line[:-2].partition('"')
                if not _SPECIAL.search(head) and ";" not in head:
                    yield Statement(number, [*head.split()[:MOST_WORDS], word[: 4 * MOST_WORD]], ";")
                    continue
        for word, end in _read_tokens(line):
            if not end:
                if len(words) < MOST_WORDS:
                    words.append(word)
                continue
            if end == "}" and words:
                yield Statement(begin, words, ";")
                words = []
            if words or end == "}":
                yield Statement(begin if words else number, words, end)
            words, begin = [], number
    if words:
        yield Statement(begin, words, "")


def _read_tokens(line: str) -> Iterator[tuple[str, str]]:
    for match in _TOKEN.finditer(line):
        if match[2]:
            yield "", match[2]
        elif match[3]:
            yield match[3][:MOST_WORD], ""
        elif match[1] is not None:
            yield match[1][: 4 * MOST_WORD], ""


def undo_escapes(text: str) -> str:
    """What a quoted word means: `\\"` and octal numbers are put right."""
    return _ESCAPE.sub(_undo_escape, text)


def _undo_escape(match: re.Match[str]) -> str:
    return chr(int(match[1], 8) & 0xFF) if match[1][0].isdigit() and match[1][0] < "8" else match[1]
