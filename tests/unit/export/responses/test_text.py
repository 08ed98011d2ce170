from typing import get_args

import pytest
from msgspec.structs import replace

from codered.export.responses.text import (
    describe_evidence_kept,
    render_decision,
    render_response,
    render_step_end,
    render_step_head,
    render_verification,
)
from codered.model.response import Answer, EvidenceKept, Remnant
from tests.unit.export.responses.conftest import SHEET, MakeResponse

HOSTILE = "\x1b[2J\u202eevil\nCLEAN: all is well"


@pytest.mark.parametrize("answer", get_args(Answer))
def test_the_first_line_is_the_answer_and_why(make_response: MakeResponse, answer: Answer) -> None:
    verification = make_response(answer).verification
    assert verification is not None
    text = render_verification(verification)
    assert text.startswith(f"{answer.upper()}: the reason")
    assert ("it is there again" in text) is (answer != "clean")
    assert ("A start of the host is due" in text) is (answer == "incomplete")
    assert "The new look" in text


def test_hostile_names_do_not_write_lines_of_their_own(make_response: MakeResponse) -> None:
    verification = make_response("residual").verification
    assert verification is not None
    remnant = Remnant(kind="residual", what=HOSTILE, because=HOSTILE)
    text = render_verification(replace(verification, because=HOSTILE, remnants=(remnant,)))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert not [line for line in text.splitlines() if line.startswith("CLEAN: all")]


def test_a_sheet_tells_advice_reasons_and_sources() -> None:
    text = render_decision(SHEET)
    assert "UNDECIDED" in text
    assert "  - No web log was read" in text
    assert "not known (from: logs) [leaves it open]" in text


def test_steps_as_they_go(make_response: MakeResponse) -> None:
    assert render_step_head(1, "Look", "Reading only.") == "\n1. Look\nReading only.\n\n"
    assert render_step_end(make_response("clean").steps[0]).splitlines() == [
        "   infected: 1 finding",
        "   → Look: done, exit code 1, 1.5 s",
    ]


def test_a_whole_response(make_response: MakeResponse) -> None:
    text = render_response(make_response("clean"))
    for word in ("CLEAN: the reason", "1. Look: done, exit code 1", "e1: 3 items", "UNDECIDED", "codered rollback p1"):
        assert word in text
    assert all(len(line) <= 100 for line in text.splitlines())


def test_evidence_that_is_not_there_says_why() -> None:
    assert describe_evidence_kept(EvidenceKept(skipped="a drill")) == "none was collected: a drill"
    assert describe_evidence_kept(EvidenceKept(id="e", complete=False)).endswith("; NOT complete")
