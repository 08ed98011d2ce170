"""Configuration files by their lines, comments left out."""

from collections.abc import Iterator
from typing import NamedTuple

from codered.collect.autostart.reading import SmallFile

MOST_LINE = 16 << 10  # bytes of one line that are looked at


class ConfigLine(NamedTuple):
    """A line as it counts: its number from 1 (0 if it goes on over several), its bytes as found, and its text with the
    lines joined, at most MOST_LINE bytes.
    """

    number: int
    raw: bytes
    text: str


def read_lines(file: SmallFile, comments: tuple[str, ...] = ("#",)) -> Iterator[ConfigLine]:
    """The lines of a file that say something; a backslash at the end joins a line with the next."""
    begun: list[bytes] = []
    for number, raw in file.lines():
        line = raw.rstrip(b"\r")
        if line.endswith(b"\\"):
            begun.append(line[:-1])
            continue
        whole = b"".join((*begun, line))[:MOST_LINE]
        text = whole.decode(errors="backslashreplace").strip()
        if text and not text.startswith(comments):
            yield ConfigLine(0 if begun else number, b"\n".join((*begun, raw)) if begun else raw, text)
        begun = []
    if begun:
        text = b"".join(begun)[:MOST_LINE].decode(errors="backslashreplace").strip()
        if text:
            yield ConfigLine(0, b"\n".join(begun), text)


def drop_between(data: bytes, begin: bytes, end: bytes) -> bytes:
    """The data without what stands between two marks (comments); one that never ends goes to the end. Linear time."""
    kept = []
    at = 0
    while (start := data.find(begin, at)) >= 0:
        kept.append(data[at:start])
        stop = data.find(end, start + len(begin))
        at = len(data) if stop < 0 else stop + len(end)
    kept.append(data[at:])
    return b"".join(kept)
