"""The tables of one containment, as who keeps, confirms or shows it needs them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import msgspec

from codered.model.containment import ContainmentRecord
from codered.model.errors import Refused
from codered.remediate.file_state import ChangeFailed
from codered.remediate.firewall.containment import arm_again, cover_new_devices, look_at_holding, put_up
from codered.remediate.firewall.nft import open_nft
from codered.remediate.firewall.requests import FOR_EVER


class TablesSeen(NamedTuple):
    """What is there of them. `opened`: the kernel opened them by itself; `opens_in` seconds it will (None = not)."""

    present: bool
    as_ordered: bool
    opened: bool = False
    opens_in: float | None = None
    packets: int = 0
    devices_missing: tuple[str, ...] = ()


class OwnTables:
    """The tables of this record, in the network namespace of the calling thread."""

    def __init__(self, record: ContainmentRecord) -> None:
        self._record = record

    def look(self) -> TablesSeen:
        """What is there now. Raises Refused (no rights, no firewall here)."""
        record = self._record
        with _told(record.plan):
            seen = look_at_holding(record.kind, record.name, record.order)
        return TablesSeen(
            present=seen.there,
            as_ordered=seen.whole,
            opened=seen.there and seen.arming == "opened",
            opens_in=seen.opens_in if seen.arming == "armed" else None,
            packets=seen.packets,
            devices_missing=seen.uncovered if seen.frames else (),
        )

    def hold(self, seconds: float) -> None:
        """Put them there as ordered, in one transaction, in place of whatever is there; the kernel opens them in
        `seconds` (0 = never). Raises Refused.
        """
        record = self._record
        with _told(record.plan):
            order = record.order
            if order.confirm_within:
                order = msgspec.structs.replace(order, confirm_within=seconds if seconds > 0 else FOR_EVER)
            with open_nft() as nft:
                put_up(nft, record.kind, record.name, order)

    def confirm(self, seconds: float) -> None:
        """Have the kernel open them in `seconds` from now on (0 = never). Raises Refused, also if it did already."""
        with _told(self._record.plan):
            arm_again(self._record.name, self._record.order, seconds)

    def cover_devices(self) -> tuple[str, ...]:
        """Stop raw frames on devices that came up later, too; their names. Raises Refused."""
        record = self._record
        with _told(record.plan):
            return cover_new_devices(record.kind, record.name, record.order)


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except (ChangeFailed, OSError, ValueError) as error:
        raise Refused(str(error), where=name, advice="mend that, then try again") from None
