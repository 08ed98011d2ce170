"""The kernel's filter in front of our packet socket (classic BPF): what is not about reaching out never gets to us."""

import struct
from collections.abc import Iterable

MOST_PORTS = 48
SNAP = 2304  # bytes of a packet that are kept
_LD_W, _LD_H, _LD_B = 0x20, 0x28, 0x30
_LD_H_X, _LD_B_X = 0x48, 0x50
_LDX_HEAD = 0xB1  # the length of the IPv4 header at k
_LDX_NUMBER, _TAX = 0x01, 0x07
_JEQ, _JGT, _JSET, _JA = 0x15, 0x25, 0x45, 0x05
_AND, _RSH, _ADD_X, _SUB_X = 0x54, 0x74, 0x0C, 0x1C
_STORE, _LOAD = 0x02, 0x60
_RETURN = 0x06
_PROTOCOL, _DIRECTION = 0xFFFFF000, 0xFFFFF004  # what the kernel knows of the packet beside its bytes
_OUTGOING = 4

_Line = tuple[int, str, str, int]


def make_filter(ports: Iterable[int], *, replies: bool) -> bytes:
    """A program (of `struct sock_filter`) for packets that begin at the network header: outgoing SYNs and data to these
    ports, ARP, questions to name servers, their answers and unreachables to us; with `replies` also what answers a SYN.
    """
    chosen = sorted(set(ports))[:MOST_PORTS]
    lines: list[tuple[str, _Line]] = [("", (_LD_W, "", "", _PROTOCOL))]
    for protocol, label in (
        (0x0806, "take"),
        (0x0800, "four0"),
        (0x86DD, "six0"),
        (0x8100, "tagged"),
        (0x88A8, "tagged"),
    ):
        lines += _jump_far(protocol, label)
    lines.append(("", (_RETURN, "", "", 0)))
    lines.append(("tagged", (_LD_H, "", "", 2)))
    for protocol, label in ((0x0806, "take"), (0x0800, "four4"), (0x86DD, "six4"), (0x8100, "take")):
        lines += _jump_far(protocol, label)
    lines.append(("", (_RETURN, "", "", 0)))
    lines.append(("take", (_RETURN, "", "", SNAP)))
    for base in (0, 4):
        lines += _check_four(base, chosen, replies)
        lines += _check_six(base, chosen, replies)
    return _assemble(lines)


def _jump_far(value: int, label: str) -> list[tuple[str, _Line]]:
    """Conditional jumps reach 255 lines only: hop over an unconditional one."""
    return [("", (_JEQ, "+0", "+1", value)), ("", (_JA, label, "", 0))]


def _check_four(base: int, ports: list[int], replies: bool) -> list[tuple[str, _Line]]:
    me = f"four{base}"
    return [
        (me, (_LD_H, "", "", base + 6)),
        ("", (_JSET, f"{me}no", "", 0x1FFF)),
        ("", (_LDX_HEAD, "", "", base)),
        ("", (_LD_B, "", "", base + 9)),
        ("", (_JEQ, f"{me}tcp", "", 6)),
        ("", (_JEQ, f"{me}udp", "", 17)),
        ("", (_JEQ, "", f"{me}no", 1)),
        ("", (_LD_B_X, "", "", base)),
        ("", (_JEQ, f"{me}arriving", f"{me}no", 3)),
        # The length of the payload goes to M[0]: total length - header - TCP header.
        (f"{me}tcp", (_LD_H, "", "", base + 2)),
        ("", (_SUB_X, "", "", 0)),
        ("", (_STORE, "", "", 0)),
        *_check_transport(me, base, ports, replies),
    ]


def _check_six(base: int, ports: list[int], replies: bool) -> list[tuple[str, _Line]]:
    me = f"six{base}"
    return [
        (me, (_LDX_NUMBER, "", "", 40)),
        ("", (_LD_B, "", "", base + 6)),
        ("", (_JEQ, f"{me}tcp", "", 6)),
        ("", (_JEQ, f"{me}udp", "", 17)),
        ("", (_JEQ, f"{me}icmp", "", 58)),
        ("", (_JEQ, f"{me}leaving", "", 0)),  # headers in between: too much for here
        ("", (_JEQ, f"{me}leaving", "", 43)),
        ("", (_JEQ, f"{me}leaving", f"{me}no", 60)),
        (f"{me}leaving", (_LD_W, "", "", _DIRECTION)),
        ("", (_JEQ, f"{me}yes", f"{me}no", _OUTGOING)),
        (f"{me}icmp", (_LD_B_X, "", "", base)),
        ("", (_JEQ, f"{me}arriving", f"{me}no", 1)),
        (f"{me}tcp", (_LD_H, "", "", base + 4)),
        ("", (_STORE, "", "", 0)),
        *_check_transport(me, base, ports, replies),
    ]


def _check_transport(me: str, base: int, ports: list[int], replies: bool) -> list[tuple[str, _Line]]:
    """TCP and UDP behind a network header whose length is in X; M[0] is what is left for TCP."""
    lines: list[tuple[str, _Line]] = [
        ("", (_LD_W, "", "", _DIRECTION)),
        ("", (_JEQ, "", f"{me}in", _OUTGOING)),
        ("", (_LD_B_X, "", "", base + 13)),
        ("", (_AND, "", "", 0x12)),
        ("", (_JEQ, f"{me}yes", "", 0x02)),
        ("", (_LD_H_X, "", "", base + 2)),
        *(("", (_JEQ, f"{me}data", "", port)) for port in ports),
        ("", (_RETURN, "", "", 0)),
        (f"{me}data", (_LD_B_X, "", "", base + 12)),
        ("", (_RSH, "", "", 4)),
        ("", (0x64, "", "", 2)),  # times four: the length of the TCP header
        ("", (_TAX, "", "", 0)),
        ("", (_LOAD, "", "", 0)),
        ("", (_SUB_X, "", "", 0)),
        ("", (_JEQ, f"{me}no", f"{me}yes", 0)),
        (f"{me}in", (_LD_B_X, "", "", base + 13)),
        ("", (_AND, "", "", 0x16)),
    ]
    if replies:
        lines += [("", (_JEQ, f"{me}yes", "", 0x12)), ("", (_JSET, f"{me}yes", "", 0x04))]
    return [
        *lines,
        ("", (_RETURN, "", "", 0)),
        (f"{me}udp", (_LD_H_X, "", "", base)),
        ("", (_JEQ, f"{me}arriving", "", 53)),
        ("", (_LD_H_X, "", "", base + 2)),
        ("", (_JEQ, "", f"{me}no", 53)),
        ("", (_LD_W, "", "", _DIRECTION)),
        ("", (_JEQ, f"{me}yes", f"{me}no", _OUTGOING)),
        (f"{me}arriving", (_LD_W, "", "", _DIRECTION)),
        ("", (_JEQ, f"{me}no", f"{me}yes", _OUTGOING)),
        (f"{me}yes", (_RETURN, "", "", SNAP)),
        (f"{me}no", (_RETURN, "", "", 0)),
    ]


def _assemble(lines: list[tuple[str, _Line]]) -> bytes:
    places = {label: at for at, (label, _) in enumerate(lines) if label}
    program = []
    for at, (_, (code, yes, no, value)) in enumerate(lines):
        if code == _JA:
            program.append(struct.pack("=HBBI", code, 0, 0, places[yes] - at - 1))
            continue
        hops = [_count_hops(label, places, at) for label in (yes, no)]
        program.append(struct.pack("=HBBI", code, *hops, value))
    return b"".join(program)


def _count_hops(label: str, places: dict[str, int], at: int) -> int:
    if not label:
        return 0
    return int(label) if label.startswith("+") else places[label] - at - 1
