"""Rules of engagement as they were read: nouns only, everything in them checked."""

from datetime import date, datetime
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from codered_hq.model.action import ActionKind, Answer
from codered_hq.rules.hours import Span

During = Literal["", "business_hours", "outside_business_hours"]


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """What must hold for a rule to fit: all that is said (None, "", () and 0 say nothing). `tags`, `states` and
    `criticalities`: any of them. `longer_than` in seconds.
    """

    drill: bool | None = None
    roe_valid: bool | None = None
    evidence_saved: bool | None = None
    tags: frozenset[str] = frozenset()
    during: During = ""
    longer_than: int = 0
    states: frozenset[str] = frozenset()
    criticalities: frozenset[str] = frozenset()


class AtMost(msgspec.Struct, frozen=True):
    """So many machines within so many seconds."""

    hosts: int
    seconds: int


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule, of `never` or of `allow`. `kinds` is what it speaks of, groups and exceptions worked out."""

    id: str
    line: int
    kinds: frozenset[ActionKind]
    why: str = ""
    condition: Condition = Condition()
    needs: tuple[str, ...] = ()
    undo_after: int = 0
    at_most: AtMost | None = None


class BreakGlass(msgspec.Struct, frozen=True):
    """Who may act without approval when there is no time, and in how many seconds that must be reviewed."""

    role: str
    review_within: int


class ExampleCap(msgspec.Struct, frozen=True):
    """A cap that must apply to an example."""

    rule: str
    hosts: int
    seconds: int


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """A request, and what the rules must answer to it. None = not said."""

    name: str
    line: int
    do: ActionKind
    at: datetime
    answer: Answer
    rule: str
    tags: tuple[str, ...] = ()
    state: str = "unknown"
    criticality: str = "normal"
    drill: bool = False
    evidence_saved: bool = False
    seconds: int = 0
    needs: tuple[str, ...] | None = None
    undo_after: int | None = None
    cap: ExampleCap | None = None


class RuleBook(msgspec.Struct, frozen=True, kw_only=True):
    """Rules of engagement. `digest` is the SHA-256 of the file; `tags` are the file's own ones, by name, with a
    sentence each; `tell_within_30_min` and `break_glass.role` are roles.
    """

    title: str
    version: int
    digest: str
    approved_name: str
    approved_role: str
    approved_on: date
    review_by: date
    never: tuple[Rule, ...]
    allow: tuple[Rule, ...]
    tell_within_30_min: tuple[str, ...] = ()
    may_commandeer_staff: bool = False
    business_hours: tuple[Span, ...] = ()
    business_hours_text: str = ""
    timezone: str = "UTC"
    tags: dict[str, str] = {}
    groups: dict[str, tuple[ActionKind, ...]] = {}
    break_glass: BreakGlass | None = None
    examples: tuple[Example, ...] = ()


@cache
def find_zone(name: str) -> ZoneInfo:
    """The time zone of this name. Raises ValueError if there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"no time zone: {name}") from None
