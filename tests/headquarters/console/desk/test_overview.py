"""How the server fares: the worker, the database, and headquarters.toml without its secrets."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered_hq.beating import Beat, beat
from codered_hq.console.desk.overview import describe_database, find_versions
from codered_hq.incidents.models import Outgoing
from tests.fixtures.console_desk import make_account, make_person, make_viewer_client


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


@pytest.mark.django_db
def test_the_desk_tells_how_the_server_fares(headquarters: Path) -> None:
    headquarters.mkdir(mode=0o700, exist_ok=True)
    cora = make_viewer_client("Cora", "incident_commander", administrator=True)
    since = datetime(2001, 7, 19, 14, tzinfo=UTC)
    Outgoing.objects.create(way="post", to="x@y.example", subject="s", body="b", queued_at=since, next_try=since)
    shown = cora.get("/admin/").content.decode()
    assert "Cora alone may appoint, and only the console proves him; he has no recovery codes" in shown
    assert "the oldest since" in shown
    assert "2001-07-19 14:00" in shown
    found = describe_database()
    assert all(f"<dd>{found[name]}</dd>" in shown for name in ("kind", "size")), shown
    assert float(found["size"].removesuffix(" MiB").replace(",", "")) > 0
    assert all(f"<dd>{number}</dd>" in shown for number in find_versions().values())
    make_account(make_person("Eve", "executive"))
    assert "alone may appoint" not in cora.get("/admin/").content.decode()
