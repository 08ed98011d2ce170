from codered_hq.model.action import ACTION_KINDS
from codered_hq.rules.facts import Facts
from codered_hq.rules.situations import can_be_proved, describe, find_rules, find_values, list_situations
from tests.fixtures.rules_of_engagement import ALLOW, read_sample_book, write_rules


def test_only_what_rules_speak_of_is_told_apart() -> None:
    book = write_rules(
        ALLOW + "  - id: a\n    do: [patch]\n"
        "    if: {tag: may_isolate, state: [infected, unknown], longer_than: 4h, criticality: vital}\n"
    )
    looking, patch = find_values([book], "scan"), find_values([book], "patch")
    assert looking is not None
    assert patch is not None
    assert (looking.count_situations(), patch.count_situations()) == (16, 8 * 4 * 3 * 3 * 2)
    assert patch.states == ("", "infected", "unknown")
    assert patch.seconds == (0, 14_400, 14_401)
    facts = list(list_situations([book], "patch"))
    assert len(facts) == len(set(facts)) == 8 * 4 * 3 * 3 * 2 * 3 // 4  # no vital criticality without the tag
    assert facts[0] == Facts(evidence_saved=True, state="")
    assert [rule.id for rule in find_rules([book], "patch")] == ["a"]


def test_several_books_are_told_apart_at_once_and_too_much_is_nothing() -> None:
    plain = write_rules()
    tags = "tags: {" + ", ".join(f"t{number}: x" for number in range(20)) + "}\n"
    wide = write_rules(tags + ALLOW + "    if: {tag: [" + ", ".join(f"t{number}" for number in range(20)) + "]}\n")
    assert can_be_proved([plain, read_sample_book()])
    assert not can_be_proved([plain, wide])
    assert find_values([plain, wide], "scan") is None
    assert list(list_situations([wide], "scan")) == []
    assert all(any(list_situations([plain], kind)) for kind in ACTION_KINDS)


def test_situations_in_words() -> None:
    assert describe(Facts(evidence_saved=True)) == ""
    facts = Facts(frozenset(["vital"]), True, False, False, False, 60, "infected", "high")
    assert describe(facts) == (
        "vital, in a drill, past the review date, evidence not saved, outside business hours, for 60 s, "
        "state infected, criticality high"
    )
