"""Values of SNMP rows as texts, numbers and MACs: what an agent writes is hostile."""

from typing import Any

from codered.export.writing.escaping import printable
from codered_hq.model.inventory import Skipped
from codered_hq.resolving.snmp_walking import Index

Rows = dict[Index, Any]
MOST_TEXT = 255


def text_of(value: object) -> str:
    """An octet string as one printable line of at most 255 characters; "" for anything else."""
    if not isinstance(value, bytes):
        return ""
    return printable(value[: 4 * MOST_TEXT].rstrip(b"\0").decode("utf-8", errors="replace").strip())[:MOST_TEXT]


def mac_of(value: object) -> str:
    """Six octets as a MAC, "" for anything else."""
    return value.hex(":") if isinstance(value, bytes) and len(value) == 6 else ""


def mac_in(index: Index) -> str:
    """The MAC at the end of an index, "" if its numbers are no octets."""
    try:
        return bytes(index[-6:]).hex(":")
    except ValueError:
        return ""


def number_of(value: object) -> int:
    """A number, -1 for anything else."""
    return value if isinstance(value, int) else -1


class Refusals:
    """Counts rows that are not taken, by their reason, so that a lying switch costs a line and not a million."""

    def __init__(self, column: str) -> None:
        self._column = column
        self._counts: dict[str, int] = {}

    def count(self, why: str) -> None:
        """One more row that is not taken for this reason."""
        self._counts[why] = self._counts.get(why, 0) + 1

    def tell(self, skipped: list[Skipped]) -> None:
        """Say them all."""
        skipped += [
            Skipped(where=self._column, why=f"{number} row{'s' * (number > 1)} not taken: {why}")
            for why, number in self._counts.items()
        ]
