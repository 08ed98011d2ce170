"""Where a MAC is plugged in, judged from the tables of all switches that were read. Nothing is asked here."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from codered_hq.model.inventory import PlaceRecord, Skipped
from codered_hq.resolving.macs import explain_mac, is_machine_mac
from codered_hq.resolving.switch_tables import Port, SeenMac, SwitchTables

CROWDED = 8  # more MACs than this behind one port are no machine with a few guests
_FEW = 2  # a telephone with a computer behind it
_SHOWN = 4


class Located(msgspec.Struct, frozen=True, kw_only=True):
    """Places, the surest first where a MAC has several; `reasons` says for which MACs there is none, what contradicts
    itself, and what stands behind a port. Each MAC that was asked for is in one of them.
    """

    places: tuple[PlaceRecord, ...] = ()
    reasons: tuple[Skipped, ...] = ()


class PortView(NamedTuple):
    """What stands behind one port of a switch: its MACs and their VLANs; `trunk`: a machine there is in several VLANs
    at once; `link` says why it leads to another device ("" = it does not).
    """

    switch: str
    name: str
    macs: frozenset[str]
    vlans: frozenset[int]
    trunk: bool
    link: str


class _Spot(NamedTuple):
    """A port of one of the switches."""

    switch: int
    port: int


class _Sight(NamedTuple):
    spot: _Spot
    vlans: frozenset[int]


def locate(macs: Iterable[str], tables: Iterable[SwitchTables]) -> Located:
    """The port nearest to each of these MACs. Links between switches are no place of a machine."""
    view = _View(tuple(tables))
    places: list[PlaceRecord] = []
    reasons = view.find_lies()
    for mac in dict.fromkeys(macs):
        view.judge(mac, places, reasons)
    return Located(places=tuple(places), reasons=tuple(reasons))


def view_ports(tables: Iterable[SwitchTables]) -> tuple[PortView, ...]:
    """Every port of these switches (named by their addresses), with what stands behind it."""
    return _View(tuple(tables)).list_ports()


class _View:
    """All tables at once: who sees which MAC where, and which ports lead to other switches."""

    def __init__(self, tables: tuple[SwitchTables, ...]) -> None:
        self._tables = tables
        self._ports: dict[_Spot, Port] = {}
        self._behind: dict[_Spot, set[str]] = defaultdict(set)
        self._vlans: dict[str, dict[_Spot, set[int]]] = defaultdict(lambda: defaultdict(set))
        self._stale: dict[str, list[_Spot]] = defaultdict(list)
        self._odd = [0] * len(tables)
        for number, table in enumerate(tables):
            self._ports.update({_Spot(number, port.number): port for port in table.ports})
        for number, table in enumerate(tables):
            for seen in table.macs:
                self._take(number, seen)
        self._links = self._find_links()
        self._cables = self._find_cables()

    def _take(self, number: int, seen: SeenMac) -> None:
        if seen.status == "own" or not seen.port:
            return
        spot = _Spot(number, seen.port)
        port = self._ports.get(spot)
        if port is not None and port.up is False:  # rows written by hand outlive the cable
            self._stale[seen.mac].append(spot)
            return
        if not is_machine_mac(seen.mac) and int(seen.mac[1], 16) & 1:
            self._odd[number] += 1
            return
        self._behind[spot].add(seen.mac)
        self._vlans[seen.mac][spot].add(seen.vlan)

    def _find_links(self) -> dict[_Spot, str]:
        """Ports that lead to other switches, and how that is known."""
        links: dict[_Spot, str] = {}
        bridges = {  # a host with an SNMP agent has no MAC table: its port is a place like any other
            mac: number for number, table in enumerate(self._tables) if table.macs for mac in table.own_macs
        }
        for number, table in enumerate(self._tables):
            for one in table.neighbours:
                spot = _Spot(number, one.port)
                if one.bridges or bridges.get(one.mac, number) != number:
                    what = one.name or one.mac or "a switch without a name"
                    links[spot] = links.get(spot) or f"its neighbour {what} is a switch, a router or an access point"
        for spot, macs in self._behind.items():
            if spot in links:
                continue
            # Each mark alone can be a machine: the crowd with it cannot.
            for mac in sorted(macs):
                if bridges.get(mac, spot.switch) != spot.switch and is_machine_mac(mac):
                    links[spot] = f"the switch {self._tables[bridges[mac]].name} is behind it"
                elif len(macs) > CROWDED and explain_mac(mac):
                    links[spot] = f"{len(macs)} MACs and a virtual router ({mac}) are behind it"
        return links

    def list_ports(self) -> tuple[PortView, ...]:
        """All ports, with what is behind them."""
        found = []
        for spot, port in self._ports.items():
            macs = frozenset(self._behind.get(spot, ()))
            each = [self._vlans[mac][spot] - {0} for mac in macs]
            trunk = any(len(vlans) > 1 for vlans in each)
            address = self._tables[spot.switch].address
            link = self._links.get(spot, "")
            found.append(PortView(address, port.name, macs, frozenset[int]().union(*each), trunk, link))
        return tuple(found)

    def _find_cables(self) -> dict[str, set[_Spot]]:
        """Machines that say themselves, by LLDP or CDP, at which port they are."""
        cables: dict[str, set[_Spot]] = defaultdict(set)
        for number, table in enumerate(self._tables):
            for one in table.neighbours:
                spot = _Spot(number, one.port)
                if is_machine_mac(one.mac) and spot not in self._links:
                    cables[one.mac].add(spot)
        return cables

    def find_lies(self) -> list[Skipped]:
        """What a switch said that cannot be."""
        return [
            Skipped(where=table.name or table.address, why=f"{odd} MACs of groups as if they were machines: not taken")
            for table, odd in zip(self._tables, self._odd, strict=True)
            if odd
        ]

    def judge(self, mac: str, places: list[PlaceRecord], reasons: list[Skipped]) -> None:
        """Add the places of this MAC, or the reason why it has none."""
        if why := explain_mac(mac):
            reasons.append(Skipped(where=mac, why=why))
            return
        seen = [_Sight(spot, frozenset(vlans - {0})) for spot, vlans in self._vlans.get(mac, {}).items()]
        seen = seen or [_Sight(spot, frozenset()) for spot in self._cables.get(mac, ())]  # silent but for LLDP
        edges = [one for one in seen if one.spot not in self._links or self._is_neighbour(one.spot, mac)]
        edges.sort(key=lambda one: (len(self._behind[one.spot]), one.spot))
        if not edges:
            reasons.append(Skipped(where=mac, why=self._explain_absence(mac, seen)))
            return
        rivals = [one for one in edges[1:] if not self._is_behind(edges[0].spot, one.spot)]
        places += [self._write(mac, one) for one in (edges[0], *rivals)]
        if rivals:
            where = self._list_spots([edges[0].spot, *(one.spot for one in rivals)])
            reasons.append(Skipped(where=mac, why=f"on several ports at once: {where}; one switch errs, or it moved"))
        reasons += [Skipped(where=mac, why=why) for why in self._remark(edges[0])]

    def _is_neighbour(self, spot: _Spot, mac: str) -> bool:
        """A machine that calls itself a bridge (one with containers) stands at the end of its own cable."""
        return any(
            one.port == spot.port and one.mac == mac for one in self._tables[spot.switch].neighbours
        ) and not any(mac in table.own_macs for table in self._tables if table.macs)

    def _is_behind(self, near: _Spot, far: _Spot) -> bool:
        return near.switch != far.switch and self._behind[near] < self._behind[far]

    def _remark(self, sight: _Sight) -> list[str]:
        number, found = len(self._behind[sight.spot]), []
        where = self._show(sight.spot)
        if number > CROWDED:
            found.append(
                f"{number} MACs behind {where}: a switch that was not read; the machine is somewhere behind it"
            )
        elif number > _FEW:
            found.append(f"{number} MACs behind {where}: a small switch, an access point or a host of virtual machines")
        if len(sight.vlans) > 1:
            found.append(f"in several VLANs on {where}: {', '.join(map(str, sorted(sight.vlans)[:_SHOWN]))}")
        return found

    def _explain_absence(self, mac: str, seen: list[_Sight]) -> str:
        if seen:
            links = "; ".join(f"{self._show(one.spot)}, {self._links[one.spot]}" for one in sorted(seen)[:_SHOWN])
            return f"seen only on links between switches: {links}; read the switch behind"
        if any(mac in table.own_macs for table in self._tables):
            return "it is a switch's own"
        if spots := self._stale.get(mac):
            return f"only on ports that are down: {self._list_spots(spots)}; an old row says nothing"
        return "no switch that was read has seen it"

    def _list_spots(self, spots: list[_Spot]) -> str:
        shown = ", ".join(self._show(spot) for spot in spots[:_SHOWN])
        return shown if len(spots) <= _SHOWN else f"{shown} and {len(spots) - _SHOWN} more"

    def _show(self, spot: _Spot) -> str:
        table, port = self._tables[spot.switch], self._ports.get(spot)
        return f"{table.name or table.address} port {port.name if port else spot.port}"

    def _write(self, mac: str, sight: _Sight) -> PlaceRecord:
        table, port = self._tables[sight.spot.switch], self._ports.get(sight.spot)
        return PlaceRecord(
            mac=mac,
            switch=table.name or table.address,
            switch_address=table.address,
            port=port.name if port else str(sight.spot.port),
            description=port.description if port else "",
            vlan=next(iter(sight.vlans)) if len(sight.vlans) == 1 else 0,
            macs=len(self._behind[sight.spot] | {mac}),
            seen_at=table.seen_at,
        )
