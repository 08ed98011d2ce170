"""Switches and routers read by SNMP (v2c, v3), many at once: ports, MAC tables, neighbours, ARP."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from codered_hq.model.inventory import Skipped
from codered_hq.resolving.mac_tables import Forwarding, read_forwarding
from codered_hq.resolving.macs import is_machine_mac
from codered_hq.resolving.port_tables import read_arp, read_neighbours, read_ports
from codered_hq.resolving.row_values import Rows, mac_of, text_of
from codered_hq.resolving.snmp_access import SnmpAccess, SnmpLimits, check_access, open_session
from codered_hq.resolving.snmp_walking import (
    Ended,
    Session,
    check_refusal,
    explain_error,
    find_errors,
    guard,
    make_silence,
    walk_column,
)
from codered_hq.resolving.switch_tables import SwitchTables

COLUMNS = (
    "sysDescr", "ifDescr", "ifPhysAddress", "ifOperStatus", "ifName", "ifAlias", "dot1dBaseBridgeAddress",
    "dot1dBasePortIfIndex", "dot1qVlanFdbId", "dot1qTpFdbPort", "dot1qTpFdbStatus", "dot1dTpFdbPort",
    "dot1dTpFdbStatus", "lldpLocPortId", "lldpRemChassisIdSubtype", "lldpRemChassisId", "lldpRemSysName",
    "lldpRemSysCapEnabled", "cdpCacheDeviceId", "cdpCacheCapabilities", "ipNetToMediaPhysAddress",
    "ipNetToPhysicalPhysAddress", "vtpVlanState",
)  # fmt: skip
_ACTIVE = 1
_SILENT_VLANS = 3
_OLD_VLANS = range(1002, 1006)  # FDDI and Token Ring: they are there on every Cisco, and hold nothing


def read_switches(
    addresses: Iterable[str],
    access: SnmpAccess,
    limits: SnmpLimits = SnmpLimits(),  # noqa: B008
) -> Iterator[SwitchTables | Skipped]:
    """Read each switch; every address comes back once, with its tables or with the reason. Raises WrongUse."""
    check_access(access)
    loop = asyncio.new_event_loop()
    waiting, running = iter(addresses), set[asyncio.Task[SwitchTables | Skipped]]()
    try:
        while True:
            while len(running) < limits.at_once and (address := next(waiting, None)) is not None:
                running.add(loop.create_task(_read_safely(address, access, limits)))
            if not running:
                return
            done, running = loop.run_until_complete(asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED))
            yield from (task.result() for task in done)
    finally:
        for task in running:
            task.cancel()
        if running:
            loop.run_until_complete(asyncio.wait(running))
        loop.close()


async def _read_safely(address: str, access: SnmpAccess, limits: SnmpLimits) -> SwitchTables | Skipped:
    try:
        return await _read_switch(address, access, limits)
    except Ended as error:
        return Skipped(where=address, why=f"SNMP: {error}")
    except find_errors() as error:
        return Skipped(where=address, why=f"SNMP: {explain_error(error)}")


async def _read_switch(address: str, access: SnmpAccess, limits: SnmpLimits) -> SwitchTables:
    reader = _Reader(limits)
    session = await _begin_session(address, access, limits)
    name = await _read_name(session, limits)
    columns = {column: await reader.read(session, column) for column in COLUMNS}
    if not name and not any(columns.values()):
        raise Ended("the agent shows nothing to this user or community: see what it may read")
    tables = [Forwarding(columns["dot1dBasePortIfIndex"], columns["dot1dTpFdbPort"], columns["dot1dTpFdbStatus"])]
    if not columns["dot1qTpFdbPort"]:
        tables += await _read_vlans(address, access, reader, columns["vtpVlanState"])
    skipped = reader.skipped
    macs = read_forwarding(columns, tables, skipped)
    if not macs:
        skipped.append(Skipped(where="MAC table", why="none is shown (BRIDGE-MIB, Q-BRIDGE-MIB)"))
    ports = read_ports(columns, skipped)
    own = {port.mac for port in ports} | {seen.mac for seen in macs if seen.status == "own"}
    own |= {mac_of(value) for value in columns["dot1dBaseBridgeAddress"].values()}
    return SwitchTables(
        address=address,
        name=name,
        description=text_of(next(iter(columns["sysDescr"].values()), b"")),
        ports=ports,
        macs=tuple(macs),
        neighbours=read_neighbours(columns, ports, skipped),
        arp=read_arp(columns, skipped),
        own_macs=frozenset(mac for mac in own if is_machine_mac(mac)),
        skipped=tuple(skipped),
        seen_at=datetime.now(UTC),
    )


async def _begin_session(address: str, access: SnmpAccess, limits: SnmpLimits, vlan: int = 0) -> Session:
    """The engine of v3 is asked who it is here, again where the answer was lost. Raises Ended."""
    session = open_session(address, access, limits, vlan=vlan)
    for _ in range(limits.tries):
        begin = time.monotonic()
        try:
            await guard(session.refresh())
        except TimeoutError:
            check_refusal(begin, limits)
            continue
        return session
    raise make_silence(limits)


async def _read_name(session: Session, limits: SnmpLimits) -> str:
    """The switch's name; asked first, for whoever does not answer this is asked nothing else. Raises Ended."""
    async for _, value in walk_column(session, "sysName", limits):
        return text_of(value)
    return ""


class _Reader:
    """Columns of one switch within its time; what is missing is kept with the reason."""

    def __init__(self, limits: SnmpLimits) -> None:
        self.limits = limits
        self.skipped: list[Skipped] = []
        self._until = asyncio.get_running_loop().time() + limits.whole_seconds

    async def read(self, session: Session, column: str, where: str = "") -> Rows:
        """What came of this column before its end, or before its time was over."""
        rows: Rows = {}
        try:
            async with asyncio.timeout_at(self._until):
                async for index, value in walk_column(session, column, self.limits):
                    rows[index] = value
        except Ended as error:
            if error.fatal:
                raise
            self._miss(where or column, str(error), rows)
        except TimeoutError:
            self._miss(where or column, f"the switch's {self.limits.whole_seconds:g} s are over", rows)
        return rows

    def _miss(self, where: str, why: str, rows: Rows) -> None:
        self.skipped.append(Skipped(where=where, why=f"{why}; {len(rows)} rows are taken"))


async def _read_vlans(address: str, access: SnmpAccess, reader: _Reader, states: Rows) -> list[Forwarding]:
    """The MAC tables of single VLANs, where a switch keeps them so (Cisco)."""
    tables: list[Forwarding] = []
    vlans = sorted({index[-1] for index, state in states.items() if state == _ACTIVE and 0 < index[-1] < 4095})
    vlans = [vlan for vlan in vlans if vlan not in _OLD_VLANS]
    most = reader.limits.most_vlans
    if vlans and access.user:
        why = "this switch keeps one for each, and gives them by a community alone (v2c)"
        reader.skipped.append(Skipped(where="MAC tables of VLANs", why=why))
        return tables
    if len(vlans) > most:
        reader.skipped.append(Skipped(where="VLANs", why=f"{len(vlans)} of them, the first {most} are read"))
    for done, vlan in enumerate(vlans[:most]):
        session = open_session(address, access, reader.limits, vlan=vlan)
        lost = len(reader.skipped)
        base, port, status = {}, await reader.read(session, "dot1dTpFdbPort", f"MAC table of VLAN {vlan}"), {}
        if port:
            base, status = [
                await reader.read(session, column) for column in ("dot1dBasePortIfIndex", "dot1dTpFdbStatus")
            ]
            tables.append(Forwarding(base, port, status, vlan))
        elif len(reader.skipped) > lost and not tables and done + 1 >= _SILENT_VLANS:
            why = f"silent for the first {done + 1} of {len(vlans)}, the rest is not asked"
            reader.skipped.append(Skipped(where="MAC tables of VLANs", why=why))
            break
    return tables
