"""How well a drill went: each number with its formula, target and weight; nothing in it is anybody's opinion."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import msgspec
from django.db.models import QuerySet

from codered_hq.containment.models import Containment
from codered_hq.drills.models import LABORATORY, TABLETOP, Drill, PlayedHost
from codered_hq.drills.scenario_files import Targets
from codered_hq.hosts.models import AddressUse
from codered_hq.incidents.roster import find_duties
from codered_hq.model.crisis import ROLES
from codered_hq.sweeps.coverage import COVERED, measure_coverage

SICK: Final = "sick"
"""What a laboratory's drill calls the addresses of its infected machines in its scenario."""
UNDO_SECONDS: Final = 60
"""How late a containment may come back and still be on time."""


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """One number of the score: `value` in `unit` (None = it can't be told), `reached` 0 to 1 of its `weight`; `target`
    is what gives all of it, `how` the formula in words.
    """

    name: str
    title: str
    value: float | None
    unit: str
    target: str
    reached: float
    weight: int
    how: str

    @property
    def points(self) -> float:
        """What it adds to the score."""
        return round(self.reached * self.weight, 1)

    @property
    def missed(self) -> bool:
        """Whether the target was not reached."""
        return self.reached < 1.0


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """All numbers of a drill at one time; `total` of 100, whatever the weights of its kind add up to."""

    drill: str
    scenario: str
    at: datetime
    total: float
    measures: tuple[Measure, ...]
    kind: str = TABLETOP

    @property
    def weight(self) -> int:
        """What the weights of its measures add up to."""
        return sum(measure.weight for measure in self.measures)


def score(drill: Drill, at: datetime) -> Score:
    """The score at this time (aware); of a drill that has ended, at its end."""
    at = min(at, drill.ended_at) if drill.ended_at else at
    measures = tuple(measure(drill, at) for measure in _MEASURES[drill.kind])
    weight = sum(measure.weight for measure in measures)
    total = round(sum(measure.reached * measure.weight for measure in measures) * 100 / weight, 1)
    return Score(drill=drill.name, scenario=drill.title, at=at, total=total, measures=measures, kind=drill.kind)


class CutOff(NamedTuple):
    """A machine that was cut off during a drill: when, when it was back (None = not yet), and what it is in truth."""

    name: str
    at: datetime
    back: datetime | None
    infected: bool


def list_cut_off(drill: Drill, at: datetime) -> list[CutOff]:
    """All of them by this time (aware), in their order."""
    sick = _list_sick(drill, at)
    rows = _find_held(drill, at).select_related("host").order_by("held_at", "pk")
    return [
        CutOff(row.host.label, row.held_at, row.undone_at if row.undone_at and row.undone_at <= at else None,
               row.host_id in sick)
        for row in rows if row.host and row.held_at
    ]  # fmt: skip


def count_saved(drill: Drill, at: datetime) -> tuple[int, int]:
    """Machines infected by now, and how many it were by now with nobody cut off (the mean of the model's runs)."""
    infected = PlayedHost.objects.filter(drill=drill, infected_at__lte=at).count()
    return infected, round(_look_up(drill, drill.uncontained, at, infected))


def find_spread(drill: Drill, at: datetime) -> float:
    """By how many machines the model's runs differ by now (standard deviation)."""
    return _look_up(drill, drill.spread, at, 0.0)


def _look_up(drill: Drill, by_minute: Sequence[float], at: datetime, otherwise: float) -> float:
    minute = round((at - drill.started_at).total_seconds() * drill.speed / 60)
    return by_minute[min(max(minute, 0), len(by_minute) - 1)] if by_minute else otherwise


def _declare(drill: Drill, at: datetime) -> Measure:
    within = _read_targets(drill).declare_within
    declared = drill.incident.declared_at if drill.incident else None
    took = _minutes(drill, declared) if declared and declared <= at else None
    return _judge_time(
        "declare", "Incident declared", took, (within, 15), "minutes from the beginning until it was declared"
    )


def _isolate(drill: Drill, at: datetime) -> Measure:
    within = _read_targets(drill).isolate_within
    held = Containment.objects.filter(held_at__gte=drill.started_at, held_at__lte=at)
    first = held.order_by("held_at").values_list("held_at", flat=True).first()
    took = _minutes(drill, first) if first else None
    return _judge_time(
        "isolate", "First machine cut off", took, (within, 15), "minutes until the first approved isolation held"
    )


def _roster(drill: Drill, at: datetime) -> Measure:
    duties = find_duties(drill.incident, at)
    whole = 0
    for role in ROLES:
        held = [duty for duty in duties if duty.role == role]
        reached = any(duty.person.reached_at and duty.person.reached_at >= drill.started_at for duty in held)
        whole += reached and len({duty.person_id for duty in held}) > 1
    return Measure(
        name="roster", title="Roles with a person reached and a backup", value=whole, unit=f"of {len(ROLES)}",
        target="all", reached=whole / len(ROLES), weight=10,
        how="roles that have two people, one of whom answered during the drill, of all roles",
    )  # fmt: skip


def _coverage(drill: Drill, at: datetime) -> Measure:
    age = max(at - drill.started_at, timedelta(minutes=1))
    found = measure_coverage(at, age)
    covered = sum(found.counts.get(word, 0) for word in COVERED)
    share = covered / found.total if found.total else 0.0
    return Measure(
        name="coverage", title="Addresses looked at", value=round(share * 100, 1), unit="%", target="100 %",
        reached=share, weight=15, how="documented addresses that a sweep of the drill covered, of all of them",
    )  # fmt: skip


def _saved(drill: Drill, at: datetime) -> Measure:
    infected, model = count_saved(drill, at)
    spread = find_spread(drill, at)
    saved = max(model - infected, 0)
    share = saved / model if saved > spread and _list_cut(drill, at) else 0.0
    return Measure(
        name="saved", title="Machines saved", value=saved, unit=f"of {model} (± {spread:.0f}) of the model",
        target="half of the model", reached=min(share / 0.5, 1.0), weight=20,
        how="infected machines of the model (nobody cut off; the mean of 20 runs), less those infected now; half of it "
        "gives all, what is within its spread (standard deviation) nothing; none cut off = nothing",
    )  # fmt: skip


def _false(drill: Drill, at: datetime) -> Measure:
    cut = _list_cut(drill, at)
    wrong = len(cut - _list_sick(drill, at))
    return Measure(
        name="false", title="Healthy machines cut off", value=wrong, unit=f"of {len(cut)} cut off", target="none",
        reached=1 - wrong / len(cut) if cut else 0.0, weight=10,
        how="machines that were cut off and never infected, of all that were cut off; none cut off = nothing",
    )  # fmt: skip


def _untouched(drill: Drill, at: datetime) -> Measure:
    cut = _list_cut(drill, at)
    marked = _find_held(drill, at).filter(host__tags__name="never_touch")
    touched = len(set(marked.values_list("host_id", flat=True)))
    return Measure(
        name="untouched", title="Never-touch machines touched", value=touched, unit="machines", target="none",
        reached=1.0 if cut and not touched else 0.0, weight=5,
        how="machines marked never_touch that were cut off; one loses all, none cut off at all = nothing",
    )  # fmt: skip


def _undone(drill: Drill, at: datetime) -> Measure:
    due = Containment.objects.filter(begun_at__gte=drill.started_at, undo_at__lte=at - timedelta(seconds=UNDO_SECONDS))
    rows = [row for row in due if not (row.undone_at and row.undo_at and row.undone_at < row.undo_at)]
    good = sum(
        bool(row.undone_at and row.undo_at and (row.undone_at - row.undo_at).total_seconds() <= UNDO_SECONDS)
        for row in rows
    )
    share = good / len(rows) if rows else float(bool(_list_cut(drill, at)))
    return Measure(
        name="undone", title="Taken back on time", value=round(share * 100, 1), unit="%", target="100 %", reached=share,
        weight=5, how=f"containments due that were back within {UNDO_SECONDS} s, of all that were due; none due = all, "
        "none cut off at all = nothing",
    )  # fmt: skip


def _injects(drill: Drill, at: datetime) -> Measure:
    questions = list(drill.injects.exclude(minutes=0))
    asked = [one for one in questions if one.due_at + timedelta(minutes=one.minutes) <= at]
    good = sum(
        bool(one.answered_at and one.answered_at <= one.due_at + timedelta(minutes=one.minutes)) for one in asked
    )
    share = good / len(asked) if asked else float(not questions)
    return Measure(
        name="injects", title="Injects answered in time", value=good, unit=f"of {len(asked)}", target="all",
        reached=share, weight=5, how="injects answered within their minutes, of those whose minutes are over",
    )  # fmt: skip


_MEASURES: Final[dict[str, tuple[Callable[[Drill, datetime], Measure], ...]]] = {
    TABLETOP: (_declare, _isolate, _roster, _coverage, _saved, _false, _untouched, _undone, _injects),
    LABORATORY: (_declare, _isolate, _roster, _coverage, _false, _untouched, _undone),
}
"""In the laboratory nothing spreads, so that no model says what was saved; and nobody tells injects there."""


def _read_targets(drill: Drill) -> Targets:
    return msgspec.convert(drill.scenario, Targets)


def _list_cut(drill: Drill, at: datetime) -> set[int]:
    return set(_find_held(drill, at).values_list("host_id", flat=True))


def _find_held(drill: Drill, at: datetime) -> QuerySet[Containment]:
    return Containment.objects.filter(held_at__gte=drill.started_at, held_at__lte=at).exclude(host=None)


def _list_sick(drill: Drill, at: datetime) -> set[int]:
    """Those of the range that are infected; and in the laboratory whoever the inventory learned of at the address of an
    infected machine since the drill began.
    """
    rows = PlayedHost.objects.filter(drill=drill, infected_at__lte=at)
    known = set(drill.hosts.values_list("address", flat=True))
    later = [address for address in drill.scenario.get(SICK, ()) if address not in known]
    met = AddressUse.objects.filter(address__in=later, last_seen__gte=drill.started_at, first_seen__lte=at)
    return {*rows.values_list("host_id", flat=True), *met.values_list("host_id", flat=True)}


def _minutes(drill: Drill, moment: datetime) -> float:
    return max(0.0, (moment - drill.started_at).total_seconds() / 60)


def _judge_time(name: str, title: str, took: float | None, said: tuple[int, int], how: str) -> Measure:
    """All of it within the target, none after three times as long."""
    within, weight = said
    reached = 0.0 if took is None else min(1.0, max(0.0, (3 * within - took) / (2 * within)))
    value = None if took is None else round(took, 1)
    how = f"{how}; within {within} all of it, after {3 * within} nothing"
    return Measure(
        name=name, title=title, value=value, unit="min", target=f"{within} min", reached=reached, weight=weight, how=how
    )
