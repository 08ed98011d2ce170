"""The rules of `never` and `allow`, read and checked."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from codered.packs.suggesting import suggest
from codered_hq.model.action import ACTION_KINDS, UNDOING, ActionKind
from codered_hq.model.crisis import ROLES
from codered_hq.rules.book import AtMost, Condition, During, Rule
from codered_hq.rules.nodes import Node
from codered_hq.rules.vocabulary import read_vocabulary

MOST_RULES: Final = 200
MOST_HOSTS: Final = 1_000_000
MOST_NEEDS: Final = 10
_IF: Final = (
    "drill", "tag", "roe_valid", "evidence_saved", "during", "longer_than", "state", "criticality",
)  # fmt: skip
_OF_ONE_MACHINE: Final = ("tag", "evidence_saved", "longer_than", "state", "criticality")
_NEVER: Final = ("id", "why", "do", "except", "if", "at_most")
_ALLOW: Final = ("id", "why", "do", "except", "if", "needs", "undo_after")
DURING: Final[tuple[During, ...]] = ("business_hours", "outside_business_hours")


class Words(NamedTuple):
    """What a file's own words mean: its tags (with the built-in ones), its groups, and whether it has hours."""

    tags: Mapping[str, str]
    groups: Mapping[str, tuple[ActionKind, ...]]
    has_hours: bool


def read_never(node: Node, words: Words, used: dict[str, int]) -> tuple[Rule, ...]:
    """The rules that stop an action, and the caps. `used` gathers ids with their lines. Raises WrongUse."""
    return tuple(_read_never_rule(entry, words, used) for entry in _entries(node))


def read_allow(node: Node, words: Words, used: dict[str, int]) -> tuple[Rule, ...]:
    """The rules that let an action, in their order. `used` gathers ids with their lines. Raises WrongUse."""
    return tuple(_read_allow_rule(entry, words, used) for entry in _entries(node))


def read_needs(node: Node) -> tuple[str, ...]:
    """The roles of the people who must say yes; a role twice is two people."""
    needs = node.words(ROLES, "role")
    if len(needs) > MOST_NEEDS:
        raise node.refuse(f"`needs` names more than {MOST_NEEDS} people", "nobody gets hold of so many")
    return needs


def read_at_most(node: Node) -> AtMost:
    """A number of machines in a time."""
    keys = node.keys(("hosts", "per"), ("hosts", "per"))
    return AtMost(keys["hosts"].number(MOST_HOSTS), keys["per"].seconds())


def _entries(node: Node) -> list[Node]:
    entries = list(node.entries())
    if len(entries) > MOST_RULES:
        raise node.refuse(f"{node.called} has more than {MOST_RULES} rules", "nobody reads so many")
    return entries


def _read_never_rule(node: Node, words: Words, used: dict[str, int]) -> Rule:
    keys = _read_keys(node, _NEVER, {"needs": "allow", "undo_after": "allow"})
    if "why" not in keys:
        raise node.refuse("a rule of `never` lacks `why`", "say in one sentence why; people will read it")
    at_most = read_at_most(keys["at_most"]) if "at_most" in keys else None
    condition = _read_condition(keys["if"], words) if "if" in keys else Condition()
    if at_most and "if" in keys:
        for key in keys["if"].keys(_IF):
            if key in _OF_ONE_MACHINE:
                advice = "a cap counts every machine of its kinds of action; take this out"
                raise keys["if"].refuse(f"`at_most` with the condition `{key}`", advice, key)
    identity = _read_id(keys["id"], used)
    return Rule(
        id=identity, line=node.line, kinds=_read_kinds(node, keys, words), why=keys["why"].text(),
        condition=condition, at_most=at_most,
    )  # fmt: skip


def _read_allow_rule(node: Node, words: Words, used: dict[str, int]) -> Rule:
    keys = _read_keys(node, _ALLOW, {"at_most": "never"})
    identity = _read_id(keys["id"], used)
    return Rule(
        id=identity, line=node.line, kinds=_read_kinds(node, keys, words),
        why=keys["why"].text() if "why" in keys else "",
        condition=_read_condition(keys["if"], words) if "if" in keys else Condition(),
        needs=read_needs(keys["needs"]) if "needs" in keys else (),
        undo_after=keys["undo_after"].seconds() if "undo_after" in keys else 0,
    )  # fmt: skip


def _read_keys(node: Node, known: tuple[str, ...], elsewhere: dict[str, str]) -> dict[str, Node]:
    for key in node.block():
        if key in elsewhere:
            raise node.refuse(f"`{key}` does not belong here", f"put it into a rule of `{elsewhere[key]}`", key)
    return node.keys(known, ("id",))


def _read_id(node: Node, used: dict[str, int]) -> str:
    identity = node.name()
    if "_" in identity:
        raise node.refuse(f"`id` can't be {identity!r}", "use small letters, digits and -")
    if identity in used:
        raise node.refuse(f"the id `{identity}` a second time", f"it stands in line {used[identity]} already")
    if identity in read_vocabulary().reserved:
        raise node.refuse(f"the id `{identity}` is taken by a built-in rule", "choose another one")
    used[identity] = node.line
    return identity


def _read_kinds(node: Node, keys: dict[str, Node], words: Words) -> frozenset[ActionKind]:
    kinds = _expand(keys["do"], words) if "do" in keys else frozenset(ACTION_KINDS) - UNDOING
    left = kinds - (_expand(keys["except"], words) if "except" in keys else frozenset())
    if not left:
        raise node.refuse("this rule speaks of no action: `except` takes all away", "take the rule out, or widen it")
    return left


def _expand(node: Node, words: Words) -> frozenset[ActionKind]:
    kinds: set[ActionKind] = set()
    for name in (node.text(),) if isinstance(node.value, str) else tuple(each.text() for each in node.entries()):
        kind = next((kind for kind in ACTION_KINDS if kind == name), None)
        if kind is None and name not in words.groups:
            advice = suggest(name, [*words.groups, *ACTION_KINDS])
            raise node.refuse(f"no kind or group of actions is called {name[:60]!a}", advice)
        kinds |= {kind} if kind else set(words.groups[name])
    return frozenset(kinds)


def _read_condition(node: Node, words: Words) -> Condition:
    keys = node.keys(_IF)
    if not keys:
        raise node.refuse("`if` is empty", "leave it out, or say what must hold")
    vocabulary = read_vocabulary()
    during: During = ""
    if "during" in keys:
        during = _read_during(keys["during"], words)
    return Condition(
        drill=keys["drill"].is_yes() if "drill" in keys else None,
        roe_valid=keys["roe_valid"].is_yes() if "roe_valid" in keys else None,
        evidence_saved=keys["evidence_saved"].is_yes() if "evidence_saved" in keys else None,
        tags=frozenset(keys["tag"].words(words.tags, "tag")) if "tag" in keys else frozenset(),
        during=during,
        longer_than=keys["longer_than"].seconds() if "longer_than" in keys else 0,
        states=frozenset(keys["state"].words(vocabulary.states, "state of hosts") if "state" in keys else ()),
        criticalities=frozenset(
            keys["criticality"].words(vocabulary.criticalities, "criticality") if "criticality" in keys else ()
        ),
    )


def _read_during(node: Node, words: Words) -> During:
    word = node.word(DURING, "time")
    if not words.has_hours:
        raise node.refuse("`during` without `business_hours`", "add `business_hours: Mon-Fri 07:00-19:00` to the file")
    return "business_hours" if word == "business_hours" else "outside_business_hours"
