"""What the people of the demonstration's record did, done again by the services themselves: each entry, vote and timer
is real. Whatever comes to something else than it did in the laboratory is refused.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, cast

from codered.model.errors import Refused
from codered_hq.config import read_config
from codered_hq.containment.acting import carry_out_all
from codered_hq.containment.aiming import Surroundings
from codered_hq.containment.asking import ask_for
from codered_hq.containment.goals import Goal, Wish
from codered_hq.drills.demo_looking import scan_recorded, sweep_recorded
from codered_hq.drills.demo_record import DemoRecord, RecordedDeed
from codered_hq.drills.demo_team import Team
from codered_hq.drills.models import Drill
from codered_hq.gate.models import Decision
from codered_hq.gate.voting import vote
from codered_hq.hosts.models import Host
from codered_hq.incidents import declaring, evidence_records, tasks
from codered_hq.incidents.models import Incident
from codered_hq.model.crisis import Severity, Step

_ALLOWED: Final = ("allowed", "taken")


class Stage:
    """Where the deeds are done: the drill of the record, its team, its headquarters."""

    def __init__(self, record: DemoRecord, drill: Drill, team: Team, folder: Path) -> None:
        self.record, self.drill, self.team = record, drill, team
        self.incident: Incident | None = None
        self._folder, self._around = folder, Surroundings(read_config(folder))
        self._asked: dict[str, Decision] = {}

    def do(self, deed: RecordedDeed, at: datetime) -> None:
        """Do one at this time (aware). Raises Refused if it does not come to what the record says."""
        looks: dict[str, Callable[[], object]] = {
            "sweep": lambda: sweep_recorded(self.record, deed, at),
            "scan": lambda: scan_recorded(self.record, deed, self.drill, at),
            "declare": lambda: self._declare(deed, at),
            "contain": lambda: self._contain(deed, at),
            "yes": lambda: self._say_yes(deed, at),
        }
        if deed.do in looks:
            looks[deed.do]()
        elif self.incident is not None:
            self._work(self.incident, deed, at)

    def _declare(self, deed: RecordedDeed, at: datetime) -> None:
        more = deed.more
        said = declaring.Declaration(
            deed.text, more["title"], packs=(more["pack"],), severity=cast(Severity, more["severity"]),
            summary=more["summary"],
        )  # fmt: skip
        self.incident = declaring.declare(said, self.team.speak_as(deed.who), at)
        self.drill.incident = self.incident
        self.drill.save(update_fields=["incident"])

    def _work(self, incident: Incident, deed: RecordedDeed, at: datetime) -> None:
        speaker = self.team.speak_as(deed.who)
        if deed.do == "evidence":
            saved = evidence_records.Saved(deed.text, elsewhere=True)
            evidence_records.record_evidence(incident, Host.objects.get(label=deed.host), saved, speaker, at)
        elif deed.do == "claim":
            tasks.claim_next(incident, [self._find_role(deed.who)], speaker, at)
        elif deed.do == "finish":
            tasks.finish(incident.tasks.get(text=deed.more["task"]), deed.text, speaker, at)
        elif deed.do == "step":
            declaring.move_to(incident, cast(Step, deed.text), speaker, at)
        elif deed.do == "impact":
            declaring.change(incident, declaring.Change(impact=deed.more), speaker, at)

    def _find_role(self, name: str) -> str:
        return next(one.role for one in self.team.members if one.name == name)

    def _contain(self, deed: RecordedDeed, at: datetime) -> None:
        host = Host.objects.get(label=deed.host)
        wish = Wish(reason=deed.text, incident=self.incident.name if self.incident else "")
        asked = ask_for(Goal(do="host", host=host.pk), wish, self.team.speak_as(deed.who), self._around, at)
        self._asked[deed.host] = asked.decision
        _compare(deed, f"{asked.decision.state} by {asked.decision.rule}", f"{deed.answer} by {deed.rule}")

    def _say_yes(self, deed: RecordedDeed, at: datetime) -> None:
        decision = self._asked[deed.host]
        try:
            vote(decision, self.team.speak_as(deed.who), True, "", at)
        except Refused:
            _compare(deed, "refused", deed.answer)
            return
        _compare(deed, "allowed" if decision.state in _ALLOWED else decision.state, deed.answer)
        if decision.state == "allowed":
            carry_out_all([decision], self._around, self._folder, at)
            self._around.sight.forget()


def _compare(deed: RecordedDeed, came: str, recorded: str) -> None:
    if came != recorded:
        what = f"{deed.do} by {deed.who} comes to {came}, not to {recorded} as in the record"
        raise Refused(what, where=deed.host, advice="scripts/make-demo-record writes it from a new journey")
