"""What Suricata and Snort look for: the requests and payloads of packs, before they are written in either dialect."""

import urllib.parse
from collections.abc import Iterator
from typing import Literal, NamedTuple

from codered.export.indicators.conditions import Condition, Either, Every, Here, Several, UnsayableError, read_condition
from codered.export.indicators.exported import LeftOut
from codered.export.indicators.patterns import ANYWHERE, Branch, Spelling, parse_pattern, spell_pattern
from codered.export.indicators.requests import split_method
from codered.export.indicators.shared_signs import Shared, share_signs
from codered.model.indicators import LogIndicator, TrafficIndicator
from codered.model.rule import ParsedPack, Rule, RuleString

LEAST_LITERAL = 4
MOST_CHOICES = 16  # rules that one sign becomes
Part = Literal["uri", "raw_uri", "agent", "referer", "payload"]
_NOT_LITERAL = ("(", "[", "^", "$", ".")
_RAW = ("..", "%u", "%%", "%25", "%c")
"""What an engine changes when it decodes an address and resolves its dots: such a pattern needs it as it was sent."""


class Piece(NamedTuple):
    """One thing to look for: bytes, or (`literal` empty) a regular expression."""

    literal: bytes = b""
    pattern: str = ""
    nocase: bool = False


class PacketSign(NamedTuple):
    """One rule to be: `inbound` = somebody attacks an own host, else an own host sends it. `ports` () = the server's;
    `method` is a pattern, `key` the same as long as what is looked for is.
    """

    shared: Shared[LogIndicator] | Shared[TrafficIndicator]
    key: str
    inbound: bool
    protocol: Literal["http", "tcp", "udp", "icmp"]
    part: Part
    pieces: tuple[Piece, ...]
    ports: tuple[int, ...] = ()
    method: str = ""


def list_signs(packs: tuple[ParsedPack, ...]) -> tuple[tuple[PacketSign, ...], tuple[LeftOut, ...]]:
    """The rules that the packs' requests and payloads become, and what can't be said."""
    found: list[PacketSign] = []
    left: list[LeftOut] = []
    for log in share_signs(packs, lambda pack: pack.logs):
        try:
            found += _list_log(log)
        except ValueError as error:
            left += log.leave_out(f"logs: {error}")
    rules = {(one.loaded.pack.name, rule.name): rule for one in packs for rule in one.rules}
    for sent in share_signs(packs, lambda pack: pack.traffic):
        try:
            rule = rules.get((sent.packs[0].name, sent.sign.rule))
            found += _list_pattern(sent) if sent.sign.pattern else _list_rule(sent, rule)
        except ValueError as error:
            left += sent.leave_out(f"traffic: {error}")
    return tuple(found), tuple(left)


def _list_log(shared: Shared[LogIndicator]) -> Iterator[PacketSign]:
    """A request that a server logs is one that comes in."""
    sign = shared.sign
    if sign.part == "error":
        raise UnsayableError("what a server writes into its error log is never on the wire")
    if sign.part == "request":
        yield from _list_request(shared, inbound=True, literals=sign.literals)
        return
    branches = parse_pattern(sign.pattern)
    part: Part = "agent" if sign.part == "agent" else "referer"
    found = _make_choices(branches, spell_pattern(branches, Spelling(path="^")), sign.literals)
    for number, pieces in enumerate(found):
        yield PacketSign(shared, f"{shared.key} {number}", True, "http", part, pieces)


def _list_request(
    shared: Shared[LogIndicator] | Shared[TrafficIndicator], *, inbound: bool, literals: tuple[str, ...] = ()
) -> Iterator[PacketSign]:
    sign = shared.sign
    apart = split_method(sign.pattern)
    method = spell_pattern((apart.method,), Spelling()) if apart.method else ""
    pattern = spell_pattern(apart.rest, Spelling(path="^"))
    plain = sign.pattern.replace("\\", "")
    part: Part = "raw_uri" if any(each in plain for each in _RAW) else "uri"
    if part == "uri":  # decoded by the engine before it looks
        literals = tuple(urllib.parse.unquote(literal, "latin-1") for literal in literals)
    ports = sign.ports if isinstance(sign, TrafficIndicator) else ()
    for number, pieces in enumerate(_make_choices(apart.rest, pattern, literals)):
        yield PacketSign(shared, f"{shared.key} {inbound} {number}", inbound, "http", part, pieces, ports, method)


def _list_pattern(shared: Shared[TrafficIndicator]) -> Iterator[PacketSign]:
    """A pattern over the first line: as a request where it asks for a method, else over the first bytes."""
    sign = shared.sign
    is_request = sign.protocol == "tcp" and bool(split_method(sign.pattern).method)
    branches = parse_pattern(sign.pattern)
    pattern = spell_pattern(branches, Spelling(path="(^| )", end=r"(?=\r|\n|$)", dot=r"[^\r\n]"))
    for inbound in _list_directions(sign):
        if is_request:
            yield from _list_request(shared, inbound=inbound)
            continue
        for number, pieces in enumerate(_make_choices(branches, pattern, ())):
            key = f"{shared.key} {inbound} {number}"
            yield PacketSign(shared, key, inbound, sign.protocol, "payload", pieces, sign.ports)


def _list_directions(sign: TrafficIndicator) -> tuple[bool, ...]:
    """Whether what is sent comes in, for each direction."""
    return {"out": (False,), "in": (True,), "both": (True, False)}[sign.direction]


def _list_rule(shared: Shared[TrafficIndicator], rule: Rule | None) -> Iterator[PacketSign]:
    if rule is None:
        raise UnsayableError("its rule is missing")
    sign = shared.sign
    strings = {string.name: string for string in rule.strings}
    for inbound in _list_directions(sign):
        for number, names in enumerate(_choose(read_condition(rule))):
            pieces = tuple(_make_piece(strings[name]) for name in names)
            key = f"{shared.key} {inbound} {number}"
            yield PacketSign(shared, key, inbound, sign.protocol, "payload", pieces, sign.ports)


def _choose(part: Condition) -> list[tuple[str, ...]]:
    """The strings that must all be there, for each way in which the condition holds: these engines know no counting."""
    match part:
        case Here(name=name, first=None):
            return [(name,)]
        case Several(least=least, of=of) if least in (1, len(of)) and all(one.first is None for one in of):
            return [tuple(one.name for one in of)] if least == len(of) else [(one.name,) for one in of]
        case Either(parts=parts):
            return [names for each in parts for names in _choose(each)]
        case Every(parts=parts):
            ways: list[tuple[str, ...]] = [()]
            for each in parts:
                ways = [tuple(dict.fromkeys((*way, *more))) for way in ways for more in _choose(each)]
                if len(ways) > MOST_CHOICES:
                    break
            if len(ways) <= MOST_CHOICES:
                return list(dict.fromkeys(ways))
    raise UnsayableError("its rule counts strings or asks where they stand, which a packet rule can't")


def _make_piece(string: RuleString) -> Piece:
    if string.kind != "text" or set(string.modifiers) - {"ascii", "nocase", "private"}:
        raise UnsayableError("its rule has a string that is no plain text")
    return Piece(string.literal(), nocase="nocase" in string.modifiers)


def _make_choices(branches: tuple[Branch, ...], pattern: str, literals: tuple[str, ...]) -> list[tuple[Piece, ...]]:
    """The pattern behind a literal that the engine finds fast: the longest one it holds, or each of the pack's own."""
    whole = Piece(pattern=pattern, nocase=True)
    best = _find_literal(branches[0]) if len(branches) == 1 else ""
    if len(best) >= LEAST_LITERAL:
        return [(Piece(best.encode(), nocase=True), whole)]
    usable = [literal for literal in literals if " " not in literal.strip() or literal in pattern]
    if usable and len(usable) <= MOST_CHOICES:
        return [(Piece(literal.encode(), nocase=True), whole) for literal in dict.fromkeys(usable)]
    return [(Piece(best.encode(), nocase=True), whole)] if best else [(whole,)]


def _find_literal(branch: Branch) -> str:
    """The longest run of plain characters that every match has."""
    best = run = ""
    for part in (*branch, *ANYWHERE):
        letter = "" if part.branches or part.source in _NOT_LITERAL else part.literal()
        if letter and not part.repeat:
            run += letter
            continue
        if letter and part.least() > 0:
            run += letter
        best, run = max(best, run, key=len), ""
    return best
