"""What a host saved as proof of a finding, made fit to be looked at."""

from typing import NamedTuple

import msgspec

from codered.export.writing.escaping import printable
from codered.model.errors import CodeRedError
from codered.model.finding import Evidence, Finding
from codered.model.pack import ThreatPack
from codered.packs.loading import choose_packs_folder, load_packs
from codered_hq.fleet.ingesting import find_finding
from codered_hq.fleet.models import StoredFinding

WIDTH = 16
MOST_BYTES = 4096
"""Of one piece of evidence; a host that obeys its format sends 256."""


class Proof(NamedTuple):
    """One piece: what it is, where it stood, and its bytes as text and as a hexadecimal dump ("" = none are kept)."""

    evidence: Evidence
    text: str
    dump: str
    cut: int = 0


class Explained(NamedTuple):
    """A stored finding as its report has it (None = `problem` says why not), with its pack (None = not known here)."""

    finding: Finding | None
    proofs: tuple[Proof, ...]
    pack: ThreatPack | None
    problem: str = ""


def explain(row: StoredFinding) -> Explained:
    """All that is known of why it was found."""
    pack = _find_pack(row.pack)
    try:
        found = find_finding(row)
    except CodeRedError as error:
        return Explained(None, (), pack, str(error))
    if found is None:
        return Explained(None, (), pack, "the report that is kept does not hold it any more")
    return Explained(found, tuple(map(_show, found.evidence)), pack)


def dump_bytes(data: bytes) -> str:
    """Offset, hexadecimal and ASCII, 16 bytes a line."""
    lines = []
    for start in range(0, len(data), WIDTH):
        piece = data[start : start + WIDTH]
        signs = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in piece)
        lines.append(f"{start:08x}  {piece.hex(' '):<{WIDTH * 3 - 1}}  {signs}")
    return "\n".join(lines)


def _show(evidence: Evidence) -> Proof:
    data = (evidence.data or b"")[:MOST_BYTES]
    text = "\n".join(printable(line) for line in data.decode(errors="backslashreplace").splitlines())
    return Proof(evidence, text, dump_bytes(data), max(0, len(evidence.data or b"") - MOST_BYTES))


def _find_pack(name: str) -> ThreatPack | None:
    try:
        (loaded,) = load_packs(choose_packs_folder()[0], (name,)) if name else (None,)
    except (CodeRedError, msgspec.MsgspecError):
        return None
    return loaded.pack if loaded else None
