"""A request that is only thought of: what would the rules answer, for these machines, at this time, for so long?"""

from datetime import datetime
from typing import NamedTuple

from codered.model.errors import WrongUse
from codered.packs.suggesting import suggest
from codered_hq.model.action import ACTION_KINDS, ActionKind, ActionRequest, Subject
from codered_hq.rules.book import RuleBook, find_zone
from codered_hq.rules.durations import parse_duration
from codered_hq.rules.hours import find_moment
from codered_hq.rules.vocabulary import read_vocabulary


class Question(NamedTuple):
    """What is asked, as people write it: `at` "Tue 10:00" or a date ("" = now), `lasting` "4h" ("" = as long as the
    rules let it). `tags` to `evidence_saved` are facts of a machine that is only thought of.
    """

    action: str
    at: str = ""
    lasting: str = ""
    drill: bool = False
    tags: tuple[str, ...] = ()
    state: str = "unknown"
    criticality: str = "normal"
    evidence_saved: bool = False


def make_asked_request(
    book: RuleBook, question: Question, subjects: tuple[Subject, ...], now: datetime
) -> ActionRequest:
    """The request that is asked about; without machines for one that is only thought of. Raises WrongUse, whose `where`
    is the option that is wrong.
    """
    kind, seconds = find_kind(question.action), _read_seconds(question.lasting)
    meant = subjects or (_think_of(question, book),)
    return ActionRequest(
        kind=kind, target=", ".join(subject.name for subject in meant)[:200], subjects=meant,
        at=_read_time(question.at, book, now), requested_by="explain", drill=question.drill, seconds=seconds,
    )  # fmt: skip


def find_kind(text: str) -> ActionKind:
    """The kind of action that is called so. Raises WrongUse."""
    for kind in ACTION_KINDS:
        if kind == text.replace("-", "_"):
            return kind
    raise WrongUse(f"no kind of action is called {text[:60]!a}", where="ACTION", advice=suggest(text, [*ACTION_KINDS]))


def _read_seconds(text: str) -> int:
    seconds = parse_duration(text) if text else 0
    if seconds is None:
        raise WrongUse(f"no duration: {text[:60]!a}", where="--for", advice="write it as 30m, 4h or 2d")
    return seconds


def _read_time(text: str, book: RuleBook, now: datetime) -> datetime:
    if not text:
        return now
    zone = find_zone(book.timezone)
    try:
        return find_moment(text, now.astimezone(zone).date(), zone, after=True)
    except (ValueError, OverflowError):
        advice = "write it as 2026-12-31, '2026-12-31 10:00' or 'Tue 10:00'"
        raise WrongUse(f"no time: {text[:60]!a}", where="--at", advice=advice) from None


def _think_of(question: Question, book: RuleBook) -> Subject:
    """A machine that is only thought of. A tag or state that nobody knows is a mistake, not an ordinary machine."""
    vocabulary = read_vocabulary()
    known = [*vocabulary.tags, *book.tags]
    for option, words, some in (
        ("--tag", question.tags, known),
        ("--state", (question.state,), [*vocabulary.states]),
        ("--criticality", (question.criticality,), [*vocabulary.criticalities]),
    ):
        for word in words:
            if word not in some:
                raise WrongUse(f"{word[:60]!a} is not known", where=option, advice=suggest(word, some))
    name = f"a machine tagged {', '.join(question.tags)}" if question.tags else "an ordinary machine"
    return Subject(
        host=0, name=name, tags=question.tags, state=question.state, criticality=question.criticality,
        evidence_saved=question.evidence_saved,
    )  # fmt: skip
