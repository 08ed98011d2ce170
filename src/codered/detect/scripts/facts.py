"""Facts about a script: a closed vocabulary, `model/script_facts.json`."""

from functools import cache
from importlib import resources
from typing import NamedTuple

import msgspec

from codered.model.indicators import ScriptLanguage


class Fact(NamedTuple):
    """Something a script does or shows: its name in the vocabulary, where (byte offset in the file, -1 = nowhere in
    particular), and the words it stands in, as text of one character a byte.
    """

    name: str
    at: int = -1
    shown: str = ""


class Script(NamedTuple):
    """The part of a file that a server would run: its language, its text (one character a byte) and where it starts."""

    language: ScriptLanguage
    text: str
    offset: int = 0


@cache
def load_vocabulary() -> dict[str, str]:
    """Every fact that a reader may give, with what it means in words that an administrator understands."""
    text = resources.files("codered.model").joinpath("script_facts.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, str])
