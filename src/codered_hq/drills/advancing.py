"""The played world goes on: machines infect each other, some of it is heard of, injects fall due."""

import ipaddress
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from statistics import fmean, pstdev
from typing import Final, NamedTuple

import msgspec
from django.db import transaction
from django.db.models import Q

from codered.packs.loading import choose_packs_folder, load_packs
from codered_hq.devices.played_switches import find_live, read_range
from codered_hq.drills.models import TABLETOP, Drill, Inject, PlayedHost, TruthPoint
from codered_hq.drills.scenario_files import Scenario
from codered_hq.drills.telling import tell_infection
from codered_hq.fleet.cases import find_open_case
from codered_hq.incidents.models import Incident
from codered_hq.simulating.spreading import Group, play, spread
from codered_hq.simulating.worms import Worm, make_worm

TICK: Final = 30
"""Seconds of the played world: what the team does counts from the next one on."""
MOST_TICKS: Final = 240
"""Of one pass; the rest is caught up by the next ones."""
RUNS: Final = 20
"""Of the model."""
MOST_TOLD: Final = 100
"""Reports of one pass."""
KNOWN_STATES: Final = ("infected", "suspect", "contained", "cleaned", "verified", "watch", "closed")


def advance(folder: Path, at: datetime) -> list[str]:
    """Let all open drills at tables go on to this time (aware); a line for each thing that happened. Done twice, it is
    once.
    Raises DeviceFailed where the range's files can't be read.
    """
    lines: list[str] = []
    for drill in Drill.objects.filter(kind=TABLETOP, ended_at=None, started_at__lte=at).order_by("pk"):
        lines += _advance_one(drill, folder, at)
    return lines


def read_scenario_of(drill: Drill) -> Scenario:
    """What a drill plays."""
    return msgspec.convert(drill.scenario, Scenario)


def find_worm(scenario: Scenario) -> Worm:
    """The pack's worm at the scenario's speed. Raises WrongUse for a pack that is not there."""
    (loaded,) = load_packs(choose_packs_folder()[0], (scenario.pack,))
    behaviour = loaded.pack.scan_behaviour
    shares = [(each.within, float(each.share)) for each in behaviour.addresses] if behaviour else []
    return make_worm(scenario.pack, scenario.tries, shares)


class Foreseen(NamedTuple):
    """Infected machines at each played minute if nobody does anything: mean and standard deviation of RUNS."""

    mean: list[float]
    spread: list[float]


def foresee(scenario: Scenario, started: Sequence[PlayedHost], worm: Worm) -> Foreseen:
    """What the model says, from seeds that follow the scenario's."""
    rows: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in started:
        if row.vulnerable or row.infected_at:
            rows[row.subnet][1 if row.infected_at else 0] += 1
    groups = [Group(_number_of(range_), *numbers) for range_, numbers in rows.items()]
    steps = max(1, round(scenario.minutes * scenario.speed))
    seeds = [Random(f"{scenario.seed} model {run}") for run in range(RUNS)]  # noqa: S311 - it is to repeat itself
    curves = zip(*(play(groups, worm, 60, steps, seed) for seed in seeds), strict=True)
    found = [(fmean(numbers), pstdev(numbers)) for numbers in curves]
    return Foreseen([round(mean, 1) for mean, _ in found], [round(spread, 1) for _, spread in found])


class _World:
    """One drill's range during one pass: its switches and its machines that are vulnerable or infected, read once."""

    def __init__(self, drill: Drill, folder: Path) -> None:
        self.drill, self.scenario = drill, read_scenario_of(drill)
        self.worm = find_worm(self.scenario)
        self.switches = read_range(folder)
        rows = PlayedHost.objects.filter(Q(vulnerable=True) | Q(infected_at__isnull=False), drill=drill)
        self.rows = list(rows.select_related("host").order_by("pk"))
        self.fresh: list[PlayedHost] = []
        self.points: list[TruthPoint] = []

    def tick(self, moment: datetime) -> None:
        """30 s of the world, through at this time of the real clock (aware). Nothing is kept yet."""
        live = find_live(self.switches, moment)
        sick = [row for row in self.rows if row.infected_at and row.address in live and _is_spreading(row)]
        well = [row for row in self.rows if not row.infected_at and row.address in live]
        source = Random(f"{self.drill.seed} {self.drill.played_to}")  # noqa: S311 - it is to repeat itself
        fresh = _infect(self.scenario, self.worm, sick, well, source)
        for row in fresh:
            row.infected_at = moment
            row.heard_at = find_hearing(self.scenario, row, self.drill.speed, source)
        self.fresh += fresh
        self.drill.played_to += TICK
        if self.drill.played_to % 60 == 0:
            self.points.append(self._count(len(sick) + len(fresh), moment))

    def _count(self, spreading: int, moment: datetime) -> TruthPoint:
        sick = [row for row in self.rows if row.infected_at]
        known = sum(row.told_at is not None or row.host.state in KNOWN_STATES for row in sick)
        return TruthPoint(drill=self.drill, at=moment, infected=len(sick), spreading=spreading, known=known)

    @transaction.atomic
    def keep(self) -> None:
        """What happened, whole or not at all."""
        PlayedHost.objects.bulk_update(self.fresh, ["infected_at", "infected_from", "heard_at"], 200)
        TruthPoint.objects.bulk_create(self.points, ignore_conflicts=True)
        self.drill.save(update_fields=["played_to"])


def link_incident(drill: Drill) -> None:
    """The first incident that was declared during the drill is the drill's."""
    if drill.incident is None:
        drill.incident = Incident.objects.filter(declared_at__gte=drill.started_at).order_by("declared_at").first()
        if drill.incident is not None:
            drill.save(update_fields=["incident"])


def _advance_one(drill: Drill, folder: Path, at: datetime) -> list[str]:
    link_incident(drill)
    lines = _tell_injects(drill, at)
    if _find_next(drill) <= at:
        world = _World(drill, folder)
        for _ in range(MOST_TICKS):
            if (moment := _find_next(drill)) > at:
                break
            world.tick(moment)
        world.keep()
    lines += _tell_heard(drill, read_scenario_of(drill), at)
    return lines


def _find_next(drill: Drill) -> datetime:
    """When the next tick is through, on the real clock."""
    return drill.started_at + timedelta(seconds=(drill.played_to + TICK) / drill.speed)


def _is_spreading(row: PlayedHost) -> bool:
    """Whether the machine itself was not cured meanwhile: a cure that is proved is one."""
    return row.host.state not in ("cleaned", "verified", "watch", "closed")


def _infect(
    scenario: Scenario, worm: Worm, sick: list[PlayedHost], well: list[PlayedHost], source: Random
) -> list[PlayedHost]:
    """Who is newly infected, and by whom."""
    by_subnet: dict[str, list[PlayedHost]] = defaultdict(list)
    numbers: dict[str, int] = defaultdict(int)
    for row in well:
        by_subnet[row.subnet].append(row)
    for row in sick:
        numbers[row.subnet] += 1
    ranges = [subnet.range for subnet in scenario.population]
    groups = [Group(_number_of(one), len(by_subnet[one]), numbers[one]) for one in ranges]
    fresh: list[PlayedHost] = []
    for one, hits in zip(ranges, spread(groups, worm, TICK, source), strict=True):
        near = [row for row in sick if row.subnet == one] or sick
        for row in source.sample(by_subnet[one], hits):
            row.infected_from = source.choice(near).address
            fresh.append(row)
    return fresh


def find_hearing(scenario: Scenario, row: PlayedHost, speed: float, source: Random) -> datetime | None:
    """When it is heard of: after a while where anything looks, else never."""
    watched = {subnet.range for subnet in scenario.population if subnet.watched}
    if row.subnet not in watched or row.infected_at is None:
        return None
    minutes = min(source.expovariate(1 / scenario.heard_after), 6 * scenario.heard_after)
    return row.infected_at + timedelta(minutes=minutes / speed)


def _tell_heard(drill: Drill, scenario: Scenario, at: datetime) -> list[str]:
    """Reports of what was heard by now."""
    due = PlayedHost.objects.filter(drill=drill, heard_at__lte=at, told_at=None).select_related("host")
    lines = []
    for row in due.order_by("heard_at", "pk")[:MOST_TOLD]:
        moment = row.heard_at or at
        if find_open_case(row.host) is None:
            tell_infection(row, scenario.pack, moment)
            lines.append(f"{row.host.label}: a report shows {scenario.pack}")
        row.told_at = moment
        row.save(update_fields=["told_at"])
    return lines


def _tell_injects(drill: Drill, at: datetime) -> list[str]:
    lines = []
    for inject in Inject.objects.filter(drill=drill, told_at=None, due_at__lte=at).order_by("due_at", "number"):
        inject.told_at = inject.due_at
        inject.save(update_fields=["told_at"])
        lines.append(f"inject {inject.number} to {inject.to}: {inject.text}")
    return lines


def _number_of(range_: str) -> int:
    return int(ipaddress.IPv4Network(range_).network_address)
