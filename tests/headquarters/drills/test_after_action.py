"""The after-action report: complete, escaped, kept when the drill ends."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered_hq.drills.advancing import advance
from codered_hq.drills.after_action import render_kept
from codered_hq.drills.answering import answer_inject, end_drill
from codered_hq.drills.models import Drill
from codered_hq.drills.ranges import SCORE_NAME
from codered_hq.incidents.declaring import Declaration, declare
from tests.fixtures.drill_desk import speak_as


def test_it_tells_what_happened_and_is_kept(drill: Drill, headquarters: Path) -> None:
    at = datetime.now(UTC)
    mara = speak_as("Mara", "incident_commander")
    declare(Declaration("spread", "It spreads"), mara, at)
    advance(headquarters, at)
    answer_inject(drill, 1, "<script>no comment</script>", mara, at)
    with pytest.raises(WrongUse, match="has not ended"):
        render_kept(headquarters, "html")
    made = end_drill(drill, mara, headquarters, at)
    assert (headquarters / SCORE_NAME).exists()
    page = render_kept(headquarters, "html").decode()
    assert "&lt;script&gt;no comment" in page
    assert "<script" not in page
    assert "A reporter asks &lt;b&gt;why&lt;/b&gt;" in page
    assert "<polyline" in page
    assert f"{made.total:g} of 100 points; the first one" in page
    assert "The patch is out" not in page, "it was not told"
    text = render_kept(headquarters, "text").decode()
    assert "Mara (late): <script>no comment</script>" in text
    assert "First machine cut off: never; target" in text
    assert "- First machine cut off: never, not" in text
    assert render_kept(headquarters, "pdf").startswith(b"%PDF")
