"""What is kept of a containment beside its plan: its order and times, and a book of what became of it."""

from datetime import datetime
from typing import Literal

import msgspec

from codered.model.firewall import ContainKind, ContainmentStatus, FirewallOrder

CONTAINMENT_RECORD_FORMAT = "codered/containment-record/1"
CONTAINMENT_LIST_FORMAT = "codered/containments/1"

NoteKind = Literal["begun", "confirmed", "put_back", "opened", "undone", "fight", "device", "kept", "left", "failed"]


class ContainmentRecord(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="format", tag=CONTAINMENT_RECORD_FORMAT
):
    """A containment: the plan that holds it, the `action` of it that sets the firewall, and its order. Unconfirmed it
    opens by itself at `opens` (`undo_unconfirmed`: it is undone then, as at `undo_at`), and with it the plans `besides`
    (frozen processes). `boot` is the kernel's boot id when it was begun, `began` the seconds since that boot (0 = not
    known): the times are kept by them, for a clock may be set. `network` is the number of its network namespace (0 =
    not known).
    """

    plan: str
    action: str
    name: str
    kind: ContainKind
    order: FirewallOrder
    because: str
    since: datetime
    boot: str
    opens: datetime | None = None
    confirmed: datetime | None = None
    undo_at: datetime | None = None
    survives_reboot: bool = False
    besides: tuple[str, ...] = ()
    undo_unconfirmed: bool = False
    began: float = 0.0
    network: int = 0

    def ends(self) -> datetime | None:
        """When the kernel is to open by itself: without a confirmation, or when the time is over; None = never."""
        return self.undo_at if self.confirmed is not None or self.opens is None else self.opens


class ContainmentNote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a containment's book."""

    at: datetime
    what: NoteKind
    told: str = ""


class ContainmentList(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="format", tag=CONTAINMENT_LIST_FORMAT
):
    """The containments of a host, the newest first; `unknown`: tables of ours in the kernel that none of them is about,
    as when the state folder was lost.
    """

    containments: tuple[ContainmentStatus, ...]
    unknown: tuple[str, ...] = ()
