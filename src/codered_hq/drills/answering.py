"""An inject is answered, a drill ends: its score is kept, and each missed target becomes a lesson."""

from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from codered.model.errors import Refused, WrongUse
from codered_hq.drills.advancing import link_incident
from codered_hq.drills.after_action import keep_report
from codered_hq.drills.history import add_score
from codered_hq.drills.models import TABLETOP, Drill, Inject
from codered_hq.drills.ranges import SCORE_NAME
from codered_hq.drills.scoring import Score, score
from codered_hq.incidents.lessons import Said, add_lesson
from codered_hq.incidents.models import Incident
from codered_hq.incidents.people import Speaker
from codered_hq.incidents.writing import write_whole
from codered_hq.ledger.writing import enter
from codered_hq.reporting.writing import write_bytes

LONGEST_ANSWER: Final = 4_000


def find_drill(number: int = 0) -> Drill:
    """The drill at a table of this number, or the one that goes on. Raises WrongUse."""
    rows = Drill.objects.filter(kind=TABLETOP).order_by("-pk")
    found = rows.filter(pk=number).first() if number else rows.filter(ended_at=None).first() or rows.first()
    if found is None:
        raise WrongUse("no such drill here", where=str(number or ""), advice="codered drill tabletop start SCENARIO")
    return found


def answer_inject(drill: Drill, number: int, text: str, speaker: Speaker, at: datetime) -> Inject:
    """Note what was done about an inject that was told; the first answer counts. Raises Refused, WrongUse."""
    words = text.strip()
    if not words or len(words) > LONGEST_ANSWER:
        raise WrongUse(f"an answer has 1 to {LONGEST_ANSWER:,} signs", where="TEXT", advice="say what was done")
    if drill.ended_at is not None:
        raise Refused("the drill is over", where=drill.name)

    def work() -> Inject:
        found = drill.injects.select_for_update().filter(number=number).exclude(told_at=None).first()
        if found is None:
            raise WrongUse("no such inject was told yet", where=f"{number}", advice="codered drill tabletop status")
        if found.answered_at is not None:
            if found.answer == words:
                return found
            raise Refused(f"{found.answered_by} answered it: {found.answer}", where=f"inject {number}")
        found.answer, found.answered_by, found.answered_at = words, speaker.name, at
        found.save(update_fields=["answer", "answered_by", "answered_at"])
        name = drill.incident.name if drill.incident else ""
        enter("incident", speaker.name, f"DRILL inject {number} answered: {words}", at, incident=name)
        return found

    return write_whole(work)


def end_drill(drill: Drill, speaker: Speaker, folder: Path, at: datetime) -> Score:
    """End it: the score is final, and each missed target is a lesson. Ended twice, it is once. Raises Refused
    for who is nobody of the team, WrongUse.
    """
    if speaker.person is None:
        raise Refused("only people of the team may do this", where=speaker.name, advice="say who you are: --as NAME")
    link_incident(drill)

    def work() -> Score:
        found = Drill.objects.select_for_update().select_related("incident").get(pk=drill.pk)
        if found.ended_at is not None:
            return msgspec.convert(found.score, Score)
        made = score(found, at)
        found.ended_at, found.score = at, msgspec.to_builtins(made)
        found.save(update_fields=["ended_at", "score"])
        if found.incident is not None:
            for measure in made.measures:
                if measure.missed:
                    _add_lesson(found.incident, f"{measure.title}: {_tell(measure.value, measure.unit)}, not "
                                f"{measure.target}", speaker, at)  # fmt: skip
            what = f"DRILL {found.name} ended: {made.total:g} of 100"
            enter("incident", speaker.name, what, at, incident=found.incident.name, detail={"total": made.total})
        return made

    made = write_whole(work)
    add_score(folder, made)
    drill.refresh_from_db()
    keep_report(drill, folder, at)
    write_bytes(folder / SCORE_NAME, msgspec.json.encode(made))  # the last: it says that the drill ended
    return made


def _add_lesson(incident: Incident, text: str, speaker: Speaker, at: datetime) -> None:
    add_lesson(incident, text, Said(), speaker, at)


def _tell(value: float | None, unit: str) -> str:
    return "never" if value is None else f"{value:g} {unit}"
