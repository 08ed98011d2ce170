"""Evidence of a host was saved: where it lies, and what proves that it is still the same."""

import re
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from codered.model.errors import Refused, WrongUse
from codered_hq.hosts.models import TEXT, Host
from codered_hq.incidents.custody_heads import read_hashes
from codered_hq.incidents.models import EvidenceRecord, Incident
from codered_hq.incidents.people import Speaker
from codered_hq.incidents.writing import write_whole
from codered_hq.ledger.writing import enter

_HEAD = re.compile(r"[0-9a-f]{64}")


class Saved(NamedTuple):
    """A container (a path here, or where else it lies) and the head of its custody chain (SHA-256, "" = not known).
    What lies `elsewhere` is believed; what lies here is read.
    """

    container: str
    head: str = ""
    elsewhere: bool = False


def record_evidence(incident: Incident, host: Host, saved: Saved, speaker: Speaker, at: datetime) -> EvidenceRecord:
    """Note that evidence of a host is safe. Said twice, it is one. A container that lies here must have a custody log
    that holds together; its head is kept. Raises WrongUse.
    """
    name, chain = saved.container.strip(), saved.head.strip().lower()
    if not name or len(name) > TEXT or not name.isprintable():
        raise WrongUse("is no place of evidence", where="--container", advice="name its file, or its id")
    if chain and not _HEAD.fullmatch(chain):
        advice = "codered evidence verify prints it: 64 digits"
        raise WrongUse("is no head of a custody chain", where="--head", advice=advice)
    if not saved.elsewhere:
        name, chain = _read_chain(name, chain)
    checked = not saved.elsewhere

    def work() -> EvidenceRecord:
        same = EvidenceRecord.objects.filter(host=host, incident=incident, container=name, head=chain, checked=checked)
        if (known := same.first()) is not None:
            return known
        made = EvidenceRecord.objects.create(
            host=host, incident=incident, container=name, head=chain, checked=checked, who=speaker.name, at=at
        )
        what = f"evidence of {host.label} {tell_saved(made)}: {name}"
        detail = {"host": host.pk, "container": name, "head": chain, "checked": checked}
        enter("evidence", speaker.name, what, at, incident=incident.name, detail=detail)
        return made

    return write_whole(work)


def read_again(record: EvidenceRecord) -> tuple[str, ...]:
    """The hashes of the custody chain of a container that was read when it was noted, as it is now, its head last.
    Raises Refused for one that nobody read, or whose head is not in its chain any more, WrongUse if it can't be read.
    """
    if not record.checked:
        raise Refused("was only said to be safe", where=record.container, advice="look at it where it lies")
    hashes = read_hashes(Path(record.container))
    if record.head not in hashes:
        advice = "the container is another one than was noted: find out who changed it"
        raise Refused("its custody chain does not hold the head that was noted", where=record.container, advice=advice)
    return hashes


def tell_saved(record: EvidenceRecord) -> str:
    """How sure that is, in words."""
    return "saved, its custody chain read" if record.checked else "noted, NOT checked"


def _read_chain(name: str, said: str) -> tuple[str, str]:
    """Where it lies in full, and its head."""
    place = Path(name).absolute()
    if len(str(place)) > TEXT:
        raise WrongUse(f"its whole path is longer than {TEXT} signs", where="--container", advice="move it")
    hashes = read_hashes(place)
    if said and said != hashes[-1]:
        advice = f"its head is {hashes[-1]}: " + ("entries were added since" if said in hashes else "see what happened")
        raise WrongUse("is not the head of this custody chain", where="--head", advice=advice)
    return str(place), hashes[-1]
