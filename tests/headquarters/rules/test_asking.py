"""Questions to the rules, as people write them."""

from datetime import UTC, datetime

import pytest

from codered.model.errors import WrongUse
from codered_hq.model.action import Subject
from codered_hq.rules.asking import Question, find_kind, make_asked_request
from codered_hq.rules.judging import judge
from codered_hq.rules.reading import read_rules
from tests.fixtures.rules_in_force import write_lax_rules

BOOK = read_rules(write_lax_rules(), "rules")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday


def test_a_machine_that_is_only_thought_of_is_judged_by_its_marks() -> None:
    plain = make_asked_request(BOOK, Question("isolate-host"), (), NOW)
    assert (plain.kind, plain.at, plain.seconds, plain.subjects[0].name) == (
        "isolate_host", NOW, 0, "an ordinary machine",
    )  # fmt: skip
    assert judge(BOOK, plain).answer == "yes"
    vital = make_asked_request(BOOK, Question("isolate_host", tags=("vital",), lasting="2h"), (), NOW)
    assert (judge(BOOK, vital).needs, vital.seconds) == (("executive", "business"), 7200)


def test_real_machines_are_asked_about_as_they_are_and_a_weekday_is_the_next_one() -> None:
    host = Subject(host=7, name="web7", tags=("never_touch",))
    request = make_asked_request(BOOK, Question("patch", at="Tue 10:00", drill=True), (host,), NOW)
    assert (request.subjects, request.target, request.drill) == ((host,), "web7", True)
    assert request.at == datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("question", "where", "word"),
    [
        (Question("explode"), "ACTION", "explode"),
        (Question("scan", lasting="soon"), "--for", "soon"),
        (Question("scan", at="some day"), "--at", "some day"),
        (Question("scan", tags=("vitl",)), "--tag", "vitl"),
        (Question("scan", state="ill"), "--state", "ill"),
        (Question("scan", criticality="huge"), "--criticality", "huge"),
    ],
)
def test_a_mistake_is_named_with_its_option(question: Question, where: str, word: str) -> None:
    with pytest.raises(WrongUse, match=word) as caught:
        make_asked_request(BOOK, question, (), NOW)
    assert caught.value.where == where
    assert find_kind("block-address") == "block_address"
