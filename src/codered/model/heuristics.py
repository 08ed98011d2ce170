"""Heuristics: what makes a process, an autostart entry or an account look planted when no pack knows it. Data only.

A heuristic is a set of facts that must hold together, with a reason and a weight. The weights of all heuristics that
hold for one thing add up; the sum decides whether it is no finding, suspicious or likely.
"""

from typing import Annotated, Literal

import msgspec

from codered.model.countermeasures import RemovalKind

HEURISTICS = "heuristics"
"""The `pack` of a finding that rests on heuristics alone."""

ObservationKind = Literal["process", "autostart", "account", "key"]


class Heuristic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`when`: facts that all hold; `unless`: facts of which none may hold; `kinds`: only observations of these kinds
    (an `Autostart.kind`; none = any). `weight` adds up. `remedy`: what would remove the thing if this is the heaviest
    reason that names one. A fact `text:NAME` holds where the pattern NAME matches.
    """

    id: str
    of: ObservationKind
    when: tuple[str, ...]
    because: str
    weight: Annotated[int, msgspec.Meta(ge=1, le=200)]
    kinds: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    attack: tuple[str, ...] = ()
    remedy: RemovalKind | None = None


class Heuristics(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All heuristics. A sum of at least `suspicious` is a finding, of at least `likely` a likely one; what changed in
    the last `recent_days` is recent. `lists` are names the facts are made of; `patterns` linear-time regular
    expressions (YARA syntax, any case) by name. `digest` is SHA-256 over the files ("" = none were loaded).
    """

    suspicious: int = 50
    likely: int = 100
    recent_days: int = 30
    lists: dict[str, tuple[str, ...]] = {}
    patterns: dict[str, str] = {}
    rules: tuple[Heuristic, ...] = ()
    digest: str = ""
