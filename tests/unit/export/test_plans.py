from collections.abc import Callable

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codered.export.plans import render_plan
from codered.export.writing.layout import WIDTH, measure
from codered.model.paths import FilePath
from codered.model.plan import LeftAlone, Plan

anything = st.text(st.characters(), max_size=300)


def hold_bounds(text: str) -> None:
    for line in text.split("\n"):
        assert measure(line) <= WIDTH
        assert line.isprintable()


def test_golden(plan: Plan, check_golden: Callable[[str, str], None]) -> None:
    check_golden("plan.txt", render_plan(plan))


def test_plan_says_in_its_first_line_what_can_not_be_undone(plan: Plan) -> None:
    assert render_plan(plan).startswith("PLAN: 3 changes: 1 to quarantine, 1 to delete and 1 to restore; 1 can NOT")


def test_plan_shows_the_whole_digest(plan: Plan) -> None:
    assert plan.digest in render_plan(plan)


def test_empty_plan_offers_nothing_to_apply(plan: Plan) -> None:
    text = render_plan(msgspec.structs.replace(plan, actions=()))
    assert text.startswith("PLAN: nothing to change.")
    assert "codered apply" not in text


def test_a_huge_plan_says_how_much_is_not_shown(plan: Plan) -> None:
    text = render_plan(msgspec.structs.replace(plan, actions=plan.actions[:1] * 1003))
    assert "… and 3 more, in the plan's file" in text


def test_unsealed_plan_says_so(plan: Plan) -> None:
    assert "this plan is not sealed" in render_plan(msgspec.structs.replace(plan, digest=""))


def test_sections_are_named_where_there_are_several(plan: Plan) -> None:
    edit = msgspec.structs.replace(plan.actions[0], id="a4", kind="remove_line", path=FilePath("/etc/crontab"))
    text = render_plan(msgspec.structs.replace(plan, actions=(*plan.actions, edit, edit)))
    assert text.count("  Clean files\n") == 1
    assert text.count("  Persistence\n") == 1
    assert "Clean files" not in render_plan(plan)


def test_colour_only_when_asked(plan: Plan) -> None:
    assert "\x1b[" not in render_plan(plan)
    assert "\x1b[1;31mNO\x1b[0m" in render_plan(plan, colour=True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(text=anything)
def test_no_hostile_text_escapes(plan: Plan, text: str) -> None:
    action = msgspec.structs.replace(plan.actions[0], path=FilePath(text), shown=text, because=text, pack=text)
    hostile = msgspec.structs.replace(
        plan,
        id=text,
        tool=text,
        packs=(text,),
        actions=(action,),
        left_alone=(LeftAlone(what=text, because=text),),
        advice=(text,),
        digest=text,
    )
    hold_bounds(render_plan(hostile))


def test_what_cant_be_changed_as_it_stands_comes_first(plan: Plan) -> None:
    blocked = tuple(LeftAlone(what=name, because="it is asleep: wake it", blocked=True) for name in "ab")
    empty = render_plan(msgspec.structs.replace(plan, actions=(), left_alone=blocked))
    assert empty.startswith("PLAN: 2 findings can't be removed: it is asleep: wake it. Nothing has been touched yet.")
    some = render_plan(
        msgspec.structs.replace(
            plan, left_alone=(blocked[0], msgspec.structs.replace(blocked[1], because="another reason"))
        )
    )
    told = "2 findings can't be removed: it is asleep: wake it (and other reasons: see what is left alone)"
    assert told in " ".join(some.split("Digest to approve")[0].split())
    assert "can't be removed" not in render_plan(plan)
