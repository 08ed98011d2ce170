"""Verdicts in words: one sentence that says what was counted."""

from codered.detect.scanning.contacts import PortContacts
from codered.detect.scanning.thresholds import Thresholds
from codered.model.traffic import Request, Transport


def explain_scan(port: PortContacts, networks: int, seconds: float, named: int | None) -> str:
    """As "13 of 13 first contacts to port 80 in 11 networks failed in 0.9 s, no name was resolved"."""
    if port.protocol == "arp":
        return f"{port.failed} addresses of the segment were asked for by ARP in {show_seconds(seconds)}, none answered"
    names = "" if named is None else f", {_count_names(named, port.judged)}"
    where = f"{networks} network{'s' * (networks != 1)}"
    return (
        f"{port.failed} of {port.judged} first contacts to {name_port(port.protocol, port.port)} in {where} failed "
        f"in {show_seconds(seconds)}{names}"
    )


def explain_withheld(port: PortContacts, count: int, networks: int, seconds: float) -> str:
    """As "12 first contacts to port 80 in 12 networks failed in 3.0 s, and so did hosts that had answered before"."""
    where = f"{networks} network{'s' * (networks != 1)}"
    return (
        f"{count} first contacts to {name_port(port.protocol, port.port)} in {where} failed "
        f"in {show_seconds(seconds)}, and so did hosts that had answered before"
    )


def explain_request(request: Request, addresses: int) -> str:
    """What was sent, and what that shows."""
    what = "only an infected host sends" if request.convicts else "attackers send"
    where = f"{addresses} addresses" if addresses > 1 else "one address"
    signs = ", ".join(sorted(request.signs))
    return f"sent what {what} ({signs}) to {name_port(request.protocol, request.port)} of {where}"


def explain_gates(port: PortContacts, networks: int, of_last: tuple[int, int], thresholds: Thresholds) -> list[str]:
    """Which gates held a scan back, in words; `of_last` = how many of how many last first contacts went to this port.
    Empty = all were passed.
    """
    if port.protocol == "arp":
        return ["questions by ARP stay in one segment, and a router that is scanned through asks them too"]
    held_back = []
    if networks < thresholds.networks:
        held_back.append(f"only {networks} of the {thresholds.networks} networks that a confirmed scan reaches for")
    mine, of = of_last
    if mine < thresholds.port_share * of:
        held_back.append(f"only {mine} of its last {of} first contacts went to this port")
    return held_back


def name_port(protocol: Transport, port: int) -> str:
    """As "port 80", "UDP port 1434", "ICMP"."""
    if protocol == "tcp":
        return f"port {port}"
    return f"UDP port {port}" if protocol == "udp" else protocol.upper()


def show_seconds(seconds: float) -> str:
    """Rounded as one would say it: below ten with a decimal, from two minutes on in minutes."""
    if seconds >= 120:
        return f"{seconds / 60:.0f} min"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


def _count_names(named: int, judged: int) -> str:
    if not named:
        return "no name was resolved"
    return f"{named} of {judged} had a resolved name"
