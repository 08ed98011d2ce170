"""Changes on switches, routers and firewalls: what is ordered, what a device says of itself, what came of it.

The same verbs as on a host: read the state, say what it must be afterwards, back up, change, read back, undo.
"""

from typing import Literal, Protocol

import msgspec

ControlKind = Literal["disable_port", "move_vlan", "shut_vlan", "block_address", "block_subnet"]


class ControlOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One change on one device. `label` is unique and short (letters, digits, -): what is made on the device is
    named by it. `port` is the device's own name of a port; `vlan` the VLAN it is moved to, or that is shut;
    `networks` the addresses (CIDR) that nothing may come from or go to.
    """

    kind: ControlKind
    device: str
    label: str
    port: str = ""
    vlan: int = 0
    networks: tuple[str, ...] = ()


class ControlState(msgspec.Struct, frozen=True, kw_only=True):
    """What a device says of what an order is about, as words: {"admin": "up", "oper": "up"}, {"vlan": "20"},
    {"rule": "absent"}. Two states are the same if their values are.
    """

    values: dict[str, str]


class Timer(msgspec.Struct, frozen=True, kw_only=True):
    """What undoes a change when nobody does: `where` "device" (its own scheduler or its kernel) or "none", and
    `how`.
    """

    where: Literal["device", "none"]
    how: str = ""


class Controlled(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an order: the states before and after as read back from the device, what was backed up of its
    configuration, the timer on it; `changed` False = it was as ordered already (taken back: as before already).
    `touched` names what somebody else changed meanwhile and what was therefore left as it is.
    """

    before: ControlState
    after: ControlState
    backup: bytes = b""
    timer: Timer = Timer(where="none")
    changed: bool = True
    touched: tuple[str, ...] = ()


class Driver(Protocol):
    """One device behind one way to change it. Every method raises `DeviceFailed` if the device does not answer,
    refuses, or says something else than was asked.
    """

    def read_state(self, order: ControlOrder) -> ControlState:
        """What it says now of what the order is about."""
        ...

    def find_outcome(self, order: ControlOrder, before: ControlState) -> ControlState:
        """What it must say once the order is carried out; asks nobody. Raises WrongUse for one that it can't do."""
        ...

    def back_up(self) -> bytes:
        """Its configuration, as far as this way lets us read it."""
        ...

    def change(self, order: ControlOrder, before: ControlState, undo_seconds: int) -> Timer:
        """Carry it out; what on the device undoes it after so many seconds (0 = for good)."""
        ...

    def undo(self, order: ControlOrder, before: ControlState) -> None:
        """Take it back, and the timer with it."""
        ...

    def close(self) -> None:
        """Let go of the device."""
        ...


class DeviceFailed(Exception):
    """A device did not do what it was asked for; the message says which and why, in one line."""


class NotTakenBack(DeviceFailed):
    """A device did not do what it was asked for, and something of it is in place, or may be."""


class DeviceSilent(DeviceFailed):
    """A device does not answer at all: nothing more is asked of it for now."""
