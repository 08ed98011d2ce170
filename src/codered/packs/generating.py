"""Generated YARA sources. Ids, literals and patterns of a pack are data: nothing in them may end a string and go on as
a rule.
"""

import re
from collections.abc import Iterable

from codered.model.ruleset import rule_of_hint, rule_of_indicator, rule_of_payload

RULE_SHAPE = re.compile(r"[A-Za-z_]\w{0,127}", re.ASCII)
ID_SHAPE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MOST_PATTERN = 2000  # characters
NOTHING = "rule nothing { condition: false }\n"


def write_first(atoms: Iterable[bytes]) -> str:
    """One rule that matches where any of the atoms is; as hex, which needs no escaping."""
    strings = [f"$a{n} = {{ {atom.hex(' ')} }}" for n, atom in enumerate(sorted(set(atoms)))]
    return _one_rule("first", strings)


def write_first_text(atoms: Iterable[bytes]) -> str:
    """One rule that matches where any of the atoms is, in any case."""
    strings = [f'$a{n} = "{_escape_bytes(atom)}" nocase' for n, atom in enumerate(sorted(set(atoms)))]
    return _one_rule("first_text", strings)


def write_locate(literals: Iterable[str]) -> str:
    """One rule that matches where any of the literals is, in any case. One that holds another is not needed."""
    lowered = sorted({literal.lower() for literal in literals})
    least = [text for text in lowered if not any(other != text and other in text for other in lowered)]
    return _one_rule("locate", [f'$l{n} = "{_escape_text(text)}" nocase' for n, text in enumerate(least)])


def write_label(indicator_id: str, pattern: str) -> str:
    """One rule, in one line, for a log indicator. Raises ValueError for an id or a pattern that can't stand in one."""
    if not ID_SHAPE.fullmatch(indicator_id):
        raise ValueError("an id is lower-case words joined by `-`")
    name = rule_of_indicator(indicator_id)
    return f"rule {name} {{ strings: $p = /{escape_pattern(pattern)}/ nocase condition: $p }}\n"


def write_hint(name: str, pattern: str) -> str:
    """One rule, in one line, for a pattern of the heuristics. Raises ValueError as `write_label`."""
    if not ID_SHAPE.fullmatch(name):
        raise ValueError("a name is lower-case words joined by `-`")
    return f"rule {rule_of_hint(name)} {{ strings: $p = /{escape_pattern(pattern)}/ nocase condition: $p }}\n"


def write_payload(indicator_id: str, pattern: str, rule: str) -> str:
    """One rule, in one line, for a traffic indicator: its pattern, or (pattern "") that the pack's `rule` matches.
    Raises ValueError as `write_label`, and for a `rule` that can't be a name.
    """
    if not ID_SHAPE.fullmatch(indicator_id):
        raise ValueError("an id is lower-case words joined by `-`")
    name = rule_of_payload(indicator_id)
    if pattern:
        return f"rule {name} {{ strings: $p = /{escape_pattern(pattern)}/ nocase condition: $p }}\n"
    if not RULE_SHAPE.fullmatch(rule):
        raise ValueError("it has neither a pattern nor the name of a rule")
    return f"rule {name} {{ condition: {rule} }}\n"


def escape_pattern(pattern: str) -> str:
    """A regular expression as it stands between two slashes. Raises ValueError when none can be made of it."""
    if not pattern or len(pattern) > MOST_PATTERN:
        raise ValueError(f"a pattern has 1 to {MOST_PATTERN} characters")
    if not pattern.isprintable():
        raise ValueError("a pattern holds printable characters only")
    if pattern.startswith("*"):
        raise ValueError("nothing to repeat before `*`")
    escaped = re.sub(r"\\.|/", lambda found: found[0] if len(found[0]) == 2 else r"\/", pattern)
    if re.sub(r"\\.", "", escaped).endswith("\\"):
        raise ValueError("a `\\` at its end escapes nothing")
    return escaped


def _one_rule(name: str, strings: list[str]) -> str:
    if not strings:
        return NOTHING
    listed = "\n".join(f"  {string}" for string in strings)
    return f"rule {name} {{\n strings:\n{listed}\n condition: any of them\n}}\n"


def _escape_text(text: str) -> str:
    return _escape_bytes(text.encode())


def _escape_bytes(data: bytes) -> str:
    return "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\' else f"\\x{b:02x}" for b in data)
