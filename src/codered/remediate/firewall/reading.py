"""What the kernel has of our tables: whether they are there, whole as they were ordered, armed, what they stopped."""

import hashlib
from collections.abc import Iterable
from typing import Literal, NamedTuple

import msgspec

from codered.model.firewall import ContainKind, FirewallOrder, FirewallState
from codered.remediate.firewall.links import Link, list_links
from codered.remediate.firewall.nft import Nft, Part
from codered.remediate.firewall.orders import digest_order
from codered.remediate.firewall.requests import (
    DEVICE,
    FAMILIES,
    IP_VERSIONS,
    UNFRAMED,
    comment_rules,
    name_device_chain,
)
from codered.remediate.firewall.rules import (
    ARMED,
    RATES,
    STOPPED,
    Chain,
    make_chains,
    make_device_rules,
    make_frame_chains,
)
from codered.remediate.firewall.table_flags import read_table_flags

Arming = Literal["stays", "armed", "opened"]
_CLOSING = 2.0  # seconds
_MOVING = ("handle", "packets", "bytes", "expires", "timeout", "used")


class Holding(NamedTuple):
    """A containment as the kernel has it now. `whole`: exactly as ordered; `arming`: it stays, opens by itself in
    `opens_in` seconds, or has opened; `packets` were stopped; `fingerprint` that of all there is, but for
    what moves by itself ("" = nothing is there); `uncovered` devices came up, or got their names, later and send raw
    frames unseen;
    `frames` whether raw frames are stopped at all.
    """

    there: bool
    whole: bool
    arming: Arming = "stays"
    opens_in: float = 0.0
    packets: int = 0
    fingerprint: str = ""
    uncovered: tuple[str, ...] = ()
    frames: bool = False


class Seen(NamedTuple):
    """Our tables' parts, by family."""

    parts: dict[str, list[Part]]

    def take(self, family: str, kind: str) -> list[Part]:
        """The parts of a kind ("chain", "rule", …) in their order."""
        found = (part[kind] for part in self.parts.get(family, ()) if kind in part)
        return [part for part in found if isinstance(part, dict)]


def see_tables(nft: Nft, name: str) -> Seen:
    """Whatever there is under this name. Raises FirewallFailed."""
    found: dict[str, list[Part]] = {}
    for family in FAMILIES:
        if flags := read_table_flags(family, name):  # not ours any more, and not to be read with libnftables
            found[family] = [{"table": {"family": family, "name": name, "flags": flags}}]
        elif (parts := nft.list_table(family, name)) is not None:
            found[family] = parts
    return Seen(found)


def read_rules(nft: Nft, kind: ContainKind, name: str, order: FirewallOrder) -> FirewallState:
    """The state of the tables: absent, as ordered, or something else (then `rules` is the hash of what is there).
    Raises FirewallFailed, ValueError.
    """
    seen = see_tables(nft, name)
    if not seen.parts:
        return FirewallState(name=name)
    whole = _is_whole(seen, kind, order)
    return FirewallState(name=name, rules=digest_order(kind, name, order) if whole else hash_seen(seen))


def read_holding(nft: Nft, kind: ContainKind, name: str, order: FirewallOrder) -> Holding:
    """All about a containment that can be read from the kernel. Raises FirewallFailed, ValueError, OSError."""
    seen = see_tables(nft, name)
    if not seen.parts:
        return Holding(there=False, whole=False)
    arming, opens_in = read_arming(seen, order)
    return Holding(
        there=True,
        whole=_is_whole(seen, kind, order),
        arming=arming,
        opens_in=opens_in,
        packets=count_stopped(seen),
        fingerprint=hash_seen(seen),
        uncovered=tuple(link.name for link in list_uncovered(seen, order, list_links())),
        frames="netdev" in seen.parts,
    )


def read_arming(seen: Seen, order: FirewallOrder) -> tuple[Arming, float]:
    """Whether it opens by itself, and in how many seconds (whole ones). It has opened when all that armed it is gone;
    why, the kernel does not say: before its time, or after it was confirmed, somebody took it away.
    """
    if not order.confirm_within or _is_flagged(seen):
        return "stays", 0.0
    found = [element for family in FAMILIES for element in _read_armed(seen, family)]
    left = [seconds for _, seconds in found if seconds is not None]
    if not found:
        return "opened", 0.0
    return ("armed", min(left)) if left else ("stays", 0.0)


def list_armed(seen: Seen, family: str) -> list[str]:
    """The elements by which it still holds: versions of IP, or devices."""
    return [value for value, _ in _read_armed(seen, family)]


def is_arming_whole(seen: Seen, order: FirewallOrder) -> bool:
    """Whether all that arms it is there, or nothing is: one part alone opens a part of the host."""
    arming, left = read_arming(seen, order)
    # The last elements may go within seconds of each other: whole seconds were asked of the kernel.
    if not order.confirm_within or arming == "opened" or (arming == "armed" and left <= _CLOSING):
        return True
    frames = list_armed(seen, "netdev") or not list_chained(seen)
    return bool(frames) and set(list_armed(seen, "inet")).issuperset(IP_VERSIONS)


def list_chained(seen: Seen) -> frozenset[str]:
    """The names of the devices' own chains."""
    names = (str(chain.get("name")) for chain in seen.take("netdev", "chain"))
    return frozenset(name for name in names if name.startswith(DEVICE))


def list_uncovered(seen: Seen, order: FirewallOrder, links: Iterable[Link]) -> tuple[Link, ...]:
    """The devices whose raw frames pass though they should not."""
    chained, armed = list_chained(seen), list_armed(seen, "netdev")
    by_name = order.confirm_within and read_arming(seen, order)[0] != "opened"
    return tuple(
        link for link in links if name_device_chain(link) not in chained or (by_name and link.name not in armed)
    )


def count_stopped(seen: Seen) -> int:
    """How many packets and frames were stopped."""
    total = 0
    for family in FAMILIES:
        for counter in seen.take(family, "counter"):
            packets = counter.get("packets")
            if counter.get("name") == STOPPED and isinstance(packets, int):
                total += packets
    return total


def hash_seen(seen: Seen) -> str:
    """The SHA-256 of all that is there, but for handles, counts and what times out."""
    kept = [
        [family, _strip(part)] for family in FAMILIES for part in seen.parts.get(family, ()) if "metainfo" not in part
    ]
    return hashlib.sha256(msgspec.json.encode(kept, order="deterministic")).hexdigest()


def _strip(part: Part) -> Part:
    return {kind: _strip_inner(inner) if isinstance(inner, dict) else inner for kind, inner in part.items()}


def _strip_inner(inner: Part) -> Part:
    ours = inner.get("name") in (ARMED, RATES)
    return {key: value for key, value in inner.items() if key not in _MOVING and not (ours and key == "elem")}


def _is_whole(seen: Seen, kind: ContainKind, order: FirewallOrder) -> bool:
    if "inet" not in seen.parts:
        return False
    passing = any(counter.get("name") == UNFRAMED for counter in seen.take("inet", "counter"))
    framed = order.frames and not passing
    if _is_flagged(seen) or not is_arming_whole(seen, order):
        return False
    if framed != ("netdev" in seen.parts) or not _has_sets(seen, kind, order):
        return False
    if _list_chains(seen, "inet") != _expect(make_chains(kind, order)):
        return False
    return not framed or _are_frames_whole(seen, kind, order)


def _are_frames_whole(seen: Seen, kind: ContainKind, order: FirewallOrder) -> bool:
    """Devices go, and their chains with them: which are there is not compared, what is in them is."""
    chains = _list_chains(seen, "netdev")
    devices = {name: chain for name, chain in chains.items() if name.startswith(DEVICE)}
    if {name: chain for name, chain in chains.items() if name not in devices} != _expect(
        make_frame_chains(kind, order)
    ):
        return False
    policy = "drop" if kind == "isolate_host" else "accept"
    made = [
        make_device_rules(ethernet=ethernet, carries=carries) for ethernet in (True, False) for carries in (True, False)
    ]
    right = [(("egress", 0, policy), comment_rules(rules)) for rules in made]
    return all(chain in right for chain in devices.values())


def _has_sets(seen: Seen, kind: ContainKind, order: FirewallOrder) -> bool:
    wanted = {name for name, needed in ((ARMED, order.confirm_within), (RATES, kind == "throttle_outbound")) if needed}
    families = [family for family in FAMILIES if family in seen.parts]
    return all({one.get("name") for one in seen.take(family, "set")} == wanted for family in families)


def _list_chains(seen: Seen, family: str) -> dict[str, tuple[object, list[str]]]:
    """Each chain's hook, and the comments of its rules in their order."""
    found: dict[str, tuple[object, list[str]]] = {}
    for chain in seen.take(family, "chain"):
        hook = (chain["hook"], chain.get("prio"), chain.get("policy")) if "hook" in chain else None
        found[str(chain.get("name"))] = (hook, [])
    for rule in seen.take(family, "rule"):
        found.setdefault(str(rule.get("chain")), (None, []))[1].append(str(rule.get("comment", "")))
    return found


def _expect(chains: tuple[Chain, ...]) -> dict[str, tuple[object, list[str]]]:
    return {
        chain.name: ((chain.hook, chain.priority, chain.policy) if chain.hook else None, comment_rules(chain.rules))
        for chain in chains
    }


def _is_flagged(seen: Seen) -> bool:
    return any(table.get("flags") for family in FAMILIES for table in seen.take(family, "table"))


def _read_armed(seen: Seen, family: str) -> list[tuple[str, float | None]]:
    for one in seen.take(family, "set"):
        if one.get("name") == ARMED:
            elements = one.get("elem", [])
            return [_read_element(element) for element in (elements if isinstance(elements, list) else [elements])]
    return []


def _read_element(element: object) -> tuple[str, float | None]:
    """An element's value, and the seconds it has left (None = for ever)."""
    inner = element.get("elem") if isinstance(element, dict) else None
    if not isinstance(inner, dict):
        return str(element), None
    left = inner.get("expires")
    return str(inner.get("val")), float(left) if isinstance(left, int | float) else None
