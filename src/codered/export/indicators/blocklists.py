"""Addresses to block, for firewalls and name servers: those that packs name, and the attackers of a report."""

import ipaddress
from collections.abc import Iterable

from codered.export.indicators.exported import Export, ExportFile, LeftOut, list_header
from codered.export.indicators.leaving_out import leave_layers
from codered.model.report import Report
from codered.model.rule import ParsedPack

CHECKED_WITH = "nftables and ipset"
MOST_ADDRESSES = 65_000  # an ipset holds 65,536 unless told otherwise

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def make_blocklists(packs: tuple[ParsedPack, ...]) -> Export:
    """Packs name no addresses, for these change hands: what to block comes from a report."""
    left = leave_layers(packs, (), "a pack names no address to block; give a report to list its attackers")
    return Export((), tuple(left))


def block_attackers(packs: tuple[ParsedPack, ...], report: Report) -> Export:
    """The attackers of a report that are no own hosts, in each firewall's form; what can't be blocked is left out."""
    found, left = _list_attackers(report)
    lists = {version: [one for one in found if one.version == version] for version in (4, 6)}
    left += leave_layers(packs, (), "a blocklist holds addresses only")
    if not found:
        return Export((), tuple(left))
    head = (*list_header("Blocklist", CHECKED_WITH, packs), f"Attackers of the report {_show(report.id)}.")
    made = {
        "codered.nft": _write_nft(lists),
        "codered.ipset": _write_ipset(lists),
        "addresses.txt": "".join(f"{one}\n" for one in found),
        "hosts.deny": "".join(f"ALL: {f'[{one}]' if one.version == 6 else one}\n" for one in found),
    }
    comment = "".join(f"# {line}\n" for line in head)
    files = (ExportFile(name, (comment + text).encode()) for name, text in made.items())
    return Export(tuple(files), tuple(left))


def _list_attackers(report: Report) -> tuple[list[Address], list[LeftOut]]:
    """In order of their addresses, each once."""
    found: set[Address] = set()
    left: list[LeftOut] = []
    summaries = (each for each in (report.logs, report.traffic) if each is not None)
    for attacker in (attacker for each in summaries for attacker in each.attackers):
        name = f"report/{_show(attacker.address)}"
        if attacker.internal:
            left.append(LeftOut(name, "an own host: look at it first"))
            continue
        if attacker.like_sweep:
            left.append(LeftOut(name, "looks like a sweep by this tool: see that it was yours first"))
            continue
        address = _read(attacker.address)
        if address is None:
            left.append(LeftOut(name, "no address that can be blocked"))
        else:
            found.add(address)
    ordered = sorted(found, key=lambda one: (one.version, int(one)))
    left += [LeftOut(f"report/{one}", f"more than {MOST_ADDRESSES} addresses") for one in ordered[MOST_ADDRESSES:]]
    return ordered[:MOST_ADDRESSES], left


def _read(text: str) -> Address | None:
    """The address if it can be somebody else's: a report may be forged, and must not cut off the host itself."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and (address.scope_id or address.ipv4_mapped):
        return None
    odd = address.is_loopback or address.is_multicast or address.is_unspecified or address.is_link_local
    return None if odd or address == ipaddress.IPv4Address("255.255.255.255") else address


def _show(text: str) -> str:
    return "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in text[:60])


def _write_nft(lists: dict[int, list[Address]]) -> str:
    """A table of its own: loading it again replaces it, deleting it takes everything back."""
    lines = ["table inet codered-blocklist", "delete table inet codered-blocklist", "table inet codered-blocklist {"]
    for version, found in lists.items():
        lines += [f"\tset attackers{version} {{", f"\t\ttype ipv{version}_addr"]
        if found:
            lines.append(f"\t\telements = {{ {', '.join(map(str, found))} }}")
        lines.append("\t}")
    lines += ["\tchain input {", "\t\ttype filter hook input priority -10; policy accept;"]
    lines += ["\t\tip saddr @attackers4 drop", "\t\tip6 saddr @attackers6 drop", "\t}", "}"]
    return "".join(f"{line}\n" for line in lines)


def _write_ipset(lists: dict[int, list[Address]]) -> str:
    """For `ipset restore -exist`; a rule of iptables must name the sets."""
    return "".join(_write_set(version, found) for version, found in lists.items())


def _write_set(version: int, found: Iterable[Address]) -> str:
    name = f"codered-attackers{version}"
    family = "inet" if version == 4 else "inet6"
    return f"create {name} hash:ip family {family}\n" + "".join(f"add {name} {one}\n" for one in found)
