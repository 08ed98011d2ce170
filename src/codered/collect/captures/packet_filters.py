"""The filter for libpcap: it lets through whatever has a say in `frames` (and some more), so that all else costs next
to nothing. What is cut or lies never meets it: such files are read by our own reader. The first bytes of data come last
in it: where fewer than four follow, a packet is dropped on the spot.
"""

from codered.collect.captures.links import VLAN_TAGS, load_link_types
from codered.collect.request_words import load_request_words

_ETHERNET = 1
_COOKED = (113, 276)
_VLAN = " or ".join(f"ether proto 0x{tag.hex()}" for tag in sorted(VLAN_TAGS))
_PAYLOAD4 = "ip[2:2] - ((ip[0] & 15) << 2) - ((tcp[12] & 0xf0) >> 2) != 0"
_PAYLOAD6 = "ip6[4:2] - ((ip6[52] & 0xf0) >> 2) != 0"


def make_filter(link: int, ports: frozenset[int]) -> str:
    """The expression for frames of this link type, with data to these TCP ports let through."""
    text = f"({_four(ports)}) or ({_six(ports)}) or arp"
    if link not in (_ETHERNET, *_COOKED):
        return f"{text} or not (ip or ip6)"
    hidden = " or ".join(f"ether proto 0x{number}" for number in load_link_types().inside)
    text = (
        f"{text} or {hidden} or not (ip or ip6 or arp or {_VLAN})"  # few, or the link type is wrong: they are counted
    )
    if link != _ETHERNET:
        return f"{text} or {_VLAN}"
    return f"{text} or (vlan and ({text} or (vlan and ({text} or vlan))))"  # what follows `vlan` looks behind its tag


def _four(ports: frozenset[int]) -> str:
    words = [_number(word) for word in sorted(load_request_words())]
    data = " or ".join(f"tcp[((tcp[12] & 0xf0) >> 2):4] = {word}" for word in words)
    wanted = "".join(f"(tcp[2:2] = {port} and {_PAYLOAD4}) or " for port in sorted(ports))
    tcp = f"ip proto 6 and (tcp[13] & 7 != 0 or {wanted}{data})"
    others = "".join(f" or ip proto {number}" for number in (1, 17, *sorted(load_link_types().inside_ip)))
    return f"({tcp}) or ip[6:2] & 0x3fff != 0{others}"


def _six(ports: frozenset[int]) -> str:
    words = [_number(word) for word in sorted(load_request_words())]
    data = " or ".join(f"ip6[40 + ((ip6[52] & 0xf0) >> 2):4] = {word}" for word in words)
    wanted = "".join(f"(ip6[42:2] = {port} and {_PAYLOAD6}) or " for port in sorted(ports))
    return f"ip6[6] != 6 or ip6[53] & 7 != 0 or {wanted}{data}"


def _number(word: bytes) -> str:
    return f"0x{word.hex()}"
