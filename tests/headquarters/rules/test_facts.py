from datetime import UTC, datetime

from codered_hq.rules.book import Condition
from codered_hq.rules.facts import Facts, Moment, exceeds, explain_misfit, find_moment_facts, fits, make_facts
from tests.fixtures.rules_of_engagement import make_request, make_subject, read_sample_book

HARD = Condition(
    drill=True, roe_valid=False, evidence_saved=True, tags=frozenset(["vital"]), during="outside_business_hours",
    longer_than=60, states=frozenset(["infected"]), criticalities=frozenset(["high"]),
)  # fmt: skip
MET = Facts(frozenset(["vital"]), True, False, True, False, 61, "infected", "high")


def test_every_part_of_a_condition_counts() -> None:
    assert fits(HARD, MET)
    assert exceeds(HARD, MET)
    assert explain_misfit(HARD, MET) == ()
    for name, value in Facts()._asdict().items():
        unmet = MET._replace(**{name: value})
        assert not (fits(HARD, unmet) and exceeds(HARD, unmet)), name
        assert len(explain_misfit(HARD, unmet)) == 1, name
    assert len(explain_misfit(HARD, Facts())) == 8
    assert fits(Condition(), Facts())
    assert exceeds(Condition(), Facts())
    assert not exceeds(Condition(longer_than=60), Facts(seconds=60))


def test_the_other_side_of_each_truth_is_told() -> None:
    condition = Condition(drill=False, roe_valid=True, evidence_saved=False, during="business_hours")
    facts = Facts(drill=True, roe_valid=False, evidence_saved=True, business_hours=False)
    assert explain_misfit(condition, facts) == (
        "this is a drill", "the rules are past their review date", "its evidence is saved",
        "it is outside business hours",
    )  # fmt: skip


def test_facts_of_a_machine() -> None:
    request = make_request("scan", drill=True, seconds=-5)
    facts = make_facts(request, make_subject("plc", criticality="vital", evidence_saved=True), Moment(False, True))
    assert facts == Facts(frozenset(["plc", "vital"]), True, False, True, True, 0, "unknown", "vital")


def test_a_moment_means_something_at_the_ends_of_time_too() -> None:
    book = read_sample_book()
    assert find_moment_facts(book, datetime(2027, 1, 1, 12, 0, tzinfo=UTC)) == Moment(True, True)
    assert find_moment_facts(book, datetime(2027, 1, 2, 12, 0, tzinfo=UTC)) == Moment(False, False)
    assert not find_moment_facts(book, datetime.max.replace(tzinfo=UTC)).roe_valid
