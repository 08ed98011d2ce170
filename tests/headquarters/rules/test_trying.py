import msgspec

from codered_hq.rules.trying import Miss, make_request, try_examples
from tests.fixtures.rules_of_engagement import ALLOW, HEAD, write_rules

RULES = (
    "never:\n  - id: cap\n    why: Many.\n    do: [patch]\n    at_most: {hosts: 5, per: 1h}\n" + ALLOW
    + "  - id: fix\n    do: [patch]\n    needs: [legal]\n    undo_after: 4h\nexamples:\n"
)  # fmt: skip
LINE = (HEAD + RULES).count("\n") + 1


def try_one(text: str) -> list[str]:
    tried = try_examples(write_rules(RULES + "  - {" + text + "}\n"))
    assert all(isinstance(miss, Miss) and miss.line == LINE for miss in tried.misses)
    return [miss.what for miss in tried.misses]


def test_what_an_example_says_is_compared() -> None:
    assert try_one("do: patch, answer: needs, rule: fix, needs: [legal], undo_after: 4h") == []
    assert try_one("do: patch, answer: yes, rule: fix") == ["the answer is needs (rule fix), not yes"]
    assert try_one("do: patch, answer: no, rule: default") == ["the answer is needs (rule fix), not no"]
    assert try_one("do: patch, answer: needs, rule: look") == ["the rule is fix, not look"]
    assert try_one("do: patch, answer: needs, rule: fix, needs: [legal, legal]") == [
        "it needs legal, not legal + legal"
    ]
    assert try_one("do: patch, answer: needs, rule: fix, undo_after: never") == ["it is undone after 4h, not never"]
    cap = "cap: {rule: cap, hosts: 6, per: 1h}"
    assert try_one(f"do: patch, answer: needs, rule: fix, {cap}") == ["the cap cap is 5 in 1h, not 6 in 1h"]
    assert try_one(f"do: scan, answer: yes, rule: look, {cap}") == ["the cap cap is not applied, not 6 in 1h"]


def test_rules_that_no_example_meets_are_named() -> None:
    book = write_rules(RULES + "  - {do: patch, answer: needs, rule: fix}\n")
    assert try_examples(book).unmet == ("cap", "look")
    assert try_examples(msgspec.structs.replace(book, examples=())).unmet == ("cap", "look", "fix")
    book = write_rules(RULES + "  - {do: patch, answer: needs, rule: fix, cap: {rule: cap, hosts: 5, per: 1h}}\n")
    assert try_examples(book).unmet == ("look",)


def test_the_request_of_an_example() -> None:
    text = "  - {do: scan, tags: [vital], state: infected, drill: yes, for: 2h, answer: yes, rule: look}\n"
    (example,) = write_rules(RULES + text).examples
    request = make_request(example)
    assert (request.kind, request.drill, request.seconds, request.at) == ("scan", True, 7200, example.at)
    assert (request.subjects[0].tags, request.subjects[0].state) == (("vital",), "infected")
