"""Reports of drills as downloads."""

from datetime import UTC, datetime
from pathlib import Path

from django.urls import reverse

from codered_hq.drills.answering import end_drill
from codered_hq.drills.models import Drill
from tests.fixtures.console_desk import make_viewer_client
from tests.fixtures.drill_desk import speak_as


def test_they_are_there_when_the_drill_has_ended(drill: Drill, headquarters: Path) -> None:
    client, place = make_viewer_client("Tom"), reverse("drill-report", args=[drill.pk, "html"])
    assert place not in client.get(reverse("drill", args=[drill.pk])).content.decode()
    assert client.get(place).status_code == 400
    end_drill(drill, speak_as("Mara"), headquarters, datetime.now(UTC))
    assert place in client.get(reverse("drill", args=[drill.pk])).content.decode()
    answer = client.get(place)
    assert (answer.status_code, b"After-action report" in answer.content) == (200, True)
    assert answer["Content-Disposition"] == 'attachment; filename="small-after-action.html"'
    assert client.get(reverse("drill-report", args=[drill.pk, "doc"])).status_code == 404
    assert client.get(reverse("range-report", args=["..", "html"])).status_code == 404
