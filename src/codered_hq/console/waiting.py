"""Which decisions wait for a yes of the one who looks."""

from datetime import datetime

from codered_hq.console.live.caching import keep
from codered_hq.console.live.topics import Look
from codered_hq.gate.models import Decision
from codered_hq.gate.showing import list_waiting, may_vote
from codered_hq.incidents.models import Person

MOST_LOOKED_AT = 100


def list_my_votes(person: Person, at: datetime, look: Look) -> list[Decision]:
    """The decisions this person's yes would help at this time (aware), the most urgent first: of the first 100."""

    def find() -> list[Decision]:
        return [each for each in list_waiting(at)[:MOST_LOOKED_AT] if may_vote(person, each, at)]

    found = keep(("votes of", person.pk), ("waiting", "incident"), find, look)
    return [each for each in found if each.expires_at is None or each.expires_at > at]


def count_my_votes(person: Person, at: datetime, look: Look) -> int:
    """How many they are."""
    return len(list_my_votes(person, at, look))
