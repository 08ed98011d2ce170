"""Blocks of the script encoder, `#@~^……==…^#~@`: a fixed substitution by three columns in a fixed order."""

import re
from functools import cache
from importlib import resources

import msgspec

MOST_BLOCKS = 20_000
# Two characters in front of the `==` of a length, and of a checksum, vary; a block that was cut off has no end.
_BLOCK = re.compile(r"#@~\^[A-Za-z0-9+/]{6}==(.*?)(?:[A-Za-z0-9+/]{6}==\^#~@|\^#~@|%>|\Z)", re.DOTALL)
_ESCAPES = re.compile("@([&#*!$])")
_ESCAPED = {"&": "\n", "#": "\r", "*": ">", "!": "<", "$": "@"}


class _Table(msgspec.Struct, frozen=True):
    order: str
    tab: str
    from_32: tuple[str, ...]


@cache
def _load_columns() -> tuple[tuple[int, ...], dict[int, bytes]]:
    """Which column is next, and the three characters that each encoded one stands for."""
    text = resources.files("codered.detect.scripts.asp").joinpath("encoder.json").read_bytes()
    table = msgspec.json.decode(text, type=_Table)
    triples = [bytes.fromhex(triple) for line in table.from_32 for triple in line.split()]
    columns = {32 + number: triple for number, triple in enumerate(triples)} | {9: bytes.fromhex(table.tab)}
    return tuple(map(int, table.order)), {key: columns[key] for key in columns if key not in (60, 62, 64)}


def decode_blocks(text: str) -> tuple[str, int]:
    """The text with its blocks decoded, and where the first began (-1 = there is none)."""
    first = text.find("#@~^")
    if first < 0:
        return text, -1
    return _BLOCK.sub(lambda match: decode_block(match[1]) + match[0][-2:].replace("~@", ""), text, MOST_BLOCKS), first


def decode_block(encoded: str) -> str:
    """What stood in a block before it was encoded."""
    order, columns = _load_columns()
    number = -1
    made: list[str] = []
    for letter in _ESCAPES.sub(lambda match: _ESCAPED[match[1]], encoded):
        code = ord(letter)
        number += code < 128
        column = columns.get(code)
        made.append(chr(column[order[number % 64]]) if column else letter)
    return "".join(made)
