"""Rules of many files in one: names made unique, global rules made a condition of the others, who needs whom."""

import msgspec

from codered.packs.importing.imported import Left
from codered.packs.importing.yara_files import FoundRule
from codered.packs.rule_texts import RuleText


class NamedRule(msgspec.Struct, frozen=True):
    """A rule under its new name. `source` has the new names and asks for the unit's global rules, `needs` names the
    rules it uses, `wildcard` is a `prefix*` of rules that it names.
    """

    found: FoundRule
    name: str
    source: str
    private: bool
    needs: frozenset[str]
    wildcard: str = ""

    @property
    def original(self) -> str:
        """The name as it was."""
        return self.found.text.name

    @property
    def place(self) -> str:
        """`file:line` of where it was."""
        return f"{self.found.where}:{self.found.text.line}"

    def written(self) -> str:
        """Its source, with the word `private` where it is."""
        return f"private {self.source}" if self.private else self.source


def name_rules(found: list[FoundRule]) -> tuple[list[NamedRule], list[Left]]:
    """The rules under names of their own, and notes on those that had to change. A unit's global rules come first, for
    all others need them.
    """
    found = _move_globals(found)
    notes: list[Left] = []
    taken: set[str] = set()
    units: dict[str, dict[str, str]] = {}
    renamed: list[str] = []
    for rule in found:
        name = _make_name(rule.text.name, taken)
        if name != rule.text.name:
            why = f"a second rule of this name, called {name} here"
            notes.append(Left(f"{rule.where}:{rule.text.line}", rule.text.name, why, "note"))
        taken.add(name)
        renamed.append(name)
        units.setdefault(rule.unit, {}).setdefault(rule.text.name, name)
    everywhere: dict[str, str] = {}
    named = []
    globals_of = _list_globals(found)
    for rule, name in zip(found, renamed, strict=True):
        everywhere.setdefault(rule.text.name, name)
    for rule, name in zip(found, renamed, strict=True):
        above = globals_of.get(rule.unit, []) if "global" not in rule.text.scopes else []
        named.append(_name_rule(rule, name, {**everywhere, **units[rule.unit]}, above))
    notes += [
        Left(f"{rule.where}:{rule.text.line}", rule.text.name, "global: made a condition of its file's rules", "note")
        for rule in found
        if "global" in rule.text.scopes
    ]
    return named, notes


def _move_globals(found: list[FoundRule]) -> list[FoundRule]:
    units = list(dict.fromkeys(rule.unit for rule in found))
    place = {unit: number for number, unit in enumerate(units)}
    return sorted(found, key=lambda rule: (place[rule.unit], "global" not in rule.text.scopes))


def _list_globals(found: list[FoundRule]) -> dict[str, list[str]]:
    listed: dict[str, list[str]] = {}
    for rule in found:
        if "global" in rule.text.scopes:
            listed.setdefault(rule.unit, []).append(rule.text.name)
    return listed


def _make_name(name: str, taken: set[str]) -> str:
    made, number = name, 2
    while made in taken:
        made, number = f"{name}_{number}", number + 1
    return made


def _name_rule(rule: FoundRule, name: str, names: dict[str, str], above: list[str]) -> NamedRule:
    text = rule.text
    uses, wildcard = _list_uses(text, names)
    conditions = [names[other] for other in above]
    source = _write(text, name, uses, conditions)
    needs = frozenset([*(new for _, _, new in uses), *conditions])
    return NamedRule(rule, name, source, "private" in text.scopes, needs - {name}, wildcard)


def _list_uses(text: RuleText, names: dict[str, str]) -> tuple[list[tuple[int, int, str]], str]:
    """Where the condition names a rule (from, to, its new name), and a prefix of rules that it names."""
    uses = []
    words = text.condition
    for number, token in enumerate(words):
        before = words[number - 1].value if number else ""
        after = words[number + 1].value if number + 1 < len(words) else ""
        if token.kind != "word" or before == ".":
            continue
        beyond = words[number + 2].value if number + 2 < len(words) else ""
        if after == "*" and beyond in (")", ",") and before in ("(", ","):
            return [], token.value
        if token.value in names and after not in (".", "(", "["):
            uses.append((token.start, token.end, names[token.value]))
    return uses, ""


def _write(text: RuleText, name: str, uses: list[tuple[int, int, str]], conditions: list[str]) -> str:
    """The source with the new names; back to front, so that places stay true."""
    source = text.source
    if conditions:
        source = source[:-1] + "\n)}"
    for start, end, new in reversed(uses):
        source = source[:start] + new + source[end:]
    if conditions:
        first = text.condition[0].start
        source = source[:first] + " and ".join(conditions) + " and (" + source[first:]
    return source[: text.name_at] + name + source[text.name_at + len(text.name) :]
