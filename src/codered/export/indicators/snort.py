"""Packs as Snort 2 rules: requests by its modifiers for addresses and headers, payloads as they are."""

from codered.export.indicators.exported import Export
from codered.export.indicators.packet_rules import list_methods, make_rules, write_content, write_pattern
from codered.export.indicators.packet_signs import PacketSign, Piece
from codered.model.rule import ParsedPack

CHECKED_WITH = ""
"""No engine can be had; our tests read the rules with suricataparser."""

_BUFFERS = {
    "uri": ("http_uri", "U"), "raw_uri": ("http_raw_uri", "I"), "agent": ("http_header", "H"),
    "referer": ("http_header", "H"), "payload": ("", ""),
}  # fmt: skip
_HEADERS = {"agent": "User-Agent", "referer": "Referer"}


def make_snort(packs: tuple[ParsedPack, ...]) -> Export:
    """`codered.rules` for Snort 2.9: what the packs say of logs as attacks that come in, their traffic as it goes."""
    return make_rules(packs, "Snort 2", "codered.rules", _write)


def _write(sign: PacketSign) -> tuple[str, list[str]]:
    protocol = "tcp" if sign.protocol == "http" else sign.protocol
    ports = "any" if protocol == "icmp" else "$HTTP_PORTS"
    if sign.ports and protocol != "icmp":
        ports = f"[{','.join(map(str, sign.ports))}]"
    ends = f"any any -> $HOME_NET {ports}" if sign.inbound else f"$HOME_NET any -> any {ports}"
    options = ["flow:to_server,established"] if protocol == "tcp" else []
    if one := list_methods(sign.method):
        options += [f'content:"{one}"', "http_method"]
    elif sign.method:
        options.append(f'pcre:"/{write_pattern(sign.method)}/M"')
    longest = max(sign.pieces, key=lambda piece: len(piece.literal))
    for piece in sign.pieces:
        options += _write_piece(sign, piece, fast=piece is longest)
    return f"alert {protocol} {ends}", options


def _write_piece(sign: PacketSign, piece: Piece, *, fast: bool) -> list[str]:
    modifier, letter = _BUFFERS[sign.part]
    if piece.literal:
        options = [f'content:"{write_content(piece.literal)}"', *["nocase"] * piece.nocase]
        return [*options, *([modifier] if modifier else []), *["fast_pattern"] * fast]
    pattern = write_pattern(piece.pattern)
    if header := _HEADERS.get(sign.part):
        pattern, letter = _write_header(header, pattern), "Hm"
    return [f'pcre:"/{pattern}/{letter}{"i" * piece.nocase}"']


def _write_header(header: str, pattern: str) -> str:
    """The pattern within one header's line: `^` and `$` are its value's ends."""
    start = rf"^{header}\x3a[ \t]*" if pattern.startswith("^") else rf"^{header}\x3a[^\r\n]*"
    body = pattern.removeprefix("^")
    ending = r"\r?$" if body.endswith("$") and not body.endswith(r"\$") else ""
    return f"{start}({body.removesuffix('$') if ending else body}){ending}"
