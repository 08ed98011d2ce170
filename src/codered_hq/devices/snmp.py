"""A switch that is changed by SNMP: ports down, ports into another VLAN, all access ports of a VLAN down. What sets
them right again after a time is the switch's own schedule (DISMAN-SCHEDULE-MIB), where it has one.
"""

import hashlib
from contextlib import suppress

from codered.model.errors import WrongUse
from codered_hq.config import DeviceConfig
from codered_hq.devices.snmp_ports import ADMIN_NUMBERS, SnmpPorts, change_bit, list_bits, name_admin, name_oper
from codered_hq.devices.snmp_session import NotThere, SnmpSession, name_oid
from codered_hq.model.device import ControlOrder, ControlState, DeviceFailed, Timer

_CREATE_AND_GO, _DESTROY, _PERIODIC, _ENABLED, _DISABLED = 4, 6, 1, 1, 2
_LONGEST_NAME = 32  # of a row in the schedule
_PORT = "port "
_BACKED_UP = ("ifName", "ifDescr", "ifAdminStatus", "dot1dBasePortIfIndex", "dot1qPvid", "dot1qVlanStaticEgressPorts",
              "dot1qVlanStaticUntaggedPorts")  # fmt: skip
Value = tuple[str, str, int | str]


class SnmpDriver:
    """model.device.Driver by SNMP, one session for everything."""

    def __init__(self, config: DeviceConfig) -> None:
        self._config = config
        self._session = SnmpSession(config)
        self._ports = SnmpPorts(self._session)
        self._schedules = bool(config.user)  # it sets as a user of v3: with a community it would fail silently
        self._backup = b""

    def read_state(self, order: ControlOrder) -> ControlState:
        """{"admin", "oper"} of a port; {"vlan"} of a port, with {"untagged", "trunk"} if it tells; {"port NAME": admin}
        of each access port of a VLAN.
        """
        if order.kind == "move_vlan":
            return ControlState(values=self._read_vlan(order.port))
        if order.kind == "shut_vlan":
            return ControlState(values=self._read_members(order.vlan))
        index, column = self._find(order.port)
        admin, oper = name_oid("ifAdminStatus", (index,)), name_oid("ifOperStatus", (index,))
        named = name_oid(column, (index,))
        found = self._session.get([named, admin, oper])
        if bytes(found.get(named, b"")) != order.port.encode():
            raise self._session.fail(f"{order.port} has another number than a moment ago: ask again")
        return ControlState(values={"admin": name_admin(found.get(admin)), "oper": name_oper(found.get(oper))})

    def _find(self, port: str) -> tuple[int, str]:
        try:
            return self._ports.find(port)
        except DeviceFailed:
            self._ports.forget()  # it may have come since
            return self._ports.find(port)

    def _read_vlan(self, port: str) -> dict[str, str]:
        number = self._ports.find_bridge_number(self._find(port)[0])
        name = name_oid("dot1qPvid", (number,))
        vlan = self._session.get([name]).get(name)
        if vlan is None:
            raise self._session.fail(f"does not tell the VLAN of {port} (no Q-BRIDGE-MIB)")
        found = {"vlan": str(int(vlan))}
        untagged = self._ports.column("dot1qVlanStaticUntaggedPorts", anew=True)
        egress = self._ports.column("dot1qVlanStaticEgressPorts", anew=True)
        if egress:
            own = {row[0] for row, mask in untagged.items() if number in list_bits(bytes(mask))}
            every = {row[0] for row, mask in egress.items() if number in list_bits(bytes(mask))}
            found |= {"untagged": ",".join(map(str, sorted(own)))}
            found |= {"trunk": "yes"} if every - own else {}
        return found

    def _read_members(self, vlan: int) -> dict[str, str]:
        indexes = self._ports.list_vlan(vlan)
        names = [name_oid("ifAdminStatus", (index,)) for index in indexes]
        found = self._session.get(names)
        by_name = {self._ports.name(index): found.get(name) for index, name in zip(indexes, names, strict=True)}
        return {
            f"{_PORT}{name}": name_admin(value)
            for name, value in by_name.items()
            if name not in self._config.keep_ports
        }

    def find_outcome(self, order: ControlOrder, before: ControlState) -> ControlState:
        """What it must say then. Raises WrongUse for a kept port, a trunk, a VLAN without ports, another kind."""
        where = f"device {self._config.name}"
        if order.kind not in ("disable_port", "move_vlan", "shut_vlan"):
            raise WrongUse(
                f"a switch can't {order.kind} by SNMP", where=where, advice="give it to a router or firewall"
            )
        if order.port in self._config.keep_ports:
            raise WrongUse(
                f"port {order.port} is in keep_ports and is never changed", where=where, advice="see headquarters.toml"
            )
        if order.kind == "disable_port":
            return ControlState(values={"admin": "down", "oper": "down"})
        if order.kind == "shut_vlan":
            if not before.values:
                raise WrongUse(
                    f"no access port of VLAN {order.vlan} is there to be shut", where=where, advice="check the number"
                )
            return ControlState(values=dict.fromkeys(before.values, "down"))
        vlan = order.vlan or self._config.quarantine_vlan
        if not 0 < vlan < 4095:
            raise WrongUse("no VLAN to move to", where=where, advice="give quarantine_vlan in headquarters.toml")
        if before.values.get("trunk"):
            raise WrongUse(
                f"port {order.port} is a trunk and is moved nowhere", where=where, advice="disable it instead"
            )
        wanted = {"vlan": str(vlan)} | ({"untagged": str(vlan)} if "untagged" in before.values else {})
        return ControlState(values=wanted)

    def back_up(self) -> bytes:
        """The tables that orders change, as text; read once in a session."""
        if not self._backup:
            name = name_oid("sysDescr", (0,))
            described = self._session.get([name]).get(name)
            lines = [f"# {self._config.name}: {described.prettyPrint()[:500] if described is not None else ''}"]
            for column in _BACKED_UP:
                rows = self._ports.column(column, anew=True).items()
                lines += [f"{column}.{'.'.join(map(str, row))} = {value.prettyPrint()[:2000]}" for row, value in rows]
            self._backup = "\n".join(lines).encode() + b"\n"
        return self._backup

    def change(self, order: ControlOrder, before: ControlState, undo_seconds: int) -> Timer:
        """Carry it out, with its timer in the same packet: both are there, or neither."""
        if order.kind == "move_vlan":
            number = self._ports.find_bridge_number(self._find(order.port)[0])
            vlan = int(self.find_outcome(order, before).values["vlan"])
            self._move(number, vlan, leave=before.values.get("untagged", ""))
            return self._set_vlan_timer(order, number, before, undo_seconds)
        if order.kind == "disable_port":
            return self._shut(order, [self._find(order.port)[0]], undo_seconds)
        ports = [name.removeprefix(_PORT) for name, admin in before.values.items() if admin == "up"]
        timers = [self._shut(order, [self._find(port)[0]], undo_seconds) for port in ports]
        return next((one for one in timers if one.where == "none"), timers[0]) if timers else Timer(where="none")

    def _shut(self, order: ControlOrder, indexes: list[int], undo_seconds: int) -> Timer:
        name = name_oid("ifAdminStatus", (indexes[0],))
        down: list[Value] = [(name, "i", ADMIN_NUMBERS["down"])]
        if undo_seconds and self._schedules:
            row = self._name_row(order, indexes[0])
            timer = _make_row(row, name, ADMIN_NUMBERS["up"], undo_seconds)
            with suppress(NotThere):
                self._session.set([*timer, *down])
                return self._tell_timer(undo_seconds)
            with suppress(NotThere):  # a row of this name may have been left there by who was cut off
                self._destroy(row)
                self._session.set([*timer, *down])
                return self._tell_timer(undo_seconds)
            self._schedules = False
        self._session.set(down)
        return Timer(where="none")

    def _set_vlan_timer(self, order: ControlOrder, number: int, before: ControlState, undo_seconds: int) -> Timer:
        """The schedule can set one number: enough where the VLAN of a port is all there is to it."""
        if not undo_seconds or not self._schedules or "untagged" in before.values:
            return Timer(where="none")
        row = self._name_row(order, number)
        with suppress(NotThere):
            self._destroy(row)
        with suppress(NotThere):
            self._session.set(
                _make_row(row, name_oid("dot1qPvid", (number,)), int(before.values["vlan"]), undo_seconds)
            )
            return self._tell_timer(undo_seconds)
        return Timer(where="none")

    def _tell_timer(self, undo_seconds: int) -> Timer:
        how = f"its schedule (DISMAN-SCHEDULE-MIB), after {undo_seconds} s, again each {undo_seconds} s until removed"
        return Timer(where="device", how=how)

    def _name_row(self, order: ControlOrder, number: int) -> tuple[int, ...]:
        """Owner and name as the schedule's index. The owner is our user: the device does it with that one's rights."""
        text = f"{order.label}.{number}"
        if len(text) > _LONGEST_NAME:
            text = f"codered-{hashlib.sha256(text.encode()).hexdigest()[:20]}"
        owner = self._config.user.encode()
        return (len(owner), *owner, len(text), *text.encode())

    def _destroy(self, row: tuple[int, ...]) -> None:
        """Switched off first: net-snmp 5.9 forgets the alarm of an active row, and falls when it rings."""
        self._session.set([(name_oid("schedAdminStatus", row), "i", _DISABLED)])
        self._session.set([(name_oid("schedRowStatus", row), "i", _DESTROY)])

    def _move(self, number: int, vlan: int, *, leave: str) -> None:
        """Into a VLAN, and out of those whose frames it gets without a tag ("" = the device keeps no such list)."""
        pvid: list[Value] = [(name_oid("dot1qPvid", (number,)), "u", vlan)]
        if not (egress := self._ports.column("dot1qVlanStaticEgressPorts", anew=True)):
            self._session.set(pvid)
            return
        if (vlan,) not in egress:
            raise self._session.fail(f"has no VLAN {vlan}")
        old = [int(one) for one in leave.split(",") if one and int(one) != vlan]
        enter = self._change_masks(number, [vlan], on=True)
        quit_old = self._change_masks(number, old, on=False)
        try:
            self._session.set([*enter, *pvid, *quit_old])
        except NotThere:  # some take these one after the other only
            for values in (enter, pvid, quit_old):
                if values:
                    self._session.set(values)

    def _change_masks(self, number: int, vlans: list[int], *, on: bool) -> list[Value]:
        columns = ["dot1qVlanStaticEgressPorts", "dot1qVlanStaticUntaggedPorts"]
        values: list[Value] = []
        for vlan in vlans:
            for column in columns if on else columns[::-1]:
                mask = bytes(self._ports.column(column).get((vlan,), b""))
                values.append((name_oid(column, (vlan,)), "x", change_bit(mask, number, on=on).hex()))
        return values

    def undo(self, order: ControlOrder, before: ControlState) -> None:
        """As it was, and the timers gone."""
        self.drop_timer(order, before)
        if order.kind == "move_vlan":
            number = self._ports.find_bridge_number(self._find(order.port)[0])
            now = self._read_vlan(order.port)
            self._move(number, int(before.values["vlan"]), leave=now.get("untagged", ""))
            return
        for port, admin in self._list_ports(order, before):
            index = self._find(port)[0]
            self._session.set([(name_oid("ifAdminStatus", (index,)), "i", ADMIN_NUMBERS.get(admin, 1))])

    def drop_timer(self, order: ControlOrder, before: ControlState) -> None:
        """Take the rows out of the schedule; the rest stays as it is."""
        if not self._config.user:
            return
        for port, _ in self._list_ports(order, before):
            number = self._find(port)[0]
            if order.kind == "move_vlan":
                number = self._ports.find_bridge_number(number)
            with suppress(NotThere):  # it has no schedule, or no such row
                self._destroy(self._name_row(order, number))

    def renew_timer(self, order: ControlOrder, before: ControlState, undo_seconds: int) -> Timer:
        """The old rows go first: for good is without any."""
        self.drop_timer(order, before)
        return self.change(order, before, undo_seconds)

    @staticmethod
    def _list_ports(order: ControlOrder, before: ControlState) -> list[tuple[str, str]]:
        if order.kind == "shut_vlan":
            return [(name.removeprefix(_PORT), admin) for name, admin in before.values.items()]
        return [(order.port, before.values.get("admin", ""))]

    def close(self) -> None:
        """End the session."""
        self._session.close()


def _make_row(row: tuple[int, ...], variable: str, value: int, seconds: int) -> list[Value]:
    return [
        (name_oid("schedRowStatus", row), "i", _CREATE_AND_GO),
        (name_oid("schedInterval", row), "u", seconds),
        (name_oid("schedVariable", row), "o", variable),
        (name_oid("schedValue", row), "i", value),
        (name_oid("schedType", row), "i", _PERIODIC),
        (name_oid("schedAdminStatus", row), "i", _ENABLED),
    ]
