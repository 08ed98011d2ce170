"""Anchors: the literals without which a file can't match a rule. One missing anchor would be a file never looked at, so
what can't be proven is refused (binaries) or not relied on (text).
"""

from collections.abc import Iterator

import msgspec

from codered.model.indicators import RULE_FACT
from codered.model.pack import ThreatPack
from codered.model.rule import Rule, RuleString

MOST_ATOMS = 64  # above it the engine leaves its fast matcher (measured)
LEAST_BYTES = 4
_HEAD = ("any", "of", "(", "$anchor*", ")")
_ALLOWED = frozenset(["ascii", "wide", "fullword", "private"])


class Flaw(msgspec.Struct, frozen=True):
    """Why a rule can't be used on binaries: its line, what is wrong, what to do."""

    line: int
    what: str
    advice: str


def binary_rules(pack: ThreatPack) -> set[str]:
    """The rules that every binary file is tried on: those of "binary" and "any" indicators, and gates of scripts."""
    gate = pack.script_gate.binary if pack.script_gate else ()
    return {item.rule for item in pack.content if item.scope != "text"} | set(gate)


def place_rules(pack: ThreatPack) -> set[str]:
    """The rules that only file indicators ask for. They need no anchor: a file whose place asks for content is always
    tried on every rule. Where they have good ones, these serve `first` as well.
    """
    elsewhere = {item.rule for item in pack.content} | script_rules(pack)
    return {rule for item in pack.files for rule in item.content} - elsewhere


def script_rules(pack: ThreatPack) -> set[str]:
    """The rules that texts are tried on for the signs of scripts: their gates, and those that are facts."""
    facts = {fact for sign in pack.scripts for fact in (*sign.when, *sign.unless)}
    gate = pack.script_gate.text if pack.script_gate else ()
    return {fact.removeprefix(RULE_FACT) for fact in facts if fact.startswith(RULE_FACT)} | set(gate)


def text_rules(pack: ThreatPack) -> set[str]:
    """The rules that text files are tried on: those of "text" and "any" indicators, of places and of scripts."""
    return {item.rule for item in pack.content if item.scope != "binary"} | place_rules(pack) | script_rules(pack)


def memory_rules(pack: ThreatPack) -> set[str]:
    """The rules that memory is tried on. They need anchors like those for binaries, whatever their scope."""
    return {item.rule for item in pack.content if "memory" in item.where}


def list_anchors(rule: Rule) -> tuple[RuleString, ...]:
    """The strings of a rule whose name starts with `$anchor`."""
    return tuple(string for string in rule.strings if string.name.startswith("$anchor"))


def list_atoms(rule: Rule) -> tuple[bytes, ...]:
    """The byte sequences its anchors stand for; one that is `ascii wide` stands for two."""
    return tuple(atom for anchor in list_anchors(rule) for atom in _atoms(anchor))


def is_anchored(rule: Rule) -> bool:
    """Whether a text rule provably needs one of its anchors; for text these may be `nocase`."""
    return not any(find_flaws(rule, allowed=_ALLOWED | {"nocase"}))


def find_flaws(rule: Rule, allowed: frozenset[str] = _ALLOWED) -> Iterator[Flaw]:
    """What keeps the rule from being used on binaries; `allowed` are the modifiers an anchor may have."""
    if rule.condition[:5] != _HEAD or not _narrows(rule.condition[5:]):
        yield Flaw(
            rule.line,
            f"rule {rule.name} sees binaries, but its condition does not start with `any of ($anchor*)`",
            "write `any of ($anchor*) and (…)`, with any `or` inside the brackets",
        )
    anchors = list_anchors(rule)
    if not anchors:
        yield Flaw(rule.line, f"rule {rule.name} sees binaries and has no anchor", "name its literals $anchor_…")
    for anchor in anchors:
        yield from _anchor_flaws(rule, anchor, allowed)


def _anchor_flaws(rule: Rule, anchor: RuleString, allowed: frozenset[str]) -> Iterator[Flaw]:
    name = f"{anchor.name} of rule {rule.name}"
    if anchor.kind != "text":
        yield Flaw(anchor.line, f"{name} is no plain text", 'an anchor is a literal in double quotes, bytes as "\\xNN"')
        return
    for modifier in anchor.modifiers:
        if modifier not in allowed:
            advice = "an anchor is a plain case-sensitive literal; give it another name, and the rule another anchor"
            yield Flaw(anchor.line, f"{name} has the modifier {modifier}", advice)
    if len(anchor.literal()) < LEAST_BYTES:
        yield Flaw(anchor.line, f"{name} is shorter than {LEAST_BYTES} bytes", "choose a longer literal")


def _narrows(rest: tuple[str, ...]) -> bool:
    """Whether what follows the head can only narrow it: nothing, or an `and` with no `or` outside of brackets."""
    if not rest:
        return True
    depth = 0
    for term in rest:
        depth += (term in ("(", "[")) - (term in (")", "]"))
        if term == "or" and depth == 0:
            return False
    return rest[0] == "and"


def _atoms(anchor: RuleString) -> Iterator[bytes]:
    literal = anchor.literal()
    wide = "wide" in anchor.modifiers
    if not wide or "ascii" in anchor.modifiers:
        yield literal
    if wide:
        yield b"".join(bytes((byte, 0)) for byte in literal)
