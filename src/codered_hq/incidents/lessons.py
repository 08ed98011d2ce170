"""Lessons: an owner, a day, a control that is changed, the proof of it, and a day on which it is looked at again."""

from datetime import datetime, timedelta
from typing import NamedTuple

from codered.model.errors import Refused, WrongUse
from codered_hq.hosts.models import TEXT
from codered_hq.incidents.models import Incident, Lesson
from codered_hq.incidents.people import Speaker
from codered_hq.incidents.writing import write_whole
from codered_hq.ledger.writing import enter

LONGEST_TEXT = 8_000
_ADVICE = "codered incident lessons list shows them"


class Said(NamedTuple):
    """What is new about a lesson; "" and None = as before. Times are aware."""

    owner: str = ""
    due_at: datetime | None = None
    control: str = ""
    proof: str = ""
    recheck_at: datetime | None = None


def add_lesson(incident: Incident, text: str, said: Said, speaker: Speaker, at: datetime) -> Lesson:
    """Write one down. Said twice by the same person while it is open, it is one. Raises WrongUse."""
    if not text.strip():
        raise WrongUse("says nothing", where="TEXT", advice="say what was learned")

    def work() -> Lesson:
        fields = {"text": text.strip()[:LONGEST_TEXT], "added_by": speaker.name}
        if (known := incident.lessons.filter(state="open", **fields).first()) is not None:
            return known
        made = Lesson(incident=incident, at=at, **fields)
        _take(made, said)
        made.save()
        _tell(made, speaker, f"lesson {made.pk}: {made.text}", at)
        return made

    return write_whole(work)


def change_lesson(incident: Incident, number: int, said: Said, speaker: Speaker, at: datetime) -> Lesson:
    """Give it an owner, a day, a control. Raises WrongUse, Refused once it is closed."""

    def work() -> Lesson:
        found = _find(incident, number)
        _take(found, said)
        found.save()
        _tell(found, speaker, f"lesson {number} changed", at)
        return found

    return write_whole(work)


def close_lesson(incident: Incident, number: int, said: Said, speaker: Speaker, at: datetime) -> Lesson:
    """Close it: only with a changed control, its proof, and a later day on which it is looked at again. Raises Refused
    with what is missing, WrongUse.
    """

    def work() -> Lesson:
        found = _find(incident, number)
        _take(found, said)
        words = {"an owner": found.owner, "the control that was changed": found.control, "a proof": found.proof}
        missing = [word for word, value in words.items() if not value]
        if found.recheck_at is None or found.recheck_at <= at:
            missing.append("a day to come on which it is looked at again")
        if missing:
            advice = "--owner, --control, --proof, --recheck"
            raise Refused(f"it needs {', '.join(missing)}", where=f"lesson {number}", advice=advice)
        found.state, found.closed_at = "closed", at
        found.save()
        _tell(found, speaker, f"lesson {number} closed: {found.control} (proof: {found.proof})", at)
        return found

    return write_whole(work)


def look_again(lesson: Lesson, holds: bool, said: Said, speaker: Speaker, at: datetime) -> Lesson:
    """Say what was found when a closed one was looked at again: it holds, until the next day (`recheck_at`); or it does
    not, and is open again. Both with what shows it (`proof`). Raises Refused with what is missing.
    """

    def work() -> Lesson:
        found = Lesson.objects.select_for_update().select_related("incident").get(pk=lesson.pk)
        where, proof = f"lesson {found.pk}", said.proof.strip()[:LONGEST_TEXT]
        if found.state != "closed":
            raise Refused("it is open", where=where, advice="close it first")
        if not proof:
            raise Refused("it needs what shows it", where=where, advice="--proof")
        if holds and (said.recheck_at is None or said.recheck_at <= at):
            raise Refused("it needs a day to come on which it is looked at again", where=where, advice="--recheck")
        found.state, found.proof = ("closed" if holds else "open"), proof
        found.closed_at = found.closed_at if holds else None
        found.recheck_at = said.recheck_at if holds else None
        found.save()
        what = f"still holds (proof: {proof})" if holds else f"does not hold any more and is open again: {proof}"
        _tell(found, speaker, f"lesson {found.pk} looked at again: it {what}", at)
        return found

    return write_whole(work)


def find_overdue(at: datetime) -> list[Lesson]:
    """Open ones past their day, and closed ones that are to be looked at again, of all incidents."""
    late = Lesson.objects.filter(state="open", due_at__lte=at + timedelta(0))
    again = Lesson.objects.filter(state="closed", recheck_at__lte=at)
    return sorted((late | again).select_related("incident"), key=lambda lesson: lesson.pk)


def _find(incident: Incident, number: int) -> Lesson:
    found = incident.lessons.select_related("incident").filter(pk=number).first()
    if found is None:
        raise WrongUse("no such lesson", where=f"{incident.name} {number}", advice=_ADVICE)
    if found.state == "closed":
        raise Refused("it is closed", where=f"lesson {number}", advice="write a new one")
    return found


def _take(lesson: Lesson, said: Said) -> None:
    lesson.owner = said.owner.strip()[:TEXT] or lesson.owner
    lesson.due_at = said.due_at or lesson.due_at
    lesson.control = said.control.strip()[:LONGEST_TEXT] or lesson.control
    lesson.proof = said.proof.strip()[:LONGEST_TEXT] or lesson.proof
    lesson.recheck_at = said.recheck_at or lesson.recheck_at


def _tell(lesson: Lesson, speaker: Speaker, what: str, at: datetime) -> None:
    detail = {"lesson": lesson.pk, "owner": lesson.owner, "control": lesson.control, "proof": lesson.proof}
    enter("lesson", speaker.name, what, at, incident=lesson.incident.name, detail=detail)
