"""The texts of scripts that hold for every host, with marks for what differs."""

import re
from functools import cache
from pathlib import Path

from codered.export.scripts.quoting import write_comment
from codered.export.scripts.steps import Script

_MARK = re.compile(r"@@([A-Z]+)@@")
_MOST_COMMENT = 400


@cache
def read_template(name: str) -> str:
    """A file of the folder windows/."""
    return (Path(__file__).parent / "windows" / name).read_text(encoding="ascii")


def fill_template(text: str, values: dict[str, str]) -> str:
    """Each mark replaced once: what stands in a value is never taken for a mark."""
    return _MARK.sub(lambda found: values[found[1]], text)


def head_values(script: Script, name: str) -> dict[str, str]:
    """What the head of every script says."""
    return {
        "NAME": name,
        "TITLE": write_comment(script.title)[:_MOST_COMMENT],
        "DIGEST": "made from " + write_comment(script.origin)[:_MOST_COMMENT],
        "ID": script.id,
    }


def end_lines(text: str) -> bytes:
    """ASCII with the line ends of Windows."""
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode("ascii")
