"""A rule of a pack's rules.yar, as its text says it; parsed by packs, read by checks and exports."""

import re
from typing import Literal

import msgspec

from codered.model.pack import LoadedPack

StringKind = Literal["text", "hex", "regex"]
_ESCAPE = re.compile(rb'\\(?:x([0-9A-Fa-f]{2})|(["\\trn]))')
_ESCAPED = {b'"': b'"', b"\\": b"\\", b"t": b"\t", b"r": b"\r", b"n": b"\n"}


class RuleString(msgspec.Struct, frozen=True):
    """One string of a rule: its name with the `$`, its source text (a text's without quotes), modifiers, and line."""

    name: str
    kind: StringKind
    source: str
    modifiers: tuple[str, ...]
    line: int

    def literal(self) -> bytes:
        """The bytes that a text string stands for, as UTF-8."""
        return _ESCAPE.sub(lambda m: bytes.fromhex(m[1].decode()) if m[1] else _ESCAPED[m[2]], self.source.encode())


class Rule(msgspec.Struct, frozen=True):
    """One rule: its condition as the words it consists of (comments gone), its first and last line, and (where it is
    known) its `text` from its first modifier to the last brace: two rules may stand on one line.
    """

    name: str
    line: int
    last: int
    strings: tuple[RuleString, ...]
    condition: tuple[str, ...]
    scopes: tuple[str, ...]
    text: str = ""


class ParsedPack(msgspec.Struct, frozen=True):
    """A pack with its rules parsed, for whoever writes it in another form; `imports` are names of modules."""

    loaded: LoadedPack
    rules: tuple[Rule, ...]
    imports: tuple[str, ...] = ()
