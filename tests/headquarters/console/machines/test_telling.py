"""What became of a question, in one line."""

from datetime import UTC, datetime

import pytest
from django.contrib import messages

from codered_hq.console.machines.telling import Told, tell_carried_out, tell_decision
from codered_hq.containment.promptly import Promptly
from codered_hq.gate.models import Decision


@pytest.mark.django_db
def test_lines() -> None:
    at = datetime.now(UTC)
    made = Decision(uid="d" * 32, kind="disable_port", rule="r1", why="Not this one.", state="refused", request={})
    told = tell_decision(made, "web-1", at)
    assert (told.level, told.text) == (messages.ERROR, "web-1: refused: rule r1: Not this one.")
    left = tell_carried_out(Promptly([], "it is about many machines"), "web-1")
    assert left.level == messages.INFO
    assert "the worker of headquarters" in left.text
    assert Told.failed("x") == (messages.ERROR, "x", "")
