"""Strings in a file's content: runs of printable ASCII, plain or as UTF-16LE, and the words they are made of."""

import re
from collections.abc import Iterator

from codered.authoring.orders import Mark
from codered.authoring.words import cut_secrets

LEAST = 6  # characters
LONGEST = 64  # a longer run is cut into its words
MOST_RUNS = 200_000  # distinct ones of one file, plain and wide each
_LEAST_SECRET = 14  # characters of the shortest thing that is taken for a secret
_PLAIN = re.compile(rb"[\x20-\x7e]{6,}")
_WIDE = re.compile(rb"(?:[\x20-\x7e]\x00){6,}")
_BETWEEN = re.compile(rb"[\s\"'`;,(){}<>|]+")
_SIMPLE = re.compile(rb"[A-Za-z0-9_]{6,}")


def find_runs(data: bytes, most: int = MOST_RUNS) -> dict[tuple[bytes, bool], bool]:
    """The strings of the data and (for long ones) the pieces of them, each with whether it is UTF-16: and whether a NUL
    stands behind it somewhere. At most about `most` plain and as many wide ones.
    """
    found: dict[tuple[bytes, bool], bool] = {}
    for wide, pattern in ((False, _PLAIN), (True, _WIDE)):
        room = len(found) + most
        nul = b"\0\0" if wide else b"\0"
        for match in pattern.finditer(data):
            run = match[0][::2] if wide else match[0]
            if wide and match.start() and 32 <= data[match.start() - 1] < 127:
                run = run[1:]  # the last letter of a plain string before it, with the NUL that ends that
            ended = data.startswith(nul, match.end())
            for piece in _cut_open(run):
                whole = ended and run.endswith(piece)  # also a piece at its end has the NUL behind it
                found[piece, wide] = found.get((piece, wide), False) or whole
            if len(found) >= room:
                break
    return found


def _cut_open(run: bytes) -> Iterator[bytes]:
    """The pieces of a run without its secrets: a piece alone does not show what it is."""
    if len(run) < _LEAST_SECRET:
        yield from cut_run(run)
        return
    for part in cut_secrets(run.decode("ascii")):
        yield from cut_run(part.encode())


def cut_run(run: bytes) -> Iterator[bytes]:
    """The run itself, without the blanks around it, if it is short enough, and the pieces between quotes and blanks."""
    stripped = run.strip()
    if LEAST <= len(stripped) <= LONGEST:
        yield run if run == stripped else stripped
    if len(stripped) > 24 or b" " in stripped or b'"' in stripped:
        for piece in _BETWEEN.split(stripped):
            if LEAST <= len(piece) <= LONGEST:
                yield piece


def find_words(run: bytes) -> list[bytes]:
    """The words of letters, digits and underscores in a run, of LEAST characters or more."""
    return _SIMPLE.findall(run)


def list_goodware(data: bytes) -> set[bytes]:
    """What an index keeps of a harmless file: its strings, their pieces and their words."""
    found: set[bytes] = set()
    for run in set(_PLAIN.findall(data)):
        found.update(cut_run(run))
        if len(run) > LEAST:
            found.update(_SIMPLE.findall(run))
    return found


def holds(mark: Mark, data: bytes) -> bool:
    """Whether the data holds the mark as it stands."""
    return mark.form() in data
