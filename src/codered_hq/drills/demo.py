"""The demonstration: an outbreak from its record, at the minute at which one yes is missing; it goes on living.
What people did is done again by the services themselves; what is written besides stands in demo_story.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from codered.model.errors import Refused
from codered_hq.config import headquarters_folder
from codered_hq.drills.advancing import advance
from codered_hq.drills.demo_deeds import Stage
from codered_hq.drills.demo_range import enter_record, keep_truth, make_scenario, write_demo_range
from codered_hq.drills.demo_record import DemoRecord, read_shipped_record
from codered_hq.drills.demo_story import STORY
from codered_hq.drills.demo_team import Team
from codered_hq.drills.starting import Beginning, begin
from codered_hq.hosts.models import Host
from codered_hq.incidents.models import Incident

NAME: Final = "journey"
"""Of the drill."""


def load_demo(folder: Path, record: DemoRecord | None = None) -> None:
    """Fill an empty headquarters, open in this process, with an outbreak of some 40 minutes ago: that of the shipped
    record, if no other is given. Raises Refused for a folder that is another's or in use.
    """
    if folder.absolute() != headquarters_folder():
        raise Refused("is not the headquarters that is open", where=str(folder), advice="set CODERED_HQ to it")
    if Host.objects.exists() or Incident.objects.exists():
        raise Refused("holds something already", where=str(folder), advice="name an empty folder")
    record = record or read_shipped_record()
    now = datetime.now(UTC).replace(microsecond=0)
    began = now - timedelta(minutes=record.stands + 1)
    write_demo_range(folder, record)
    team = Team(folder, record.people)
    team.enter(now - timedelta(days=40))
    team.put_rules(folder, now - timedelta(days=30))
    drill = begin(Beginning(NAME, make_scenario(record), enter=enter_record(record)), began)
    keep_truth(drill, record)
    stage = Stage(record, drill, team, folder)
    for at, do in _list_steps(stage, began):
        do(at)
    advance(folder, now)


def _list_steps(stage: Stage, began: datetime) -> Iterator[tuple[datetime, Callable[[datetime], None]]]:
    """The record's deeds and what was written besides, in order; those of one minute are spread over it."""
    minutes = Counter(deed.minute for deed in stage.record.deeds)
    done: Counter[int] = Counter()
    steps: list[tuple[datetime, Callable[[datetime], None]]] = []
    for deed in stage.record.deeds:
        done[deed.minute] += 1
        seconds = 60 * done[deed.minute] // (minutes[deed.minute] + 1)
        at = began + timedelta(minutes=deed.minute, seconds=seconds)
        steps.append((at, lambda at, deed=deed: stage.do(deed, at)))  # type: ignore[misc]
    for minute, tell in STORY:
        steps.append((began + timedelta(minutes=minute), lambda at, tell=tell: _tell(stage, tell, at)))  # type: ignore[misc]
    return iter(sorted(steps, key=lambda step: step[0]))


def _tell(stage: Stage, tell: Callable[[Incident, Team, datetime], None], at: datetime) -> None:
    if stage.incident is not None:
        tell(stage.incident, stage.team, at)
