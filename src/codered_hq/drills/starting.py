"""A drill begins in a headquarters of its own, and its first machines are infected."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

import msgspec
from django.db import transaction

from codered.model.errors import Refused, WrongUse
from codered_hq.config import is_exercise
from codered_hq.drills.advancing import find_hearing, find_worm, foresee
from codered_hq.drills.models import Drill, Inject, PlayedHost
from codered_hq.drills.populating import enter_machines
from codered_hq.drills.scenario_files import Scenario

Enter = Callable[[Drill, datetime], list[PlayedHost]]
"""Puts the machines into the inventory at this time (aware): the truth about each, and which are infected."""


class Beginning(NamedTuple):
    """What is played, and how: `speed` played seconds in a real one (0 = the scenario's); `enter` says who is there and
    who is infected (None: as many as the scenario says, by chance).
    """

    name: str
    scenario: Scenario
    speed: float = 0.0
    enter: Enter | None = None


def begin(said: Beginning, at: datetime) -> Drill:
    """Begin it at this time (aware); its range must have been written (populating.write_range). Raises Refused in a
    real headquarters or while another drill is open, WrongUse.
    """
    if not is_exercise():
        advice = "codered drill tabletop start makes one"
        raise Refused("drills are played in a headquarters of their own", where=said.name[:64], advice=advice)
    if Drill.objects.filter(ended_at=None).exists():
        raise Refused("a drill is going on here", where=said.name[:64], advice="end it first")
    scenario = said.scenario
    worm = find_worm(scenario)
    speed = said.speed or scenario.speed
    if not 0.1 <= speed <= 60:
        raise WrongUse("is no speed", where=f"{speed:g}", advice="0.1 to 60 played seconds in a real one")
    with transaction.atomic():
        drill = Drill.objects.create(
            name=said.name, title=scenario.title, scenario=msgspec.to_builtins(scenario),
            seed=scenario.seed, speed=speed, started_at=at,
        )  # fmt: skip
        rows = said.enter(drill, at) if said.enter else _enter_by_chance(drill, scenario, at)
        drill.uncontained, drill.spread = foresee(msgspec.structs.replace(scenario, speed=speed), rows, worm)
        drill.save(update_fields=["uncontained", "spread"])
        Inject.objects.bulk_create(
            Inject(
                drill=drill, number=number, kind=one.kind, to=one.to, text=one.text, expected=one.expected,
                minutes=one.within, due_at=at + timedelta(minutes=one.at),
            )
            for number, one in enumerate(scenario.injects, 1)
        )  # fmt: skip
    return drill


def _enter_by_chance(drill: Drill, scenario: Scenario, at: datetime) -> list[PlayedHost]:
    rows = enter_machines(drill, scenario, at)
    _infect_first(drill, scenario, rows, at)
    return rows


def _infect_first(drill: Drill, scenario: Scenario, rows: list[PlayedHost], at: datetime) -> None:
    source = Random(f"{drill.seed} first")  # noqa: S311 - chance that is to repeat itself
    watched = {subnet.range for subnet in scenario.population if subnet.watched}
    able = [row for row in rows if row.vulnerable]
    seen = [row for row in able if row.subnet in watched] or able
    first = source.sample(seen, min(scenario.first, len(seen)))
    for row in first:
        row.infected_at, row.infected_from = at, "from outside"
        row.heard_at = find_hearing(scenario, row, drill.speed, source)
    PlayedHost.objects.bulk_update(first, ["infected_at", "infected_from", "heard_at"])
