"""Injects are answered once; a drill ends with its score, its lessons and its place in the history."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codered.model.errors import Refused, WrongUse
from codered_hq.drills.advancing import advance
from codered_hq.drills.answering import answer_inject, end_drill, find_drill
from codered_hq.drills.history import read_history
from codered_hq.drills.models import Drill
from codered_hq.incidents.declaring import Declaration, declare
from codered_hq.incidents.people import Speaker
from codered_hq.ledger.models import LedgerEntry
from tests.fixtures.drill_desk import speak_as


def test_the_first_answer_counts_and_is_in_the_ledger(drill: Drill, headquarters: Path) -> None:
    at = datetime.now(UTC)
    advance(headquarters, at)
    tom = speak_as("Tom", "communications")
    answer_inject(drill, 1, " No comment yet ", tom, at)
    assert answer_inject(drill, 1, "No comment yet", tom, at + timedelta(minutes=1)).answered_at == at
    with pytest.raises(Refused, match="Tom answered it"):
        answer_inject(drill, 1, "Another", speak_as("Eve"), at)
    assert LedgerEntry.objects.filter(what="DRILL inject 1 answered: No comment yet").count() == 1


@pytest.mark.parametrize(
    ("number", "text", "what"), [(1, " ", "has 1 to"), (2, "x", "no such inject was told"), (9, "x", "no such")]
)
def test_what_was_not_told_or_says_nothing_is_refused(
    drill: Drill, headquarters: Path, number: int, text: str, what: str
) -> None:
    advance(headquarters, datetime.now(UTC))
    with pytest.raises(WrongUse, match=what):
        answer_inject(drill, number, text, speak_as("Tom"), datetime.now(UTC))


def test_it_ends_once_with_lessons_for_what_was_missed(drill: Drill, headquarters: Path) -> None:
    at = datetime.now(UTC)
    mara = speak_as("Mara", "incident_commander")
    incident = declare(Declaration("spread", "It spreads", packs=("codered2",)), mara, at)
    assert incident.drill, "in a drill's own headquarters each incident is one"
    advance(headquarters, at)
    with pytest.raises(Refused, match="people of the team"):
        end_drill(drill, Speaker(None, "root", None), headquarters, at)
    made = end_drill(drill, mara, headquarters, at)
    lessons = incident.lessons.values_list("text", flat=True)
    assert len(lessons) == sum(one.missed for one in made.measures) > 0
    assert any(text.startswith("First machine cut off: never") for text in lessons)
    assert end_drill(drill, mara, headquarters, at + timedelta(minutes=5)) == made
    assert incident.lessons.count() == len(lessons)
    assert read_history(headquarters) == (made,)
    with pytest.raises(Refused, match="over"):
        answer_inject(drill, 1, "late", mara, at)


def test_without_a_drill_it_is_said(drill: Drill) -> None:
    assert find_drill() == drill
    with pytest.raises(WrongUse, match="no such drill"):
        find_drill(drill.pk + 1)
