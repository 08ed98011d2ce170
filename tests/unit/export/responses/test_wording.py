from typing import get_args

import pytest
from msgspec.structs import replace

from codered.export.responses.wording import (
    ADVICES,
    ANSWERS,
    MEANINGS,
    REMNANTS,
    SIDES,
    START_ANEW,
    STATES,
    TITLES,
    name_remnant,
    name_state,
    name_verdict,
    tell_next,
)
from codered.model.response import Advice, Answer, Remnant, RemnantKind, StepDone, StepName, StepState
from tests.unit.export.responses.conftest import NOW, MakeResponse


def test_every_word_of_the_model_has_its_name() -> None:
    assert set(TITLES) == set(MEANINGS) == set(get_args(StepName))
    assert set(STATES) == set(get_args(StepState))
    assert set(ANSWERS) == set(get_args(Answer))
    assert set(ADVICES) == set(get_args(Advice))
    assert set(SIDES) == {*get_args(Advice), ""}
    assert set(REMNANTS) == set(get_args(RemnantKind))


@pytest.mark.parametrize("answer", get_args(Answer))
def test_the_verdict_is_that_of_the_last_look(make_response: MakeResponse, answer: Answer) -> None:
    assert name_verdict(make_response(answer))[0] == answer.upper()


def test_before_the_end_nothing_reads_as_clean(make_response: MakeResponse) -> None:
    response = replace(make_response("clean"), verification=None)
    assert name_verdict(response)[0] == "INFECTED"
    assert "not verified yet" in name_verdict(response)[2]
    assert "nothing has been changed" in name_verdict(replace(response, steps=()))[2]
    assert name_verdict(replace(response, report=None))[0] == "NOT LOOKED AT"


def test_what_is_next(make_response: MakeResponse) -> None:
    clean = make_response("clean")
    assert any("codered monitor --plan p1" in line for line in tell_next(clean))
    assert not any("--resume" in line for line in tell_next(clean))
    staged = replace(clean, finished=False, verification=None)
    assert any("codered respond --resume r1 --yes" in line for line in tell_next(staged))
    assert any("Start the host anew" in line for line in tell_next(make_response("incomplete")))
    assert any("isolate" in line for line in tell_next(make_response("residual")))


def test_a_watch_is_advised_only_where_there_is_none_and_something_runs(make_response: MakeResponse) -> None:
    clean = make_response("clean")
    assert clean.report is not None
    target = replace(clean.report.target, offers=("files",))
    tree = replace(clean, report=replace(clean.report, target=target))
    assert not any("monitor" in line for line in tell_next(tree))
    watched = StepDone(name="monitor", state="done", began=NOW)
    assert not any("monitor" in line for line in tell_next(replace(clean, steps=(watched,))))
    failed = replace(watched, state="failed", told=("Not watched: no systemd",))
    assert "Not watched: no systemd" in tell_next(replace(clean, steps=(failed,)))


def test_a_plan_out_of_date_is_made_anew(make_response: MakeResponse) -> None:
    failed = StepDone(name="apply", state="failed", began=NOW, code=4)
    lost = replace(make_response("clean"), verification=None, steps=(failed,), finished=True)
    assert tell_next(lost) == (START_ANEW,)
    assert "nothing has been changed" in name_verdict(lost)[2]


def test_names_of_remnants_and_states() -> None:
    assert name_remnant(Remnant(kind="residual", what="/x", because="y")) == "still there: /x: y"
    assert name_state(StepDone(name="look", state="begun", began=NOW)) == "begun, not ended"
