"""Rumours: what is said, who looked into it, and what is true."""

from datetime import datetime

from codered.model.errors import Refused, WrongUse
from codered_hq.hosts.models import TEXT
from codered_hq.incidents.models import Incident, Rumour
from codered_hq.incidents.people import Speaker
from codered_hq.incidents.writing import write_whole
from codered_hq.ledger.writing import enter

LONGEST_TEXT = 4_000
LONGEST_HEARD = 2_000


def add_rumour(incident: Incident, heard: str, heard_from: str, speaker: Speaker, at: datetime) -> Rumour:
    """Note what is said, by whom ("" = not known). Said twice while it is open, it is one. Raises WrongUse."""
    text, source = _need_words(heard, "TEXT", LONGEST_HEARD), heard_from.strip()[:TEXT]

    def work() -> Rumour:
        if (known := incident.rumours.filter(heard=text, heard_from=source, state="open").first()) is not None:
            return known
        made = Rumour.objects.create(incident=incident, heard=text, heard_from=source, at=at)
        _tell(made, speaker, f"rumour {made.pk} heard: {text}", at)
        return made

    return write_whole(work)


def find_rumour(incident: Incident, number: int) -> Rumour:
    """A rumour of the incident by its number. Raises WrongUse."""
    found = incident.rumours.filter(pk=number).first()
    if found is None:
        raise WrongUse("no such rumour", where=f"{number}", advice="codered incident rumour list shows them")
    return found


def check_rumour(rumour: Rumour, true: bool, answer: str, speaker: Speaker, at: datetime) -> Rumour:
    """Say whether it is true, and what is. Raises WrongUse, and Refused if somebody said so before."""
    words = _need_words(answer, "--answer")

    def work() -> Rumour:
        found = Rumour.objects.select_for_update().select_related("incident").get(pk=rumour.pk)
        if found.state != "open":
            what = f"{found.checked_by} found it {found.state}: {found.answer}"
            raise Refused(what, where=f"rumour {found.pk}", advice="note a new one if that does not hold any more")
        found.state, found.answer = "true" if true else "false", words
        found.checked_by, found.checked_at = speaker.name, at
        found.save()
        _tell(found, speaker, f"rumour {found.pk} is {found.state}: {words}", at)
        return found

    return write_whole(work)


def _need_words(text: str, where: str, most: int = LONGEST_TEXT) -> str:
    words = text.strip()
    if not words:
        raise WrongUse("says nothing", where=where, advice="write a sentence")
    if len(words) > most:
        raise WrongUse(f"has {len(words):,} characters: at most {most:,}", where=where, advice="write less")
    return words


def _tell(rumour: Rumour, speaker: Speaker, what: str, at: datetime) -> None:
    detail = {"rumour": rumour.pk, "state": rumour.state}
    enter("rumour", speaker.name, what, at, incident=rumour.incident.name, detail=detail)
