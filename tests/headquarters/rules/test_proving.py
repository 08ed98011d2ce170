from itertools import combinations, product

import pytest

from codered_hq.model.action import ACTION_KINDS, LOOKING, UNDOING
from codered_hq.rules.facts import Facts
from codered_hq.rules.judging import decide
from codered_hq.rules.proving import Violation, find_doubts, prove
from codered_hq.rules.reading import read_rules
from codered_hq.rules.vocabulary import read_vocabulary
from tests.fixtures.rules_of_engagement import ALLOW, FIRST_RULES, HEAD, read_sample_book, write_rules

GLASS = "break_glass: {role: legal, review_within: 1d}\n"
TOUCH = "never:\n  - id: touch\n    why: No.\n    if: {tag: never_touch}\n    except: [scan, collect]\n"


def test_the_gap_in_the_first_rules_is_found() -> None:
    (found,) = prove(read_rules(FIRST_RULES, "first.yaml"))
    assert found == Violation("a vital host is cut off by two people only", "vlan-executive", "shut_vlan", "vital")


@pytest.mark.parametrize(
    ("tail", "promise", "situation"),
    [
        (
            "  - id: a\n    do: [patch]\n    needs: [legal]\n",
            "what is tagged never_touch is never changed",
            "never_touch",
        ),
        ("  - id: a\n    do: [reboot]\n", "a vital host is cleaned by somebody's decision only", "vital"),
        (
            "  - id: a\n    do: [shut_vlan]\n    needs: [legal, legal]\n",
            "what is cut off comes back by itself",
            "",
        ),
        (
            "  - id: a\n    do: [isolate_host]\n    needs: [legal]\n    undo_after: 4h\n",
            "a vital host is cut off by two people only",
            "vital",
        ),
        (
            "  - id: a\n    do: [move_vlan]\n    undo_after: 4h\n    if: {state: infected, evidence_saved: no}\n",
            "a vital host is cut off by two people only",
            "vital, evidence not saved, state infected",
        ),
    ],
)
def test_a_broken_promise_is_found_with_the_plainest_request(tail: str, promise: str, situation: str) -> None:
    never = "" if "never_touch" in situation else TOUCH
    (found,) = prove(write_rules(never + ALLOW + tail))
    assert (found.promise, found.rule, found.situation) == (promise, "a", situation)


def test_nothing_in_a_larger_world_escapes_the_proof() -> None:
    """All combinations of far more values than the classes hold, with the promises written down a second time."""
    book, vocabulary = read_sample_book(), read_vocabulary()
    sets = [frozenset(some) for size in range(5) for some in combinations(vocabulary.tags, size)]
    truths = (False, True)
    checked = 0
    for kind, tags, drill, valid, saved, hours in product(ACTION_KINDS, sets, truths, truths, truths, truths):
        ruling = decide(book, kind, Facts(tags, drill, valid, saved, hours))
        checked += 1
        if ruling.answer == "no" or kind in LOOKING:
            continue
        assert not drill
        if kind in UNDOING:
            continue
        assert valid
        assert "never_touch" not in tags
        if kind in vocabulary.cutting_off:
            assert ruling.undo_after
            assert "vital" not in tags or len(ruling.needs) > 1
        elif "vital" in tags:
            assert ruling.needs
    assert checked == 17 * 16 * 16


def test_rules_with_too_many_conditions_are_no_proof() -> None:
    names = [f"t{number}" for number in range(20)]
    tags = "tags: {" + ", ".join(f"{name}: x" for name in names) + "}\n"
    rules = "allow:\n" + "".join(f"  - id: {name}\n    if: {{tag: {name}}}\n" for name in names)
    book = write_rules(tags + rules)
    assert [each.promise for each in prove(book)] == ["the rules are simple enough to be proved"]
    assert [doubt.rule for doubt in find_doubts(book) if "decides" in doubt.what] == []


def test_doubts() -> None:
    tail = (
        GLASS + ALLOW + "  - id: cut\n    do: [isolate_host]\n  - id: vital\n    do: [isolate_host]\n"
        "    if: {tag: vital}\n    undo_after: 4h\n"
    )
    told = {(doubt.rule, doubt.line, doubt.what.split(":")[0]) for doubt in find_doubts(write_rules(tail))}
    first = (HEAD + GLASS + ALLOW).count("\n") + 1
    assert told == {
        ("cut", first, "cuts machines off and never takes it back"),
        ("vital", first + 2, "never decides anything"),
    }
    (doubt,) = find_doubts(write_rules())
    assert "break_glass" in doubt.what


def test_a_rule_of_never_that_is_shadowed_is_doubtful_and_one_for_drills_is_not() -> None:
    drill = "  - id: drill\n    why: No.\n    if: {drill: yes}\n    do: [patch]\n"
    again = "  - id: again\n    why: No.\n    if: {drill: yes, tag: vital}\n    do: [patch]\n"
    (doubt,) = find_doubts(write_rules(GLASS + "never:\n" + drill + again + ALLOW))
    assert (doubt.rule, doubt.what) == ("again", "never decides anything: rules before it always come first")
