"""A file of rules of engagement -> RuleBook. Whatever is wrong in it is refused, with its line and what to write."""

import hashlib
from datetime import date
from typing import Final, NamedTuple

from codered.model.errors import WrongUse
from codered.packs.strict_yaml import parse_document, shorten
from codered_hq.model.action import ACTION_KINDS, ActionKind
from codered_hq.model.crisis import ROLES
from codered_hq.rules.book import BreakGlass, RuleBook, find_zone
from codered_hq.rules.hours import Span, parse_hours
from codered_hq.rules.nodes import Node
from codered_hq.rules.reading_examples import read_examples
from codered_hq.rules.reading_rules import Words, read_allow, read_never
from codered_hq.rules.vocabulary import read_vocabulary

MOST_VERSION: Final = 999_999_999
MOST_TAGS: Final = 40
_KEYS: Final = (
    "title", "version", "approved_by", "review_by", "contacts", "may_commandeer_staff", "business_hours", "timezone",
    "tags", "groups", "break_glass", "never", "allow", "examples",
)  # fmt: skip
_REQUIRED: Final = ("title", "version", "approved_by", "review_by", "allow")
_EMPTY = ("is empty", "see docs/pack-format.md for what belongs in it")


class _Approval(NamedTuple):
    name: str
    role: str
    on: date
    review_by: date


def read_rules(raw: bytes, where: str) -> RuleBook:
    """The rules in these bytes; `where` names them for people. Raises WrongUse with the line of what is wrong."""
    try:
        document = parse_document(raw, where)
    except WrongUse as error:
        if (error.what, error.advice) != _EMPTY:
            raise
        raise WrongUse(
            "is empty", where=where, advice="codered rules show --sample prints rules to begin with"
        ) from None
    top = Node(document, (), document.value)
    keys = top.keys(_KEYS, _REQUIRED)
    approval = _read_approval(keys["approved_by"], keys["review_by"])
    tags = _read_tags(keys["tags"]) if "tags" in keys else {}
    groups = _read_groups(keys["groups"]) if "groups" in keys else {}
    timezone = _read_timezone(keys["timezone"]) if "timezone" in keys else "UTC"
    hours = _read_hours(keys["business_hours"]) if "business_hours" in keys else ()
    words = Words({**read_vocabulary().tags, **tags}, groups, has_hours=bool(hours))
    used: dict[str, int] = {}
    book = RuleBook(
        title=keys["title"].text(),
        version=keys["version"].number(MOST_VERSION),
        digest=hashlib.sha256(raw).hexdigest(),
        approved_name=approval.name,
        approved_role=approval.role,
        approved_on=approval.on,
        review_by=approval.review_by,
        tell_within_30_min=_read_contacts(keys["contacts"]) if "contacts" in keys else (),
        may_commandeer_staff="may_commandeer_staff" in keys and keys["may_commandeer_staff"].is_yes(),
        business_hours=hours,
        business_hours_text=keys["business_hours"].text() if hours else "",
        timezone=timezone,
        tags=tags,
        groups=groups,
        break_glass=_read_break_glass(keys["break_glass"]) if "break_glass" in keys else None,
        never=read_never(keys["never"], words, used) if "never" in keys else (),
        allow=read_allow(keys["allow"], words, used),
    )
    if "examples" not in keys:
        return book
    return read_examples(keys["examples"], book, words)


def _read_approval(node: Node, review: Node) -> _Approval:
    keys = node.keys(("name", "role", "on"), ("name", "role", "on"))
    on, review_by = keys["on"].day(), review.day()
    if review_by < on:
        raise review.refuse("`review_by` is before the approval", "write a date after `approved_by: on`")
    return _Approval(keys["name"].text(), keys["role"].word(ROLES, "role"), on, review_by)


def _read_contacts(node: Node) -> tuple[str, ...]:
    keys = node.keys(("tell_within_30_min",), ("tell_within_30_min",))
    return keys["tell_within_30_min"].words(ROLES, "role")


def _read_tags(node: Node) -> dict[str, str]:
    own = node.block()
    if not own or len(own) > MOST_TAGS:
        raise node.refuse(f"`tags` has no tag, or more than {MOST_TAGS}", "write `name: what it means` lines")
    for name, place in own.items():
        _check_name(place, name, "tag")
        if name in read_vocabulary().tags:
            raise place.refuse(f"the tag `{name}` is built in", "take it out, or choose another name")
    return {name: place.text() for name, place in own.items()}


def _read_groups(node: Node) -> dict[str, tuple[ActionKind, ...]]:
    groups: dict[str, tuple[ActionKind, ...]] = {}
    for name, place in node.block().items():
        _check_name(place, name, "group")
        if name in ACTION_KINDS:
            raise place.refuse(f"the group `{name}` is called like a kind of action", "choose another name")
        kinds = place.words(ACTION_KINDS, "kind of action")
        if len(set(kinds)) < len(kinds):
            raise place.refuse(f"`{name}` holds a kind twice", "write each kind once")
        groups[name] = tuple(kind for kind in ACTION_KINDS if kind in kinds)
    return groups


def _check_name(place: Node, name: str, noun: str) -> None:
    if not (name.isascii() and name.replace("_", "").replace("-", "").isalnum() and name.islower() and len(name) <= 64):
        what = f"a {noun} can't be called {shorten(repr(name))}"
        raise place.refuse(what, "use small letters, digits, - and _ (at most 64 characters)")


def _read_timezone(node: Node) -> str:
    name = node.text()
    try:
        find_zone(name)
    except ValueError:
        advice = "write it as Europe/Berlin, or leave it out for UTC"
        raise node.refuse(f"no time zone is called {shorten(repr(name))}", advice) from None
    return name


def _read_hours(node: Node) -> tuple[Span, ...]:
    try:
        return parse_hours(node.text())
    except ValueError as error:
        advice = "write them as Mon-Fri 07:00-19:00, several with a comma between; the night as two spans"
        raise node.refuse(f"`business_hours`: {error}", advice) from None


def _read_break_glass(node: Node) -> BreakGlass:
    keys = node.keys(("role", "review_within"), ("role", "review_within"))
    return BreakGlass(keys["role"].word(ROLES, "role"), keys["review_within"].seconds())
