"""A part of a draft: a sign of one layer, its rule, and inert material for the examples that show it."""

import re
from typing import Any

import msgspec

from codered.authoring.orders import Choice, Mark
from codered.packs.example_memory import MemoryPart
from codered.packs.example_traffic import SentExample
from codered.packs.example_trees import TreeFile

REFERENCE = "samples"
_SPECIAL = {'"': '\\"', "\\": "\\\\"}


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """`layer` is the list of pack.yaml that the `sign` goes to; `rule` is YARA source. The others are for examples:
    files, memory (a region a tuple), requests of a log with their agents, and what is sent; `near_…` are look-alikes.
    """

    layer: str
    sign: dict[str, Any]
    rule: str = ""
    files: tuple[TreeFile, ...] = ()
    memory: tuple[MemoryPart, ...] = ()
    requests: tuple[tuple[str, str], ...] = ()
    sent: tuple[SentExample, ...] = ()
    near_files: tuple[TreeFile, ...] = ()
    near_memory: tuple[MemoryPart, ...] = ()
    near_requests: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()


def make_sign(sign_id: str, because: str, confidence: str, severity: str, **more: Any) -> dict[str, Any]:
    """What every sign has, and what this one has besides."""
    first = {"id": sign_id, "because": because, "confidence": confidence, "severity": severity}
    return {**first, "references": [REFERENCE], **more}


def name_rule(pack: str, ending: str) -> str:
    """The name of a rule: that of the pack and what the rule looks for."""
    return f"{'threat_' if pack[0].isdigit() else ''}{pack.replace('-', '_')}_{ending}"


def quote(text: str) -> str:
    """Printable ASCII as YARA writes a literal."""
    return '"' + "".join(_SPECIAL.get(character, character) for character in text) + '"'


def name_string(mark: Mark) -> str:
    """A word of the mark's own characters, for its name in the rule."""
    word = re.sub(r"[^a-z0-9]+", "_", mark.text.decode("ascii").lower()).strip("_")[:24].strip("_")
    return word or "text"


def write_rule(name: str, about: str, strings: list[str], condition: str) -> str:
    """The source of one rule."""
    listed = "\n".join(f"        {string}" for string in strings)
    return (
        f"rule {name}\n{{\n    meta:\n        description = {quote(about)}\n"
        f'        references = "{REFERENCE}"\n    strings:\n{listed}\n    condition:\n        {condition}\n}}\n'
    )
