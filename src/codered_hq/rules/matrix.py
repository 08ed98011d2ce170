"""What the rules answer at a glance: kinds of action down, classes of machines across."""

from typing import Final

import msgspec

from codered_hq.model.action import ACTION_KINDS, ActionKind
from codered_hq.rules.book import RuleBook
from codered_hq.rules.durations import show_duration
from codered_hq.rules.facts import VITAL, Facts
from codered_hq.rules.judging import Ruling, decide
from codered_hq.rules.situations import NEVER_TOUCH
from codered_hq.rules.vocabulary import read_vocabulary

MOST_CLASSES: Final = 8
ORDINARY: Final = "ordinary"
SUPPOSED: Final = "no drill, before the review date, evidence saved, in business hours"


class Row(msgspec.Struct, frozen=True):
    """Kinds of action that are answered alike, and the answers by class."""

    kinds: tuple[ActionKind, ...]
    cells: tuple[str, ...]


class Matrix(msgspec.Struct, frozen=True):
    """The answers for machines of these classes; `left_out` are tags that found no room."""

    classes: tuple[str, ...]
    rows: tuple[Row, ...]
    left_out: tuple[str, ...]


def make_matrix(book: RuleBook) -> Matrix:
    """The answers to each kind for ordinary machines, and for those with one tag that the rules look at."""
    asked = frozenset[str]().union(*(rule.condition.tags for rule in (*book.never, *book.allow)))
    known = (*read_vocabulary().tags, *book.tags)
    tags = [tag for tag in known if tag in asked or tag in (VITAL, NEVER_TOUCH)]
    classes = tags[: MOST_CLASSES - 1]
    rows: list[Row] = []
    for kind in ACTION_KINDS:
        cells = tuple(
            show_ruling(decide(book, kind, Facts(tags=frozenset(some), evidence_saved=True)))
            for some in ((), *((tag,) for tag in classes))
        )
        same = next((number for number, row in enumerate(rows) if row.cells == cells), None)
        if same is None:
            rows.append(Row((kind,), cells))
        else:
            rows[same] = Row((*rows[same].kinds, kind), cells)
    return Matrix((ORDINARY, *classes), tuple(rows), tuple(tags[MOST_CLASSES - 1 :]))


def show_ruling(ruling: Ruling) -> str:
    """An answer in a few words: NO, yes, who must say yes, and for how long."""
    if ruling.answer == "no":
        return "NO"
    told = " + ".join(role.replace("_", " ") for role in ruling.needs) or "yes"
    return f"{told}, {show_duration(ruling.undo_after)}" if ruling.undo_after else told
