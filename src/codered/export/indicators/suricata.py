"""Packs as Suricata rules (6 and later): requests in their own buffers, payloads as they are."""

from codered.export.indicators.exported import Export
from codered.export.indicators.packet_rules import list_methods, make_rules, write_content, write_pattern
from codered.export.indicators.packet_signs import PacketSign
from codered.model.rule import ParsedPack

CHECKED_WITH = ""
"""No engine can be had; our tests read the rules with suricataparser and suricata-check."""

_BUFFERS = {
    "uri": "http.uri", "raw_uri": "http.uri.raw", "agent": "http.user_agent", "referer": "http.referer",
}  # fmt: skip


def make_suricata(packs: tuple[ParsedPack, ...]) -> Export:
    """`codered.rules`: what the packs say of logs as attacks that come in, their traffic by its own direction."""
    return make_rules(packs, "Suricata", "codered.rules", _write)


def _write(sign: PacketSign) -> tuple[str, list[str]]:
    ports = "any"
    if sign.ports and sign.protocol not in ("http", "icmp"):
        ports = f"[{','.join(map(str, sign.ports))}]"
    ends = f"any any -> $HOME_NET {ports}" if sign.inbound else f"$HOME_NET any -> any {ports}"
    options = ["flow:established,to_server"] if sign.protocol in ("http", "tcp") else []
    if sign.protocol == "http":
        options += _write_method(sign)
        options.append(_BUFFERS[sign.part])
    return f"alert {sign.protocol} {ends}", options + _write_pieces(sign)


def _write_method(sign: PacketSign) -> list[str]:
    if not sign.method:
        return []
    if one := list_methods(sign.method):
        return ["http.method", f'content:"{one}"']
    return ["http.method", f'pcre:"/{write_pattern(sign.method)}/"']


def _write_pieces(sign: PacketSign) -> list[str]:
    """The longest literal is what the engine looks for first."""
    options: list[str] = []
    longest = max(sign.pieces, key=lambda piece: len(piece.literal))
    for piece in sign.pieces:
        if piece.literal:
            options.append(f'content:"{write_content(piece.literal)}"')
            options += ["nocase"] * piece.nocase + ["fast_pattern"] * (piece is longest)
        else:
            options.append(f'pcre:"/{write_pattern(piece.pattern)}/{"i" * piece.nocase}"')
    return options
