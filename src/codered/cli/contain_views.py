"""Containments as text: what one will do before it is agreed to, and how it stands."""

from datetime import datetime

from codered.export.writing.escaping import printable
from codered.export.writing.words import count_of
from codered.model.containment import ContainmentRecord
from codered.model.errors import ExitCode
from codered.model.firewall import ContainmentStatus, FirewallOrder, PortRange
from codered.model.plan import Plan
from codered.remediate.firewall.rules import split_rate

_TITLES = {
    "isolate_host": "isolate this host",
    "block_outbound": "block ports on the way out",
    "throttle_outbound": "throttle new connections on the way out",
}
_MOST_TOLD, _MOST_LETTERS = 20, 200
_STATES = {
    "holding": "holds",
    "armed": "holds, not confirmed",
    "opened": "OPEN: it opened by itself",
    "flushed": "OPEN: somebody took our tables away",
    "off": "off",
}


def render_containment(plan: Plan, record: ContainmentRecord) -> str:
    """What stops, what stays, and how it ends, for whoever is to agree."""
    order = record.order
    host = f" ({printable(plan.target.host)})" if plan.target.host else ""
    lines = [f"{plan.id}: {_TITLES[record.kind]}{host}"]
    lines += [f"  stops   {each}" for each in _list_stopped(record.kind, order)]
    lines += [f"  freezes {action.shown or action.path.text}" for action in plan.actions if action.firewall is None]
    lines += [f"  stays   {each}" for each in _list_staying(record.kind, order)]
    lines += [f"  note    {printable(each)}" for each in plan.advice]
    if record.kind == "isolate_host":
        where = "only from " + ", ".join(order.management) if order.management else "from nowhere: see --allow"
        lines.append(f"  login   a new one {where}")
    lines += [f"  ends    {each}" for each in _list_ends(record)]
    return "\n".join(lines) + "\n"


def _list_stopped(kind: str, order: FirewallOrder) -> list[str]:
    ports = tell_ports(order.ports)
    if kind == "isolate_host":
        told = ["everything in and out of this host, and what it forwards"]
    elif kind == "block_outbound":
        whose = f" of {', '.join(f'user {user}' for user in order.users)}" if order.users else ""
        told = [f"connections out to {ports}{whose}"]
    else:
        told = [f"new connections out to {ports} beyond {tell_rate(order)} (the first {order.burst} pass)"]
    if order.destroy and kind != "throttle_outbound":
        told.append("connections of that kind that exist already are ended")
    return told


def _list_staying(kind: str, order: FirewallOrder) -> list[str]:
    told = [
        f"this session: {each.remote}:{each.remote_port} to {each.local}:{each.local_port}" for each in order.sessions
    ]
    if order.management:
        told.append("networks: " + ", ".join(order.management))
    if kind == "isolate_host":
        return [*told, "loopback, DHCP, neighbour discovery"]
    return [*told, "everything else"]


def _list_ends(record: ContainmentRecord) -> list[str]:
    told = []
    if record.opens is not None:
        seconds = round((record.opens - record.since).total_seconds())
        told.append(f"by itself after {seconds} s, unless: codered contain confirm {record.plan}")
    if record.undo_at is not None:
        told.append(f"at {tell_time(record.undo_at)}: undone, and if the tool is dead by then the kernel opens it")
    return [*told, f"with: codered contain off {record.plan}"]


def render_status(status: ContainmentStatus, now: datetime) -> str:
    """One containment as it stands."""
    told = [_STATES[status.state]]
    if status.opens is not None:
        told.append(f"opens in {max(0, round((status.opens - now).total_seconds()))} s")
    if status.undo_at is not None:
        told.append(f"undone at {tell_time(status.undo_at)}")
    if status.state != "off":
        told.append(f"{count_of(status.packets, 'packet')} stopped")
        told.append(f"kept by process {status.kept_by}" if status.kept_by else "nobody keeps it")
    if status.survives_reboot:
        told.append("survives a reboot")
    lines = [f"{status.plan}: {_TITLES.get(status.kind, status.kind)}: {told[0]}", "  " + "; ".join(told[1:])]
    if status.order is not None and status.state != "off":
        holds = status.state in ("holding", "armed")
        lines += [f"  {'stops ' if holds else 'meant '}  {each}" for each in _list_stopped(status.kind, status.order)]
        lines += [f"  stays   {each}" for each in _list_staying(status.kind, status.order) if holds]
    if status.frozen:
        lines.append(f"  frozen  {', '.join(f'process {pid}' for pid in status.frozen[:_MOST_TOLD])}")
    lines += [f"  since {tell_time(status.since)}: {_shorten(printable(status.because))}"]
    return "\n".join(line for line in lines if line.strip()) + "\n"


def _shorten(text: str) -> str:
    """The whole of it stands in --json."""
    return text if len(text) <= _MOST_LETTERS else text[: _MOST_LETTERS - 1].rpartition(" ")[0] + " …"


def answer_status(statuses: tuple[ContainmentStatus, ...]) -> int:
    """1 if one stands open that should not, 3 if one holds and nobody keeps it, else 0."""
    if any(each.state in ("opened", "flushed") for each in statuses):
        return ExitCode.FOUND
    unkept = any(each.state != "off" and not each.kept_by for each in statuses)
    return ExitCode.INCOMPLETE if unkept else ExitCode.CLEAN


def tell_ports(ports: tuple[PortRange, ...]) -> str:
    """Ports in words."""
    if not ports:
        return "all ports"
    return ", ".join(
        f"{each.protocol} {each.first}" + (f"-{each.last}" if each.last > each.first else "") for each in ports
    )


def tell_rate(order: FirewallOrder) -> str:
    """A rate in words."""
    rate, unit = split_rate(order.per_second)
    return f"{rate:,} {'an' if unit == 'hour' else 'a'} {unit}"


def tell_time(at: datetime) -> str:
    """A time of this day or another."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
