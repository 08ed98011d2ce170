"""metabase.bin, the configuration of IIS 4 and 5. Its form is not documented: only its strings are looked at, and what
they can't tell is said. It is never edited.
"""

import re

from codered.collect.iis.gathering import ConfigText, Gathering
from codered.model.windows import ConfigPlace, VirtualDirectory

NOT_JUDGED = (
    "the metabase of IIS 4 and 5 can't be read from outside: whether it publishes a drive is looked at on the running "
    "system, with adsutil.vbs or by the script this tool writes"
)
_NEAR = 4096  # bytes between the name of a directory and its path
_MOST_ROOTS = 100
# A drive's root as a whole string: nothing that belongs to a path before it, an end after it.
_ROOTS = (
    re.compile(rb"(?<![\x21-\x7e])([A-Za-z]):\\?\0"),
    re.compile(rb"(?<![\x21-\x7e]\0)([A-Za-z])\0:\0(?:\\\0)?\0\0"),
)
_ENCODINGS = ("ascii", "utf-16-le")


def read_metabase_bin(text: ConfigText, gathering: Gathering) -> None:
    """The drives that it seems to publish, and that it can't be judged."""
    gathering.add_undetermined(text.shown, NOT_JUDGED)
    seen: set[str] = set()
    for pattern, encoding in zip(_ROOTS, _ENCODINGS, strict=True):
        for number, match in enumerate(pattern.finditer(text.data)):
            if number == _MOST_ROOTS:
                gathering.add_unread(text.shown, f"more than {_MOST_ROOTS} roots of drives: the others are not judged")
                break
            letter = match[1].decode().lower()
            if letter in seen or not _is_named(text.data, match.start(), letter, encoding):
                continue
            seen.add(letter)
            place = ConfigPlace(path=text.path, shown=text.shown, start=match.start(), end=match.end())
            directory = VirtualDirectory(site="", url=f"/{letter}", physical=f"{letter}:\\", place=place)
            gathering.add_directory(directory)


def _is_named(data: bytes, at: int, letter: str, encoding: str) -> bool:
    """Whether a directory named like the drive is spoken of near by."""
    near = data[max(0, at - _NEAR) : at + _NEAR].lower()
    names = (f"root/{letter}\0", f"root\\{letter}\0", f"\0{letter}\0", f"\0/{letter}\0")
    return any(name.encode(encoding) in near for name in names)
