"""What a switch or router says of itself by SNMP, before anybody judges it. MACs are lower case with colons."""

from datetime import datetime

import msgspec

from codered_hq.model.inventory import Skipped


class Port(msgspec.Struct, frozen=True, kw_only=True):
    """An interface by its ifIndex. `up` None = it does not tell."""

    number: int
    name: str
    description: str = ""
    mac: str = ""
    up: bool | None = None


class SeenMac(msgspec.Struct, frozen=True, kw_only=True):
    """A MAC behind an interface (ifIndex). `vlan` 0 = not known. `status`: learned from traffic, one of the switch's
    own, or written there by hand (static).
    """

    mac: str
    port: int
    vlan: int = 0
    status: str = "learned"


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """What says of itself, by LLDP or CDP, that it is at the other end of the cable. `bridges`: it says that it is a
    switch, a router or an access point; None = it does not say what it is.
    """

    port: int
    name: str = ""
    mac: str = ""
    bridges: bool | None = None


class ArpRow(msgspec.Struct, frozen=True, kw_only=True):
    """A machine's address and MAC, as a router knows them."""

    address: str
    mac: str
    port: int


class SwitchTables(msgspec.Struct, frozen=True, kw_only=True):
    """All that was read of one switch. `skipped` says which tables are missing or cut, and which rows were lies."""

    address: str
    name: str
    description: str = ""
    ports: tuple[Port, ...] = ()
    macs: tuple[SeenMac, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    arp: tuple[ArpRow, ...] = ()
    own_macs: frozenset[str] = frozenset()
    skipped: tuple[Skipped, ...] = ()
    seen_at: datetime
