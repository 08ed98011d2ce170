"""The rules of a containment, as libnftables takes them. What they must be was measured:

before connection tracking (-310) nothing may ask for `ct`, and after it (-150) it may; connections of the responder are
allowed by their exact four numbers, for "established" would keep the worm's own; the IP layer does not see raw frames,
so each device gets a chain of its own; where an order must be confirmed, the first rule lets everything pass as soon as
the kernel has forgotten the elements of the set `armed`: nobody of us needs to be alive for that.
"""

from typing import Literal, NamedTuple

from codered.model.firewall import ContainKind, FirewallOrder, Session
from codered.remediate.firewall.nft import Part
from codered.remediate.firewall.orders import Network, merge_ports, read_address, read_networks

BEFORE_TRACKING, AFTER_TRACKING = -310, -150
ARMED, STOPPED, RATES, FRAMES, GENUINE = "armed", "stopped", "rates", "frames", "genuine"
Rule = tuple[Part, ...]

_ACCEPT: Part = {"accept": None}
_STOP: Rule = ({"counter": STOPPED}, {"drop": None})
_SYN: Rule = (
    {
        "match": {
            "op": "==",
            "left": {"&": [{"payload": {"protocol": "tcp", "field": "flags"}}, {"|": ["syn", "ack"]}]},
            "right": "syn",
        }
    },
)
_BEGUN_HERE: Rule = ({"match": {"op": "==", "left": {"ct": {"key": "direction"}}, "right": "original"}},)
# What went through the IP layer has a route, with a class whatever it is; a raw frame has none, and this breaks off.
_JUDGED: Part = {"match": {"op": "!=", "left": {"meta": {"key": "rtclassid"}}, "right": 0xFFFFFFFF}}
_NEIGHBOURS = ["nd-router-solicit", "nd-router-advert", "nd-neighbor-solicit", "nd-neighbor-advert"]
_LISTENERS = ["mld-listener-report", "mld-listener-done", "mld2-listener-report"]
_ETHER_TYPES = {"ip": 0x0800, "ip6": 0x86DD, "arp": 0x0806}
_EAPOL = 0x888E
_TAGS = [0x8100, 0x88A8, 0x8863, 0x8864]  # VLAN, PPPoE


class Chain(NamedTuple):
    """A chain and its rules; `hook` "" = it is only jumped to."""

    name: str
    rules: tuple[Rule, ...]
    hook: str = ""
    priority: int = 0
    policy: str = "accept"


def make_chains(kind: ContainKind, order: FirewallOrder) -> tuple[Chain, ...]:
    """The chains of the table that sees what goes through the IP layer. Raises ValueError (an address that is none)."""
    gate = _open_unless_armed("nfproto", order)
    if kind == "isolate_host":
        inward = (*gate, (_match(_meta("iif"), "lo"), _ACCEPT), *_allow(order, inward=True), *_keep_address_in())
        outward = (*gate, (_match(_meta("oif"), "lo"), _ACCEPT), *_allow(order), *_keep_address_out())
        return (
            Chain("input", (*inward, _STOP), "input", BEFORE_TRACKING, "drop"),
            Chain("output", (*outward, _STOP), "output", BEFORE_TRACKING, "drop"),
            # What containers and guests of this host send, and what it routes, is its traffic too.
            Chain("forward", (*gate, _STOP), "forward", BEFORE_TRACKING, "drop"),
        )
    allowed = (*gate, (_match(_meta("oif"), "lo"), _ACCEPT), *_allow(order))
    # What comes in for a port that a container publishes is no outbound connection.
    published: Rule = (_match({"ct": {"key": "status"}}, "dnat", "in"), _ACCEPT)
    forwarded = (*gate, published, *_allow_networks(order))
    tracked: tuple[Rule, ...]
    if kind == "block_outbound":
        first, tracked = _close_ports(order, ("tcp",), _SYN), _close_ports(order, ("udp",), _BEGUN_HERE)
        through = _close_ports(order, ("tcp", "udp"), _BEGUN_HERE)
        if order.users:  # what is forwarded is no user's of this host
            whose: Rule = (_match(_meta("skuid"), {"set": list(order.users)}),)
            first, tracked, through = (tuple((*whose, *rule) for rule in rules) for rules in (first, tracked, ()))
    else:
        first, tracked = _slow_tcp(order), _slow_udp(order)
        through = (*first, *tracked)
    return (
        Chain("output", (*allowed, *first), "output", BEFORE_TRACKING),
        # Only connection tracking knows of a datagram whether it opens something new, or answers.
        *((Chain("tracked", (*allowed, *tracked), "output", AFTER_TRACKING),) if tracked else ()),
        *((Chain("forward", (*forwarded, *through), "forward", AFTER_TRACKING),) if through else ()),
    )


def make_frame_chains(kind: ContainKind, order: FirewallOrder) -> tuple[Chain, ...]:
    """The chains that the devices' own chains jump to: they see raw frames as well. Raises ValueError."""
    gate = _open_unless_armed("oifname", order)
    if kind == "isolate_host":
        translated = tuple(_allow_translated(session) for session in order.sessions)
        rules = (*gate, *_keep_link(), *_allow(order), *translated, *_keep_address_out(), _STOP)
    elif kind == "block_outbound":
        tcp, udp = _close_ports(order, ("tcp",), _SYN), _close_ports(order, ("udp",))
        answers: tuple[Rule, ...] = ((_JUDGED, _ACCEPT),) if udp else ()  # here nobody can tell them from the rest
        rules = (*gate, *_allow(order), *tcp, *answers, *udp)
    else:
        rules = (*gate, *_allow_networks(order), *_slow_tcp(order))
    # A raw frame may name a protocol to this host and another to the world.
    lies = [
        (_match(_meta("protocol"), name), _match(_load_ether_type(), number, "!="), *_STOP)
        for name, number in _ETHER_TYPES.items()
    ]
    return (Chain(FRAMES, rules), Chain(GENUINE, (*gate, *lies)))


def make_device_rules(*, ethernet: bool, carries: bool) -> tuple[Rule, ...]:
    """The rules of a device's own chain. A device that `carries` another lets tagged frames pass: that other device has
    a chain too.
    """
    tags: Rule = (_match(_meta("protocol"), {"set": list(_TAGS)}), _ACCEPT)
    jumps: tuple[Rule, ...] = (({"jump": {"target": GENUINE}},),) if ethernet else ()
    return (*jumps, *((tags,) if carries else ()), ({"jump": {"target": FRAMES}},))


def _open_unless_armed(key: str, order: FirewallOrder) -> tuple[Rule, ...]:
    return ((_match(_meta(key), f"@{ARMED}", "!="), _ACCEPT),) if order.confirm_within else ()


def _allow(order: FirewallOrder, *, inward: bool = False) -> tuple[Rule, ...]:
    """The responder's sessions and the management networks."""
    sessions = tuple(_allow_session(session, inward=inward) for session in order.sessions)
    return (*sessions, *_allow_networks(order, inward=inward))


def _allow_session(session: Session, *, inward: bool) -> Rule:
    local, remote = read_address(session.local), read_address(session.remote)
    family = "ip" if local.version == 4 else "ip6"
    here, there = ("daddr", "saddr") if inward else ("saddr", "daddr")
    own, other = ("dport", "sport") if inward else ("sport", "dport")
    return (
        _match(_payload(family, here), str(local)),
        _match(_payload(family, there), str(remote)),
        _match(_payload("tcp", own), session.local_port),
        _match(_payload("tcp", other), session.remote_port),
        _ACCEPT,
    )


def _allow_translated(session: Session) -> Rule:
    """The session behind this host's own address translation: its numbers differ here. The IP layer has judged it."""
    remote = read_address(session.remote)
    family = "ip" if remote.version == 4 else "ip6"
    there = (_match(_payload(family, "daddr"), str(remote)), _match(_payload("tcp", "dport"), session.remote_port))
    return (*there, _JUDGED, _ACCEPT)


def _allow_networks(order: FirewallOrder, *, inward: bool = False) -> tuple[Rule, ...]:
    field = "saddr" if inward else "daddr"
    found = []
    four, six = read_networks(order)
    by_family: tuple[tuple[str, tuple[Network, ...]], ...] = (("ip", four), ("ip6", six))
    for family, nets in by_family:
        if nets:
            prefixes = [{"prefix": {"addr": str(net.network_address), "len": net.prefixlen}} for net in nets]
            found.append((_match(_payload(family, field), {"set": prefixes}), _ACCEPT))
    return tuple(found)


def _keep_address_in() -> tuple[Rule, ...]:
    """What keeps this host's address alive, and what an allowed connection must hear: that a packet was too large."""
    too_large: Rule = (
        _match(_payload("icmp", "type"), "destination-unreachable"),
        _match(_payload("icmp", "code"), "frag-needed"),
        _ACCEPT,
    )
    six: Rule = (
        _match(_payload("udp", "dport"), 546),
        _match(_payload("ip6", "saddr"), _prefix("fe80::", 10)),
        _ACCEPT,
    )
    return (
        (_match(_payload("udp", "sport"), 67), _match(_payload("udp", "dport"), 68), _ACCEPT),
        six,
        _allow_neighbours(),
        too_large,
        (_match(_payload("icmpv6", "type"), "packet-too-big"), _ACCEPT),
    )


def _keep_address_out() -> tuple[Rule, ...]:
    groups = _match(_payload("ip6", "daddr"), _prefix("ff02::", 16))
    return (
        (_match(_payload("udp", "sport"), 68), _match(_payload("udp", "dport"), 67), _ACCEPT),
        (_match(_payload("udp", "sport"), 546), _match(_payload("udp", "dport"), 547), groups, _ACCEPT),
        _allow_neighbours(),
        (_match(_payload("icmpv6", "type"), {"set": list(_LISTENERS)}), groups, _ACCEPT),
    )


def _allow_neighbours() -> Rule:
    kinds = _match(_payload("icmpv6", "type"), {"set": list(_NEIGHBOURS)})
    return (kinds, _match(_payload("ip6", "hoplimit"), 255), _ACCEPT)


def _keep_link() -> tuple[Rule, ...]:
    """What keeps the cable alive: ARP, the log-in to a switch or radio, and what no bridge passes on (LACP, STP)."""
    masked: Part = {"&": [_payload("ether", "daddr"), "ff:ff:ff:ff:ff:f0"]}
    return (
        (_match(_meta("protocol"), "arp"), _ACCEPT),
        (_match(_meta("protocol"), _EAPOL), _ACCEPT),
        (_match(masked, "01:80:c2:00:00:00"), _ACCEPT),
    )


def _close_ports(
    order: FirewallOrder, protocols: tuple[Literal["tcp", "udp"], ...], only: Rule = ()
) -> tuple[Rule, ...]:
    """No packets to these ports, of those that `only` means: whoever comes from such a port is answered."""
    rules = []
    for protocol in protocols:
        if ranges := merge_ports(order.ports, protocol):
            rules.append((*only, _match(_payload(protocol, "dport"), _make_set(ranges)), *_STOP))
    return tuple(rules)


def _slow_tcp(order: FirewallOrder) -> tuple[Rule, ...]:
    ranges = merge_ports(order.ports, "tcp")
    if order.ports and not ranges:
        return ()
    ports = (_match(_payload("tcp", "dport"), _make_set(ranges)),) if ranges else ()
    return ((*_SYN, *ports, _count_new(order), *_STOP),)


def _slow_udp(order: FirewallOrder) -> tuple[Rule, ...]:
    ranges = merge_ports(order.ports, "udp")
    if order.ports and not ranges:
        return ()
    which = (
        _match(_payload("udp", "dport"), _make_set(ranges)) if ranges else _match(_meta("l4proto"), "udp")
    )  # fmt: skip
    return ((which, _match({"ct": {"key": "state"}}, "new", "in"), _count_new(order), *_STOP),)


def _count_new(order: FirewallOrder) -> Part:
    """True for what goes beyond the rate, counted for each protocol and port."""
    rate, unit = split_rate(order.per_second)
    limit: Part = {"limit": {"rate": rate, "per": unit, "burst": order.burst, "inv": True}}
    key = {"concat": [_meta("l4proto"), _payload("th", "dport")]}
    return {"set": {"op": "update", "elem": key, "set": f"@{RATES}", "stmt": [limit]}}


def split_rate(per_second: float) -> tuple[int, str]:
    """The rate in whole numbers, as the kernel takes it: so many a second, minute or hour."""
    for seconds, unit in ((1, "second"), (60, "minute")):
        if per_second * seconds >= 1 and float(per_second * seconds).is_integer():
            return round(per_second * seconds), unit
    return max(1, round(per_second * 3600)), "hour"


def _make_set(ranges: tuple[tuple[int, int], ...]) -> Part:
    return {"set": [first if first == last else {"range": [first, last]} for first, last in ranges]}


def _match(left: Part, right: object, op: str = "==") -> Part:
    return {"match": {"op": op, "left": left, "right": right}}


def _meta(key: str) -> Part:
    return {"meta": {"key": key}}


def _payload(protocol: str, field: str) -> Part:
    return {"payload": {"protocol": protocol, "field": field}}


def _prefix(address: str, length: int) -> Part:
    return {"prefix": {"addr": address, "len": length}}


def _load_ether_type() -> Part:
    return {"payload": {"base": "ll", "offset": 96, "len": 16}}
