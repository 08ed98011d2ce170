from codered_hq.rules.book import RuleBook
from codered_hq.rules.comparing import AnswerChange, RuleChange, compare_rules
from tests.fixtures.rules_of_engagement import ALLOW, HEAD, read_sample_book, write_rules

CAP = "never:\n  - id: cap\n    why: Many.\n    do: [patch]\n    at_most: {hosts: 5, per: 1h}\n"
FIX = "  - id: fix\n    do: [patch]\n    needs: [legal, business]\n    undo_after: 4h\n"
OLD = write_rules(CAP + ALLOW + FIX)


def find_laxer(new: RuleBook) -> list[bool]:
    difference = compare_rules(OLD, new)
    return [each.laxer for each in difference.answers] + [each.laxer for each in difference.rules]


def test_the_same_rules_say_the_same_whatever_they_are_called() -> None:
    same = write_rules(CAP + ALLOW.replace("id: look", "id: see") + FIX)
    difference = compare_rules(OLD, same)
    assert (difference.answers, difference.settings) == ((), ())
    assert [(each.rule, each.change) for each in difference.rules] == [("look", "removed"), ("see", "added")]
    assert compare_rules(OLD, OLD).rules == ()


def test_an_answer_that_changed_is_shown_by_its_plainest_situation() -> None:
    new = write_rules(CAP + ALLOW + FIX.replace("[legal, business]", "[legal]"))
    difference = compare_rules(OLD, new)
    assert difference.rules == (RuleChange("fix", "changed"),)
    (change,) = difference.answers
    assert change == AnswerChange("patch", "legal + business, 4h", "legal, 4h", True, "", 4)
    assert not compare_rules(new, OLD).answers[0].laxer


def test_what_got_laxer_is_marked_and_comes_first() -> None:
    assert find_laxer(write_rules(CAP + ALLOW + FIX.replace("4h", "5h"))) == [True, False]
    assert find_laxer(write_rules(CAP + ALLOW + FIX.replace("    undo_after: 4h\n", ""))) == [True, False]
    assert find_laxer(write_rules(CAP + ALLOW + FIX.replace("4h", "3h"))) == [False, False]
    assert find_laxer(write_rules(CAP + ALLOW + FIX.replace("business", "security"))) == [True, False]
    assert find_laxer(write_rules(CAP.replace("5", "6") + ALLOW + FIX)) == [True]
    assert find_laxer(write_rules(CAP.replace("1h", "1m") + ALLOW + FIX)) == [True]
    assert find_laxer(write_rules(CAP.replace("5", "4") + ALLOW + FIX)) == [False]
    assert find_laxer(write_rules(CAP.replace("    do: [patch]\n", "") + ALLOW + FIX)) == [False]
    assert find_laxer(write_rules(ALLOW + FIX)) == [True]
    assert find_laxer(write_rules(CAP + ALLOW)) == [False, False]
    difference = compare_rules(OLD, write_rules(CAP + ALLOW + "  - id: fix\n    do: [reboot]\n"))
    assert [(each.kind, each.laxer) for each in difference.answers] == [("reboot", True), ("patch", False)]


def test_settings_and_the_order_of_rules_count() -> None:
    new = write_rules(CAP + ALLOW + FIX, HEAD.replace("07:00", "08:00") + "timezone: Europe/Berlin\n")
    difference = compare_rules(OLD, new)
    assert difference.settings == (
        "business_hours: Mon-Fri 07:00-19:00 -> Mon-Fri 08:00-19:00",
        "timezone: UTC -> Europe/Berlin",
    )
    moved = write_rules(CAP + "allow:\n" + FIX + ALLOW.removeprefix("allow:\n"))
    difference = compare_rules(OLD, moved)
    assert [each.change for each in difference.rules] == ["moved", "moved"]
    assert (difference.answers, difference.settings) == ((), ())
    assert compare_rules(OLD, read_sample_book()).complete


def test_what_can_t_be_gone_through_is_said() -> None:
    names = [f"t{number}" for number in range(20)]
    tags = "tags: {" + ", ".join(f"{name}: x" for name in names) + "}\n"
    wide = write_rules(tags + CAP + ALLOW + f"    if: {{tag: [{', '.join(names)}]}}\n" + FIX)
    assert not compare_rules(OLD, wide).complete
