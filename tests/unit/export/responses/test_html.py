from typing import get_args

import pytest
from msgspec.structs import replace

from codered.export.responses.html import render_response_html
from codered.model.plan import LeftAlone
from codered.model.response import Answer, StepDone
from tests.unit.export.responses.conftest import NOW, MakeResponse

ATTACK = "<script>alert(1)</script><img src=x onerror=y>\"'&"


@pytest.mark.parametrize("answer", get_args(Answer))
def test_a_page_of_every_answer(make_response: MakeResponse, answer: Answer) -> None:
    page = render_response_html(make_response(answer))
    assert f'<p class="word">{answer.upper()}</p>' in page
    for title in ("Clean or rebuild", "Steps", f"Verified: {answer}", "Findings before", "What was done", "Evidence"):
        assert title in page, title


def test_it_needs_nothing_else(make_response: MakeResponse) -> None:
    page = render_response_html(make_response("clean"))
    for word in ("<script", "http://", "https://", "<link", "<img", "@import", "url("):
        assert word not in page


def test_hostile_text_stays_text(make_response: MakeResponse) -> None:
    response = make_response("residual")
    assert response.plan is not None
    assert response.verification is not None
    remnants = (replace(response.verification.remnants[0], what=ATTACK, because=ATTACK),)
    poisoned = replace(
        response,
        plan=replace(response.plan, left_alone=(LeftAlone(what=ATTACK, because=ATTACK),), advice=(ATTACK,)),
        verification=replace(response.verification, because=ATTACK, remnants=remnants, reboot=(ATTACK,)),
        steps=(StepDone(name="look", state="failed", began=NOW, told=(ATTACK,)),),
    )
    page = render_response_html(poisoned)
    assert "<script" not in page
    assert "<img" not in page


def test_what_was_found_is_no_find_of_the_page(make_response: MakeResponse) -> None:
    assert "/var/www/x.php" not in render_response_html(make_response("clean"))


def test_a_response_that_was_stopped_at_once(make_response: MakeResponse) -> None:
    bare = replace(
        make_response("clean"), report=None, plan=None, verification=None, decision=None, evidence=None, steps=()
    )
    page = render_response_html(bare)
    assert "NOT LOOKED AT" in page
    assert 'class="verdict incomplete"' in page
