from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codered_hq.model.action import ACTION_KINDS, LOOKING, ActionKind, Cap
from codered_hq.rules.facts import Facts, find_moment_facts
from codered_hq.rules.judging import decide, find_caps, judge, unite_needs
from tests.fixtures.rules_of_engagement import ALLOW, AT_WORK, make_request, make_subject, read_sample_book, write_rules

SAMPLE = read_sample_book()
LAST_DAY = datetime(2027, 1, 1, 23, 59, tzinfo=UTC)


def test_the_first_rule_that_fits_decides() -> None:
    verdict = judge(SAMPLE, make_request("isolate_host", make_subject("vital", "may_isolate")))
    assert (verdict.answer, verdict.rule, verdict.needs) == ("needs", "isolate-vital", ("executive", "business"))
    assert (verdict.undo_after, verdict.subject) == (14_400, "#1")
    assert (verdict.version, verdict.digest) == (SAMPLE.version, SAMPLE.digest)
    assert verdict.caps == (
        Cap(
            rule="isolate-cap", why=SAMPLE.never[5].why, hosts=50, seconds=3600,
            kinds=("block_address", "disable_port", "isolate_host", "move_vlan"),
        ),
    )  # fmt: skip


def test_the_strictest_machine_decides() -> None:
    ordinary, vital = make_subject("may_isolate", number=1), make_subject("vital", number=2)
    verdict = judge(SAMPLE, make_request("isolate_host", ordinary, vital, make_subject(number=3)))
    assert (verdict.rule, verdict.subject, verdict.undo_after) == ("isolate-vital", "#2", 14_400)
    assert sorted(verdict.needs) == ["business", "executive", "incident_commander"]
    forbidden = make_subject("never_touch", number=4)
    verdict = judge(SAMPLE, make_request("shut_vlan", ordinary, vital, forbidden))
    assert (verdict.answer, verdict.rule, verdict.subject, verdict.needs) == ("no", "never-touch", "#4", ())


def test_what_several_need_is_united_and_not_added() -> None:
    assert sorted(unite_needs([("legal",), ("legal", "legal"), ("business",), ()])) == ["business", "legal", "legal"]


@pytest.mark.parametrize("kind", ACTION_KINDS)
def test_a_guard_a_drill_and_the_review_date_hold_whatever_a_file_says(kind: ActionKind) -> None:
    lax = write_rules("allow:\n  - id: all\n  - id: back\n    do: [release, roll_back]\n")
    assert judge(lax, make_request(kind, make_subject())).answer == "yes"
    guarded = judge(lax, make_request(kind, make_subject(), guard="This is an uplink."))
    assert (guarded.answer, guarded.rule, guarded.why) == ("no", "guard", "This is an uplink.")
    drill = judge(lax, make_request(kind, make_subject(), drill=True))
    assert (drill.answer, drill.rule) == (("yes", "all") if kind in LOOKING else ("no", "in-a-drill"))
    late = judge(lax, make_request(kind, make_subject(), at=LAST_DAY))
    if kind in ("release", "roll_back"):
        assert (late.answer, late.rule) == ("yes", "back")
    else:
        assert (late.answer, late.rule) == (("yes", "all") if kind in LOOKING else ("no", "past-review"))


def test_what_no_rule_allows_is_not_done_and_what_was_done_may_be_undone() -> None:
    book = write_rules()
    verdict = judge(book, make_request("patch", make_subject()))
    assert (verdict.answer, verdict.rule, verdict.why) == ("no", "default", "no rule allows it")
    assert judge(book, make_request("release", make_subject("never_touch"))).rule == "undo"
    book = write_rules(ALLOW + "  - id: back\n    do: [release]\n    if: {tag: vital}\n    needs: [business]\n")
    assert judge(book, make_request("release", make_subject("vital"))).needs == ("business",)
    assert judge(book, make_request("release", make_subject())).rule == "undo"


def test_a_request_for_as_long_as_the_rules_let_it_never_lasts_longer_than_they_let_it() -> None:
    never = "never:\n  - id: four\n    why: Four hours.\n    do: [patch]\n    if: {longer_than: 4h}\n"
    book = write_rules(never + "allow:\n  - id: days\n    do: [patch]\n    undo_after: 2d\n")
    assert judge(book, make_request("patch", make_subject())).undo_after == 14_400
    assert judge(book, make_request("patch", make_subject(), seconds=3600)).undo_after == 3600
    assert judge(book, make_request("patch", make_subject(), seconds=14_400)).answer == "yes"
    assert judge(book, make_request("patch", make_subject(), seconds=14_401)).rule == "four"


def test_the_day_of_the_review_still_counts_where_the_rules_are_from() -> None:
    tail = "timezone: Pacific/Auckland\nallow:\n  - id: fix\n    do: [patch]\n"
    book = write_rules(tail)
    last = datetime(2026, 12, 31, 10, 59, 59, tzinfo=UTC)
    assert judge(book, make_request("patch", make_subject(), at=last)).answer == "yes"
    assert judge(book, make_request("patch", make_subject(), at=last + timedelta(seconds=1))).rule == "past-review"


def test_a_request_about_no_known_machine_is_about_an_unknown_one() -> None:
    verdict = judge(SAMPLE, make_request("block_address"))
    assert (verdict.answer, verdict.needs, verdict.subject) == ("needs", ("incident_commander",), "a target")
    assert judge(SAMPLE, make_request("reboot")).rule == "evidence-first"


def test_a_vital_criticality_makes_a_host_vital() -> None:
    verdict = judge(SAMPLE, make_request("isolate_host", make_subject("may_isolate", criticality="vital")))
    assert verdict.rule == "isolate-vital"


def test_caps_depend_on_kind_and_time() -> None:
    cap = "never:\n  - id: cap\n    why: Many.\n    at_most: {hosts: 5, per: 1h}\n    if: {during: business_hours}\n"
    book = write_rules(cap + ALLOW)
    assert [each.rule for each in find_caps(book, "scan", False, find_moment_facts(book, AT_WORK))] == ["cap"]
    assert find_caps(book, "release", False, find_moment_facts(book, AT_WORK)) == ()
    assert find_caps(book, "scan", False, find_moment_facts(book, AT_WORK + timedelta(hours=12))) == ()


def test_deciding_is_about_one_machine() -> None:
    assert decide(SAMPLE, "scan", Facts(tags=frozenset(["fragile"]))).rule == "fragile-scan-window"
    assert decide(SAMPLE, "scan", Facts(tags=frozenset(["fragile"]), business_hours=False)).answer == "yes"


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(ACTION_KINDS),
    st.lists(
        st.builds(make_subject, st.text(), st.sampled_from(["vital", "never_touch"]), state=st.text()), max_size=3
    ),
    st.datetimes(timezones=st.timezones()),
    st.booleans(),
    st.integers(-(2**40), 2**40),
)
def test_judging_never_fails(kind: ActionKind, subjects: list[object], at: datetime, drill: bool, seconds: int) -> None:
    verdict = judge(SAMPLE, make_request(kind, *subjects, at=at, drill=drill, seconds=seconds))  # type: ignore[arg-type]
    assert verdict.answer in ("yes", "needs", "no")
    assert (verdict.answer == "needs") == bool(verdict.needs)
    assert verdict.rule
    assert verdict.why
