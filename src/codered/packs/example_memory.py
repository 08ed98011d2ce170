"""Example memory: pieces of a process or a dump, as texts and NULs. Inert: nothing is ever run or mapped."""

import re
from pathlib import Path

import msgspec

from codered.model.errors import WrongUse
from codered.packs.decoding import decode_document
from codered.packs.strict_yaml import Document, read_document, show_path

MOST_PIECE_BYTES = 16 << 20
MOST_PIECES = 64
_ADDRESS = re.compile(r"0x[0-9a-f]{1,16}")


class MemoryPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Some bytes, as exactly one of `text` (UTF-8) and `hex`, and the number of NULs that follow them."""

    text: str | None = None
    hex: str | None = None
    nuls: int = 1


class MemoryRegionExample(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One region: the address it starts at (`0x…`), and its parts, one behind the other."""

    address: str
    parts: tuple[MemoryPart, ...]


class MemoryExample(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The memory of one process, which calls itself `process`."""

    about: str
    process: str
    regions: tuple[MemoryRegionExample, ...]


class ExamplePiece(msgspec.Struct, frozen=True):
    """A region as bytes: where it starts, and what is in it."""

    address: int
    data: bytes


def read_memory(example: Path) -> tuple[str, tuple[ExamplePiece, ...]]:
    """The name of the process and its regions. Raises WrongUse with file and line."""
    document = read_document(example)
    described = decode_document(document, MemoryExample)
    if not 0 < len(described.regions) <= MOST_PIECES:
        advice = f"an example has 1 to {MOST_PIECES} regions"
        raise WrongUse(f"has {len(described.regions)} regions", where=show_path(example), advice=advice)
    return described.process, tuple(
        _make_piece(document, number, region) for number, region in enumerate(described.regions)
    )


def _make_piece(document: Document, number: int, region: MemoryRegionExample) -> ExamplePiece:
    if not _ADDRESS.fullmatch(region.address):
        where = document.place_of("regions", number, "address")
        raise WrongUse("no address", where=where, advice="write 0x and up to 16 small hexadecimal digits")
    data = bytearray()
    for index, part in enumerate(region.parts):
        where = document.place_of("regions", number, "parts", index)
        content = _own_bytes(part, where)
        if part.nuls < 0 or len(data) + len(content) + part.nuls > MOST_PIECE_BYTES:
            advice = f"`nuls` is 0 or more, and a region at most {MOST_PIECE_BYTES} bytes"
            raise WrongUse("can't be that long", where=where, advice=advice)
        data += content + bytes(part.nuls)
    return ExamplePiece(int(region.address, 16), bytes(data))


def _own_bytes(part: MemoryPart, where: str) -> bytes:
    if (part.text is None) == (part.hex is None):
        raise WrongUse("neither text nor hex, or both", where=where, advice="give exactly one of text and hex")
    if part.text is not None:
        return part.text.encode()
    try:
        return bytes.fromhex(part.hex or "")
    except ValueError:
        raise WrongUse("not hexadecimal", where=where, advice="write two digits for each byte") from None
