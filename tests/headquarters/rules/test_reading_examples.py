from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from codered.model.errors import WrongUse
from codered_hq.rules.book import Example, ExampleCap
from tests.fixtures.rules_of_engagement import ALLOW, HEAD, write_rules

CAP = "never:\n  - id: cap\n    why: Many.\n    at_most: {hosts: 5, per: 1h}\n"
RULES = "timezone: Europe/Berlin\n" + CAP + ALLOW + "examples:\n"
BERLIN = ZoneInfo("Europe/Berlin")


def read_example(text: str) -> Example:
    (example,) = write_rules(RULES + "  - {" + text + "}\n").examples
    return example


def test_an_example_is_read_whole() -> None:
    example = read_example(
        "name: n, do: scan, tags: [vital, fragile], state: infected, criticality: high, drill: yes,"
        " evidence_saved: yes, at: Tue 10:00, for: 2h, answer: needs, rule: look, needs: [legal], undo_after: 4h,"
        " cap: {rule: cap, hosts: 5, per: 1h}"
    )
    assert (example.name, example.do, example.tags) == ("n", "scan", ("vital", "fragile"))
    assert (example.state, example.criticality, example.drill) == ("infected", "high", True)
    assert (example.seconds, example.undo_after, example.needs) == (7200, 14_400, ("legal",))
    assert example.cap == ExampleCap("cap", 5, 3600)
    assert example.at == datetime(2026, 12, 29, 10, 0, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("", datetime(2026, 12, 30, 12, 0, tzinfo=BERLIN)),
        (", review_past: yes", datetime(2027, 1, 6, 12, 0, tzinfo=BERLIN)),
        (", at: 2026-12-24", datetime(2026, 12, 24, tzinfo=BERLIN)),
        (", at: '2026-12-24 08:30'", datetime(2026, 12, 24, 8, 30, tzinfo=BERLIN)),
        (", at: Thu 09:00", datetime(2026, 12, 31, 9, 0, tzinfo=BERLIN)),
        (", at: Thu 09:00, review_past: yes", datetime(2027, 1, 7, 9, 0, tzinfo=BERLIN)),
    ],
)
def test_when_an_example_happens(text: str, moment: datetime) -> None:
    assert read_example("do: scan, answer: yes, rule: look" + text).at == moment


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("do: scan, rule: look", "lacks the key `answer`"),
        ("do: scan, answer: maybe, rule: look", "no answer is called 'maybe'"),
        ("do: fly, answer: yes, rule: look", "no kind of action is called 'fly'"),
        ("do: scan, answer: yes, rule: lok", "did you mean `look`?"),
        ("do: scan, answer: yes, rule: cap", "no rule is called 'cap'"),
        ("do: scan, answer: yes, rule: look, needs: [legal]", "`needs` with the answer yes"),
        ("do: scan, answer: no, rule: look, undo_after: 4h", "`undo_after` with the answer no"),
        ("do: scan, answer: no, rule: look, cap: {rule: cap, hosts: 5, per: 1h}", "`cap` with the answer no"),
        ("do: scan, answer: yes, rule: look, cap: {rule: look, hosts: 5, per: 1h}", "no cap is called 'look'"),
        ("do: scan, answer: yes, rule: look, tags: [large]", "no tag is called 'large'"),
        ("do: scan, answer: yes, rule: look, at: Tue 24:30", "`at` can't be"),
        ("do: scan, answer: yes, rule: look, at: noon", "`at` can't be 'noon'"),
        ("do: scan, answer: yes, rule: look, at: 2028-01-01, review_past: no", "contradict each other"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(text: str, what: str) -> None:
    with pytest.raises(WrongUse) as refused:
        read_example(text)
    assert what in str(refused.value)
    assert str(refused.value).startswith(f"rules.yaml:{(HEAD + RULES).count(chr(10)) + 1}: ")
