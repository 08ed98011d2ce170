import pytest

from codered.model.errors import WrongUse
from codered_hq.model.action import ACTION_KINDS, UNDOING
from codered_hq.rules.book import AtMost
from tests.fixtures.rules_of_engagement import ALLOW, HEAD, write_rules

NEVER = "never:\n  - id: no\n    why: No.\n"
FIRST = HEAD.count("\n") + 1


def test_a_rule_without_do_speaks_of_all_but_undoing() -> None:
    book = write_rules("groups: {looks: [scan, collect]}\n" + NEVER + "    except: looks\n" + ALLOW)
    assert book.never[0].kinds == frozenset(ACTION_KINDS) - UNDOING - {"scan", "collect"}


def test_groups_and_kinds_may_stand_side_by_side() -> None:
    book = write_rules(
        "groups: {looks: [scan, collect]}\nallow:\n  - id: a\n    do: [looks, patch, release]\n    except: [scan]\n"
        "    needs: [legal, legal]\n    undo_after: 90m\n"
        "    if: {tag: [vital, fragile], state: infected, criticality: [low, high], longer_than: 2d, drill: no,\n"
        "         during: outside_business_hours, roe_valid: yes, evidence_saved: yes}\n"
    )
    rule = book.allow[0]
    assert rule.kinds == {"collect", "patch", "release"}
    assert (rule.needs, rule.undo_after) == (("legal", "legal"), 5400)
    condition = rule.condition
    assert (condition.tags, condition.states) == (frozenset(["vital", "fragile"]), frozenset(["infected"]))
    assert (condition.criticalities, condition.longer_than) == (frozenset(["low", "high"]), 172_800)
    assert (condition.drill, condition.roe_valid, condition.evidence_saved) == (False, True, True)
    assert condition.during == "outside_business_hours"


def test_a_cap_may_depend_on_the_time_only() -> None:
    book = write_rules(NEVER + "    at_most: {hosts: 5, per: 1h}\n    if: {during: business_hours}\n" + ALLOW)
    assert book.never[0].at_most == AtMost(5, 3600)
    with pytest.raises(WrongUse, match=r"rules.yaml:10: `at_most` with the condition `tag`"):
        write_rules(NEVER + "    at_most: {hosts: 5, per: 1h}\n    if: {tag: vital}\n" + ALLOW)


@pytest.mark.parametrize(
    ("line", "text", "what"),
    [
        (0, "wy: No.", "unknown key `wy`"),
        (0, "needs: [legal]", "`needs` does not belong here"),
        (0, "undo_after: 4h", "`undo_after` does not belong here"),
        (0, "do: [isolate_hosts]", "did you mean `isolate_host`?"),
        (0, "do: cut_of", "no kind or group of actions is called 'cut_of'"),
        (0, "do: []", "is an empty list"),
        (0, "except: []", "is an empty list"),
        (0, "if: {}", "`if` is empty"),
        (0, "if: {tags: vital}", "unknown key `tags`"),
        (0, "if: {tag: vtal}", "no tag is called 'vtal'"),
        (0, "if: {tag: []}", "is an empty list"),
        (0, "if: {drill: true}", "`drill` can't be 'true'"),
        (0, "if: {during: night}", "no time is called 'night'"),
        (0, "if: {longer_than: 4}", "`longer_than` can't be '4'"),
        (0, "if: {longer_than: 0h}", "`longer_than` can't be '0h'"),
        (0, "if: {state: ill}", "no state of hosts is called 'ill'"),
        (0, "if: {criticality: huge}", "no criticality is called 'huge'"),
        (0, "if: [vital]", "is no block of keys"),
        (0, "at_most: {hosts: many, per: 1h}", "`hosts` can't be 'many'"),
        (0, "at_most: {hosts: 5}", "lacks the key `per`"),
        (0, "why: Twice.", "the key `why` a second time"),
    ],
)
def test_what_is_wrong_in_never_is_refused_with_its_line(line: int, text: str, what: str) -> None:
    with pytest.raises(WrongUse, match=f"^rules.yaml:{FIRST + 3 + line}: ") as refused:
        write_rules(NEVER + f"    {text}\n" + ALLOW)
    assert what in str(refused.value)


@pytest.mark.parametrize(
    ("tail", "line", "what"),
    [
        ("never:\n  - id: no\n" + ALLOW, 7, "lacks `why`"),
        ("never:\n  - why: No.\n" + ALLOW, 7, "lacks the key `id`"),
        ("never:\n  - id: Not_good\n    why: No.\n" + ALLOW, 7, "`id` can't be"),
        ("never:\n  - id: not_good\n    why: No.\n" + ALLOW, 7, "`id` can't be"),
        ("never:\n  - id: default\n    why: No.\n" + ALLOW, 7, "taken by a built-in rule"),
        ("never:\n  - id: look\n    why: No.\n" + ALLOW, 10, "the id `look` a second time"),
        (ALLOW + "    at_most: {hosts: 5, per: 1h}\n", 9, "`at_most` does not belong here"),
        (ALLOW + "    except: [scan, collect]\n", 7, "speaks of no action"),
        (ALLOW + "    needs: [boss]\n", 9, "no role is called 'boss'"),
        (ALLOW + "    needs: []\n", 9, "is an empty list"),
        (ALLOW + f"    needs: [{', '.join(['legal'] * 11)}]\n", 9, "more than 10 people"),
        (ALLOW + "    undo_after: 4 hours\n", 9, "`undo_after` can't be '4 hours'"),
        ("allow:\n" + "".join(f"  - id: r{n}\n" for n in range(201)), 6, "more than 200 rules"),
    ],
)
def test_what_is_wrong_in_a_rule_is_refused_with_its_line(tail: str, line: int, what: str) -> None:
    with pytest.raises(WrongUse) as refused:
        write_rules(tail)
    assert what in str(refused.value)
    assert str(refused.value).startswith(f"rules.yaml:{line}: ")


def test_during_needs_business_hours() -> None:
    head = "".join(line for line in HEAD.splitlines(keepends=True) if "business" not in line)
    with pytest.raises(WrongUse, match="`during` without `business_hours`"):
        write_rules(NEVER + "    if: {during: business_hours}\n" + ALLOW, head)
