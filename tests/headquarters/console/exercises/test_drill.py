"""The page of one drill."""

from datetime import UTC, datetime
from pathlib import Path

from django.urls import reverse

from codered_hq.drills.advancing import advance
from codered_hq.drills.models import Drill
from tests.fixtures.console_desk import make_viewer_client


def test_the_truth_is_for_who_leads_the_drill(drill: Drill, headquarters: Path) -> None:
    advance(headquarters, datetime.now(UTC))
    place = reverse("drill", args=[drill.pk])
    player = make_viewer_client("Tom").get(place).content.decode()
    leader = make_viewer_client("Mara", administrator=True).get(place).content.decode()
    assert "infected in truth" not in player
    assert "The patch is out" not in player, "what is still to come"
    assert "infected in truth" in leader
    assert "<svg" in leader
    assert "The patch is out" in leader
    assert "A reporter asks &lt;b&gt;why&lt;/b&gt;" in player
    assert " style=" not in leader


def test_the_part_has_no_form_and_goes_on_by_itself(drill: Drill) -> None:
    part = make_viewer_client("Tom").get(reverse("part-drill", args=[drill.pk])).content.decode()
    assert "<form" not in part
    assert 'hx-trigger="sse:drill' in part


def test_one_that_is_not_there_is_not_found(drill: Drill) -> None:
    assert make_viewer_client("Tom").get(reverse("drill", args=[drill.pk + 1])).status_code == 404
