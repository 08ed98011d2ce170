"""How the server fares: the worker, the database, and headquarters.toml without its secrets."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered_hq.beating import Beat, beat
from tests.fixtures.console_desk import make_viewer_client


@pytest.mark.django_db
def test_the_desk_tells_of_the_worker_and_shows_no_secret(headquarters: Path) -> None:
    headquarters.mkdir(mode=0o700, exist_ok=True)
    place = headquarters / "headquarters.toml"
    place.write_text(
        '[[notify]]\nname = "chat"\nway = "ntfy"\nurl = "https://ntfy.corp.example/x"\ntoken = "very-secret"\n'
        '[[oidc]]\nname = "sso"\nissuer = "https://x.example"\nclient_id = "c"\nclient_secret = "very-secret"\n'
    )
    place.chmod(0o600)
    cora = make_viewer_client("Cora", "incident_commander", administrator=True)
    shown = cora.get("/admin/").content.decode()
    assert "It never worked here" in shown
    assert ("<dd>chat</dd>" in shown, "very-secret" in shown) == (True, False)
    beat(headquarters, Beat(at=datetime.now(UTC), pause=5, pid=4711, failed={"outbox": "no <way>"}))
    shown = cora.get("/admin/").content.decode()
    assert ("It works" in shown, "4711" in shown, "outbox: no &lt;way&gt;" in shown) == (True, True, True)
