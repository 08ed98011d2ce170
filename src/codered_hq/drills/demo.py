"""The demonstration: a played outbreak in the middle, with all that a crisis team wrote meanwhile; it goes on living.

What happened is done again by the services themselves, minute by minute, so that each entry, vote and timer is real.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from codered.model.errors import Refused
from codered_hq.config import headquarters_folder, read_config
from codered_hq.containment.acting import carry_out_all
from codered_hq.containment.aiming import Surroundings
from codered_hq.containment.asking import Asked, ask_for
from codered_hq.containment.goals import Goal, Wish
from codered_hq.drills.advancing import advance, read_scenario_of
from codered_hq.drills.demo_story import TELL
from codered_hq.drills.demo_team import Team
from codered_hq.drills.models import Drill, PlayedHost
from codered_hq.drills.populating import write_range
from codered_hq.drills.scanning import scan_range
from codered_hq.drills.scenario_files import Scenario, find_scenario
from codered_hq.drills.starting import Beginning, begin
from codered_hq.drills.sweeping import sweep_range
from codered_hq.gate.voting import vote
from codered_hq.hosts.models import Host
from codered_hq.incidents.declaring import Declaration, declare
from codered_hq.incidents.models import Incident

SCENARIO: Final = "four-sites"
NAME: Final = "four-sites"
INCIDENT: Final = "codered2-four-sites"
BEGAN: Final = 58
"""Minutes ago."""
DECLARED: Final = 50
_REASON: Final = "it spreads: the scan of the host shows Code Red II"
_VITAL: Final = "the hole is open and its neighbours are infected: off the net until the patch is in"


def load_demo(folder: Path, scenario: Scenario | None = None) -> None:
    """Fill an empty headquarters, open in this process, with a played outbreak that was declared 50 minutes ago: that
    of four sites, if no other scenario is given. Raises Refused for a folder that is another's or in use.
    """
    if folder.absolute() != headquarters_folder():
        raise Refused("is not the headquarters that is open", where=str(folder), advice="set CODERED_HQ to it")
    if Host.objects.exists() or Incident.objects.exists():
        raise Refused("holds something already", where=str(folder), advice="name an empty folder")
    now = datetime.now(UTC).replace(microsecond=0)
    scenario = scenario or find_scenario(SCENARIO)
    write_range(folder, scenario)
    team = Team(folder)
    team.enter(now - timedelta(days=40))
    team.put_rules(folder, now - timedelta(days=30))
    drill = begin(Beginning(NAME, scenario), now - timedelta(minutes=BEGAN))
    _Play(drill, team, folder, now).run()


class _Play:
    """What happened, in its order."""

    def __init__(self, drill: Drill, team: Team, folder: Path, now: datetime) -> None:
        self._drill, self._team, self._folder, self._now = drill, team, folder, now
        self._around = Surroundings(read_config(folder))
        self._incident: Incident | None = None

    def run(self) -> None:
        """From the first sweep to now."""
        for minutes, step in self._list_steps():
            at = self._now - timedelta(minutes=minutes)
            advance(self._folder, at)
            step(at)
        advance(self._folder, self._now)

    def _list_steps(self) -> Iterator[tuple[int, Callable[[datetime], None]]]:
        """By minutes ago."""
        steps: list[tuple[int, Callable[[datetime], None]]] = [
            (54, lambda at: self._sweep(at, 0, 2)),
            (DECLARED, self._declare),
            (44, self._scan),
            (42, lambda at: self._contain(at, 8)),
            (36, lambda at: self._sweep(at, 2, 6)),
            (30, lambda at: self._contain(at, 10)),
            (21, lambda at: self._contain(at, 9)),
            (12, lambda at: self._contain(at, 6)),
            (7, self._ask_waiting),
        ]
        steps += [(minutes, lambda at, tell=tell: self._tell(at, tell)) for minutes, tell in TELL]  # type: ignore[misc]
        return iter(sorted(steps, key=lambda step: -step[0]))

    def _tell(self, at: datetime, tell: Callable[[Incident, Team, datetime], None]) -> None:
        if self._incident is not None:
            tell(self._incident, self._team, at)

    def _sweep(self, at: datetime, first: int, last: int) -> None:
        sweep_range(self._drill, self._list_watched(first, last), at)

    def _scan(self, at: datetime) -> None:
        scan_range(self._drill, self._list_watched(0, 6), read_scenario_of(self._drill).pack, INCIDENT, at)

    def _list_watched(self, first: int, last: int) -> list[str]:
        """Watched subnets whose place within their site is in this range."""
        watched = [one.range for one in read_scenario_of(self._drill).population if one.watched]
        return [one for one in watched if first <= int(one.split(".")[2]) % 10 < last]

    def _declare(self, at: datetime) -> None:
        said = Declaration(
            INCIDENT, "Code Red II at four sites", packs=("codered2",), severity="critical", tlp="AMBER+STRICT",
            report_every=1800,
            summary="A worm spreads between web servers and forgotten desktops of Ulm, Lyon, Porto and Graz.",
        )  # fmt: skip
        self._incident = declare(said, self._team.speak("incident_commander"), at)
        self._drill.refresh_from_db()
        self._drill.incident = self._incident
        self._drill.save(update_fields=["incident"])

    def _contain(self, at: datetime, number: int) -> None:
        """So many ordinary machines that are known to be infected: asked for, approved, cut off."""
        asked = [self._ask(host, at) for host in self._list_ill()[:number]]
        for one in asked:
            if one.decision.state == "awaiting":
                vote(one.decision, self._team.speak("incident_commander"), True, "", at)
        carry_out_all(
            [one.decision for one in asked if one.decision.state == "allowed"], self._around, self._folder, at
        )
        self._around.sight.forget()

    def _ask_waiting(self, at: datetime) -> None:
        """Some that wait: two ordinary ones, and two vital ones, the first of which has one yes of two."""
        agreed = set(Host.objects.filter(tags__name="may_isolate").values_list("pk", flat=True))
        asked = [self._ask(host, at) for host in self._list_ill() if host.pk not in agreed][:3]
        vital = Host.objects.filter(tags__name="vital", played__vulnerable=True).order_by("-state_since", "pk")
        asked += [self._ask(host, at, _VITAL) for host in vital[:2]]
        waiting = [one.decision for one in asked if "business" in one.decision.needs]
        for decision in waiting[:1]:
            vote(decision, self._team.speak("business"), True, "the shop can be down for an hour", at)

    def _ask(self, host: Host, at: datetime, reason: str = _REASON) -> Asked:
        wish = Wish(reason=reason, incident=INCIDENT)
        return ask_for(Goal(do="host", host=host.pk), wish, self._team.speak("network"), self._around, at)

    def _list_ill(self) -> list[Host]:
        found = PlayedHost.objects.filter(drill=self._drill, host__state__in=("infected", "suspect"))
        ordinary = found.exclude(host__tags__name__in=("vital", "never_touch")).exclude(infected_at=None)
        return [row.host for row in ordinary.select_related("host").order_by("host__state_since", "pk")]
