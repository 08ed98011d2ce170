"""The command line of a process as the patterns read it."""

import re

from codered.model.process import ProcessSeen

MOST_TEXT = 1 << 18  # bytes, as many as are collected
MOST_PARTS = 4096  # arguments, as many as are collected
_BLANKS = re.compile(rb"[\s\0]+")


def read_text(process: ProcessSeen) -> bytes:
    """The command line with each run of blanks and line ends as one blank: no padding moves code out of sight, and no
    line end parts what a pattern looks for.
    """
    return _BLANKS.sub(b" ", process.arguments()[:MOST_TEXT])


def is_cut(process: ProcessSeen) -> bool:
    """Whether the command line may be longer than what was collected of it."""
    return len(process.command) >= MOST_PARTS or len(process.arguments()) >= MOST_TEXT - 1
