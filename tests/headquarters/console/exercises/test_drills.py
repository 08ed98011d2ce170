"""The list of drills."""

from datetime import UTC, datetime
from pathlib import Path

from django.urls import reverse

from codered_hq.drills.answering import end_drill
from codered_hq.drills.models import Drill
from tests.fixtures.console_desk import make_viewer_client
from tests.fixtures.drill_desk import speak_as


def test_it_leads_to_each_drill_and_tells_how_one_begins(drill: Drill) -> None:
    shown = make_viewer_client("Tom").get(reverse("drills")).content.decode()
    assert reverse("drill", args=[drill.pk]) in shown
    assert "codered drill tabletop start three-am" in shown
    assert "No drill has ended yet" in shown
    assert "Drill small" in shown


def test_scores_of_the_past_are_shown(drill: Drill, headquarters: Path) -> None:
    made = end_drill(drill, speak_as("Mara"), headquarters, datetime.now(UTC))
    shown = make_viewer_client("Tom").get(reverse("drills")).content.decode()
    assert f'<td class="number">{made.total}</td>' in shown
