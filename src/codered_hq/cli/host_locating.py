"""`codered hosts locate`."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from codered.cli.output import say, show
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode, WrongUse
from codered_hq.cli.entering import enter_headquarters
from codered_hq.cli.host_choosing import choose
from codered_hq.cli.tables import count, draw_table
from codered_hq.config import CONFIG_NAME
from codered_hq.hosts import placing
from codered_hq.hosts.finding import select_hosts
from codered_hq.hosts.models import Host
from codered_hq.hosts.placing import Placed
from codered_hq.model.inventory import PlaceRecord

LOCATE_FORMAT = "codered/locate/1"
MOST_SAID = 20


class LocateOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """`codered hosts locate --json`."""

    format: str
    switches: int
    places: tuple[PlaceRecord, ...]
    unread: tuple[str, ...]
    reasons: tuple[str, ...]
    nowhere: tuple[str, ...]


def locate_hosts(names: tuple[str, ...], given: dict[str, Any]) -> int:
    """Read the switches and say where the hosts are."""
    headquarters = enter_headquarters()
    if not headquarters.config.snmp:
        where = str(headquarters.folder / CONFIG_NAME)
        raise WrongUse(
            "no switch may be read", where=where, advice="write [[snmp]] with devices and a community or user"
        )
    hosts = list(select_hosts(choose(names, given)))
    if not hosts:
        raise WrongUse("no host fits", advice="codered hosts show lists them")
    placed = placing.locate_hosts(hosts, headquarters.config.snmp, datetime.now(UTC), say)
    if given["as_json"]:
        show(msgspec.json.encode(_make_outcome(placed)).decode() + "\n")
    else:
        show("".join(_tell(placed, hosts)))
    return ExitCode.INCOMPLETE if placed.unread or placed.nowhere else ExitCode.CLEAN


def _make_outcome(placed: Placed) -> LocateOutcome:
    return LocateOutcome(
        format=LOCATE_FORMAT, switches=placed.switches, places=placed.places, nowhere=placed.nowhere,
        unread=tuple(f"{each.where}: {each.why}" for each in placed.unread),
        reasons=tuple(f"{each.where}: {each.why}" for each in placed.reasons),
    )  # fmt: skip


def _tell(placed: Placed, hosts: Sequence[Host]) -> Iterator[str]:
    labels = {
        each.value: host.label for host in hosts for each in host.identifiers.filter(kind="mac")
    }  # fmt: skip
    if placed.places:
        rows = sorted(_make_row(place, labels.get(place.mac, "?")) for place in placed.places)
        yield draw_table(("host", "MAC", "switch", "port", "VLAN", "MACs there", "description"), rows)
    yield f"{count(placed.switches, 'switch').replace('switchs', 'switches')} read\n"
    told = [f"not read: {each.where}: {each.why}" for each in placed.unread]
    told += [f"note: {each.where}: {each.why}" for each in placed.reasons]
    told += [f"nowhere: {each}" for each in placed.nowhere]
    yield from (f"  {printable(line)}\n" for line in told[:MOST_SAID])
    if len(told) > MOST_SAID:
        yield f"  {len(told) - MOST_SAID:,} more; --json lists all\n"


def _make_row(place: PlaceRecord, label: str) -> tuple[str, ...]:
    vlan = str(place.vlan) if place.vlan else "-"
    return (label, place.mac, place.switch, place.port, vlan, str(place.macs), place.description)
