"""Who has read a plan and found it good: an entry of the ledger, bound to the plan's digest."""

import json
from datetime import datetime
from typing import NamedTuple

from codered.model.errors import Refused, WrongUse
from codered_hq.fleet.models import HostRun
from codered_hq.incidents.people import Speaker
from codered_hq.incidents.writing import write_whole
from codered_hq.ledger.models import LedgerEntry
from codered_hq.ledger.writing import enter, take_turn

MOST_NOTE = 1_000


class Review(NamedTuple):
    """Who reviewed it, when, and what was entered."""

    who: str
    at: datetime
    what: str


def find_reviews(row: HostRun) -> list[Review]:
    """The reviews of a stored plan, the oldest first."""
    if not row.plan_digest:
        return []
    entries = LedgerEntry.objects.filter(kind="review", body__contains=row.plan_digest).order_by("seq")
    meant = (entry for entry in entries if json.loads(entry.body)["detail"].get("plan") == row.plan_digest)
    return [Review(entry.who, entry.at, entry.what) for entry in meant]


def review(row: HostRun, note: str, speaker: Speaker, at: datetime) -> bool:
    """Note that somebody of the team has reviewed this plan; False if he had before. Raises Refused, WrongUse."""
    if speaker.person is None:
        raise Refused("only people of the team review plans", where=speaker.name)
    if not row.plan or not row.plan_digest:
        raise WrongUse("there is no plan", where=row.host.label, advice="codered fleet plan makes one")

    def work() -> bool:
        take_turn()
        if any(each.who == speaker.name for each in find_reviews(row)):
            return False
        said = f": {note.strip()[:MOST_NOTE]}" if note.strip() else ""
        what = f"plan {row.plan_digest} of {row.host.label} (#{row.host_id}) reviewed{said}"
        detail = {"host": row.host_id, "plan": row.plan_digest, "run": row.run.uid}
        enter("review", speaker.name, what, at, incident=row.run.incident, detail=detail)
        return True

    return write_whole(work)
