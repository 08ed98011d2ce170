"""Words for people."""

from typing import get_args

import pytest

from codered_hq.model.action import ACTION_KINDS
from codered_hq.model.crisis import SEVERITIES, STEPS
from codered_hq.reporting.document import Numbers
from codered_hq.reporting.words import (
    FIVE,
    Shelf,
    cut,
    mark_tlp,
    name_number,
    name_word,
    not_looked_at,
    tell_count,
    tell_moment,
    tell_number,
    tell_reached,
    tell_roles,
    tell_time,
)
from tests.fixtures.status_reports import HOSTILE, NOW, make_report


def test_every_word_of_the_model_has_words_and_others_stay() -> None:
    known: dict[Shelf, tuple[str, ...]] = {
        "kinds": ACTION_KINDS, "steps": STEPS, "severities": SEVERITIES, "numbers": Numbers.__struct_fields__,
        "states": ("begun", "holding", "undoing", "stuck"),
    }  # fmt: skip
    assert set(known) == set(get_args(Shelf))
    for shelf, words in known.items():
        for word in words:
            assert "_" not in name_word(shelf, word)
    assert name_word("kinds", "new_kind") == "new kind"
    assert set(FIVE) < set(Numbers.__struct_fields__)


def test_times_counts_and_cuts() -> None:
    assert (tell_time(NOW), tell_time(None), tell_moment(NOW)) == (
        "2026-11-23 12:00 UTC",
        "not known",
        "2026-11-23 12:00",
    )
    assert (tell_roles(("incident_commander", "legal")), tell_roles(())) == ("incident commander, legal", "nobody")
    assert (tell_count(1, "host"), tell_count(2000, "host")) == ("1 host", "2,000 hosts")
    assert (cut("a  b", 3), cut("abcd", 3)) == ("a b", "ab…")
    assert cut(HOSTILE, 500).isprintable()
    assert (mark_tlp(make_report()), mark_tlp(make_report(tlp="white"))) == ("TLP:AMBER+STRICT", "TLP:RED")


def test_a_number_says_what_it_does_not_know() -> None:
    known = {"hosts": 86, "infected": 0, "contained": 50, "verified": 0, "not_reached": 86, "awaiting": 0}
    report = make_report(numbers=Numbers(**known, contained_infected=3, contained_suspect=2))
    assert (name_number("infected", report), tell_number("infected", report)) == (
        "known infected", "86 of 86 hosts not looked at",
    )  # fmt: skip
    assert tell_number("contained", report) == "3 of 50 contained were found infected, 2 suspected"
    whole = make_report(numbers=Numbers(**(known | {"not_reached": 0, "contained": 3}), contained_infected=3))
    assert [(name_number(name, whole), tell_number(name, whole)) for name in ("infected", "contained")] == [
        ("infected", ""), ("contained", ""),
    ]  # fmt: skip
    nothing = make_report(numbers=Numbers(**dict.fromkeys(known, 0)))
    assert (not_looked_at(nothing), name_number("infected", nothing)) == ("nothing was looked at", "known infected")


@pytest.mark.parametrize("missing", ["not_reached", "not_covered", "partly"])
def test_what_is_not_known_is_never_called_clean(missing: str) -> None:
    fields = dict.fromkeys(("hosts", "addresses"), 9) | dict.fromkeys(Numbers.__struct_fields__[1:6], 0) | {missing: 1}
    told = tell_reached(make_report(numbers=Numbers(**fields)))
    assert told.endswith("none of them counts as clean.")
    empty = Numbers(**dict.fromkeys(Numbers.__struct_fields__, 0))
    assert "nothing is known to be clean" in tell_reached(make_report(numbers=empty))
