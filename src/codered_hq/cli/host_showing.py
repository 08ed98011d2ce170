"""`codered hosts show` and `gaps`."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from codered.cli.output import show
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode
from codered_hq.cli.entering import enter_headquarters
from codered_hq.cli.host_choosing import choose
from codered_hq.cli.tables import count, draw_table, show_time
from codered_hq.hosts.finding import Selection, select_hosts
from codered_hq.hosts.gaps import GAPS_FORMAT, GapList, find_gaps
from codered_hq.hosts.models import Host
from codered_hq.hosts.views import HostView, view_hosts
from codered_hq.sweeps.swept_hosts import HOSTS_FORMAT, HostList, SweptHost, view_swept_hosts
from codered_hq.sweeps.views import count_seen


def show_hosts(names: tuple[str, ...], as_json: bool, given: dict[str, Any]) -> int:
    """List the hosts that are meant; one alone is told in full."""
    enter_headquarters()
    chosen = select_hosts(choose(names, given))
    if as_json:
        document = HostList(format=HOSTS_FORMAT, hosts=tuple(view_swept_hosts(chosen)))
        show(msgspec.json.encode(document).decode() + "\n")
        return ExitCode.CLEAN
    hosts = tuple(view_hosts(chosen))
    if len(names) == 1 and len(hosts) == 1:
        (swept,) = view_swept_hosts(chosen)
        show("".join(f"{line}\n" for line in (*_tell(swept), *_tell_sweeps(swept, datetime.now(UTC)))))
    elif hosts:
        titles = ("#", "name", "state", "address", "owner", "switch and port", "subnet", "last seen")
        show(draw_table(titles, map(_make_row, hosts)) + f"{count(len(hosts), 'host')}\n")
    else:
        none = choose(names, given) == Selection()
        fits = f"no host fits{_tell_suspects(given.get('state', ''))}\n"
        show("no hosts yet; codered hosts import FILE takes them in\n" if none else fits)
    return ExitCode.CLEAN


def show_gaps(as_json: bool) -> int:
    """List the gaps of the inventory."""
    enter_headquarters()
    gaps = find_gaps(datetime.now(UTC))
    if as_json:
        show(msgspec.json.encode(GapList(format=GAPS_FORMAT, gaps=gaps)).decode() + "\n")
    elif gaps:
        rows = ((gap.kind, gap.about, f"{gap.why} — {gap.advice}") for gap in gaps)
        show(draw_table(("gap", "about", "why, and what to do"), rows) + f"{count(len(gaps), 'gap')}\n")
    else:
        show("no gaps\n")
    return ExitCode.INCOMPLETE if gaps else ExitCode.CLEAN


def _make_row(host: HostView) -> tuple[str, ...]:
    held = [use for use in host.addresses if use.current]
    more = f" +{len(held) - 1}" if len(held) > 1 else ""
    place = host.places[0] if host.places else None
    return (
        f"{host.number}", host.name, host.state, held[0].address + more if held else "-", host.owner or "-",
        f"{place.switch} {place.port}" if place else "-", (held[0].subnet if held else "") or "-",
        show_time(host.last_seen),
    )  # fmt: skip


def _tell(host: HostView) -> Iterator[str]:
    yield f"{printable(host.name)} (#{host.number}), {host.state}"
    reach = ", ".join(filter(None, (host.owner, host.owner_mail, host.owner_phone)))
    facts = {
        "owner": reach, "site": host.site, "zone": host.zone, "criticality": host.criticality, "system": host.system,
        "product": host.product, "tags": " ".join(host.tags), "administrators": ", ".join(host.admins),
        "other names": " ".join(host.aliases),
    }  # fmt: skip
    for name, value in facts.items():
        if value:
            yield f"  {name:15}{printable(value)}"
    yield f"  {'seen':15}{_show_span(host.first_seen, host.last_seen)} UTC"
    for use in host.addresses:
        word = "has" if use.current else "had"
        mac = f" on {use.mac}" if use.mac else ""
        where = f" in {use.subnet}" if use.subnet else ""
        yield f"  {word:15}{use.address}{mac}{where}, {_told(use.source, use.first_seen, use.last_seen)}"
    for place in host.places:
        description = f" ({printable(place.description)})" if place.description else ""
        vlan = f", VLAN {place.vlan}" if place.vlan else ""
        others = f", {place.macs} MACs there" if place.macs > 1 else ""
        where = f"{printable(place.switch)} port {printable(place.port)}{description}{vlan}{others}"
        yield f"  {'plugged in':15}{where}, {place.mac} at {show_time(place.last_seen)}"
    for known in host.identifiers:
        shared = ", shared by several hosts: proves nothing" if known.shared else ""
        yield f"  {known.kind:15}{printable(known.value)}, {printable(known.source)}{shared}"
    for conflict in host.conflicts:
        said = "; ".join(
            f"{told.value} ({_told(told.source, told.first_seen, told.last_seen)})" for told in conflict.said
        )
        yield f"  {'conflict':15}{conflict.kind}: {printable(said)}"


def _tell_sweeps(host: SweptHost, now: datetime) -> Iterator[str]:
    for found in host.swept:
        ports = f", port {', '.join(map(str, found.ports))}" if found.ports else ""
        when = f"{show_time(found.at)}, {_show_age(now - found.at)} ago"
        whose = f", then {printable(found.name)}" if found.name not in ("", host.name) else ""
        yield f"  {'swept':15}{found.address} {found.state}{ports}: {printable(found.reason)} ({when}{whose})"


def _tell_suspects(state: str) -> str:
    """Where to look when nobody is known to be infected: what a sweep saw from outside is a suspicion at first."""
    suspects = Host.objects.filter(state="suspect").count() if state == "infected" else 0
    weak = count_seen("vulnerable") if state in ("infected", "suspect") else 0
    hints = []
    if suspects:
        hints.append(f"{count(suspects, 'suspect')} (a sweep's infected is a suspicion until a scan): --state suspect")
    if weak:
        hints.append(f"vulnerable by a sweep: {weak:,} (codered sweep --list, then --show)")
    return "".join(f"; {hint}" for hint in hints)


def _show_age(age: timedelta) -> str:
    hours = age.total_seconds() / 3600
    return f"{hours / 24:.0f} days" if hours >= 48 else f"{hours:.0f} h" if hours >= 2 else f"{hours * 60:.0f} min"


def _told(source: str, first: datetime, last: datetime) -> str:
    return f"{printable(source)}, {_show_span(first, last)}"


def _show_span(first: datetime, last: datetime) -> str:
    since = "" if show_time(first) == show_time(last) else f"{show_time(first)} to "
    return f"{since}{show_time(last)}"
