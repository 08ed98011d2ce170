"""Each part of the war room is a fragment of its own that asks for itself again."""

from datetime import UTC, datetime

import pytest

from codered_hq.console.live.topics import TOPICS
from codered_hq.console.war.parts import PARTS
from tests.fixtures.console_desk import make_viewer_client
from tests.fixtures.large_incidents import make_large_incident


@pytest.mark.django_db
@pytest.mark.parametrize("known", [True, False], ids=["incident", "nothing"])
def test_every_part_alone(known: bool) -> None:
    incident = make_large_incident(100, datetime.now(UTC)) if known else None
    client = make_viewer_client("Nora", "executive", incident=incident)
    for name in PARTS:
        answer = client.get(f"/war/{name}/", secure=True, headers={"HX-Request": "true"})
        text = answer.content.decode()
        assert answer.status_code == 200, name
        assert f'id="war-{name}"' in text
        assert f'hx-get="/war/{name}/"' in text
        assert "<html" not in text
        assert "<input" not in text
        topics = text.split('hx-trigger="')[1].split('"')[0].split(", ")
        assert {topic.removeprefix("sse:") for topic in topics} <= {*TOPICS}
