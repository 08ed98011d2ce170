"""The queue: nothing is lost, whatever is down, and nobody is flooded. The clock is the test's."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from codered.model.errors import WrongUse
from codered_hq.config import Config, NotifyConfig, read_config
from codered_hq.incidents.models import Duty, Incident, Outgoing, Person
from codered_hq.incidents.outbox import EVERYBODY, GIVEN_UP_AFTER, Worked, make_id, queue_notice, work_outbox
from codered_hq.ledger.models import LedgerEntry
from codered_hq.model.notice import Notice
from tests.fixtures.notice_servers import Seen, find_free_port, running_http

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NOTICE = Notice(to="", subject="Two hosts", body="infected")


def _set_up(folder: Path, text: str) -> Config:
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "headquarters.toml").write_text(text)
    (folder / "headquarters.toml").chmod(0o600)
    return read_config(folder)


def _hook(url: str, more: str = "") -> str:
    return f'[[notify]]\nname = "hook"\nway = "webhook"\nurl = "{url}"\n{more}\n'


def _states() -> dict[str, int]:
    return {state: Outgoing.objects.filter(state=state).count() for state in ("queued", "sent", "given_up")}


def test_a_way_a_role_and_everybody_are_reached_and_who_is_not_is_told(headquarters: Path) -> None:
    post = 'way = "mail"\nurl = "smtp://127.0.0.1:1"\nsender = "hq@x.test"\n'
    config = _set_up(
        headquarters,
        f'[[notify]]\nname = "post"\n{post}to = ["board@x.test"]\n'
        f'[[notify]]\nname = "net"\n{post}for_roles = ["network"]\n'
        + _hook("http://127.0.0.1:1", 'for_roles = ["legal"]'),
    )
    assert len(config.notify) == 3
    incident = Incident.objects.create(name="w", title="W", declared_at=NOW, declared_by="x")
    for name, role, order in (
        ("kim", "network", 0),
        ("lee", "network", 1),
        ("gone", "network", 2),
        ("max", "legal", 0),
    ):
        person = Person.objects.create(name=name, mail=f"{name}@x.test", active=name != "gone")
        Duty.objects.create(incident=incident, role=role, person=person, order=order, since=NOW)

    def find(receiver: str, **given: str) -> set[tuple[str, str, str]]:
        rows = queue_notice(receiver, msgspec.structs.replace(NOTICE, **given), NOW, incident)
        return {(row.way, row.to, row.state) for row in rows}

    board, kim, lee = (("post", f"{name}@x.test", "queued") for name in ("board", "kim", "lee"))
    assert find("post") == {board}
    assert find("post", to="eve@x.test") == {("post", "eve@x.test", "queued")}
    assert find("network") == {board, kim, lee}  # each person by the first way that reaches him
    assert find(EVERYBODY) == {board, kim, lee, ("post", "max@x.test", "queued"), ("hook", "", "queued")}
    assert find("legal") == {board, ("post", "max@x.test", "queued"), ("hook", "", "queued")}
    assert find("net") == {("", "net", "given_up")}  # it has no receivers of its own
    assert {state for _way, _to, state in find("post", tlp="RED")} == {"given_up"}
    assert "TLP:RED" in Outgoing.objects.filter(tlp="RED")[0].error
    with pytest.raises(WrongUse, match="nobody"):
        queue_notice("somebody\x1b", NOTICE, NOW)
    dirty = queue_notice("post", Notice(to="", subject="a\0\ud800", body="b\0"), NOW)[0]
    dirty.refresh_from_db()
    assert (dirty.subject, dirty.body) == ("a\\x00\\ud800", "b\\x00")
    _set_up(headquarters, "")
    row = queue_notice("executive", NOTICE, NOW)[0]
    assert (row.state, row.error) == ("given_up", "no [[notify]] of headquarters.toml reaches executive")


def test_urgent_goes_first_and_a_minute_has_its_limit(headquarters: Path) -> None:
    seen = Seen()
    with running_http(seen) as url:
        config = _set_up(headquarters, _hook(url, "per_minute = 3"))
        for number in range(5):
            notice = Notice(to="", subject=f"s{number}", body="b", urgent=number == 4)
            queue_notice("hook", notice, NOW)
        assert work_outbox(config, NOW) == Worked(sent=3, waiting=2)
        assert work_outbox(config, NOW + 30 * SECOND) == Worked(waiting=2)
        assert work_outbox(config, NOW + 61 * SECOND) == Worked(sent=2)
    subjects = [seen.json(at)["subject"] for at in range(5)]
    assert subjects == ["[TLP:AMBER] URGENT: s4", *(f"[TLP:AMBER] s{number}" for number in range(4))]
    told = LedgerEntry.objects.filter(kind="notice")
    assert told.count() == 5
    assert "told hook by hook: s4" in told[0].what


def test_a_way_that_is_down_is_tried_ever_more_rarely_and_then_given_up(headquarters: Path) -> None:
    config = _set_up(headquarters, _hook(f"http://127.0.0.1:{find_free_port()}"))
    rows = [queue_notice("hook", NOTICE, NOW)[0] for _ in range(4)]
    ids = {make_id(row) for row in rows}
    assert len(ids) == 4
    assert work_outbox(config, NOW) == Worked(failed=2, waiting=4)  # two failures in a row: it is down
    assert work_outbox(config, NOW + 29 * SECOND) == Worked(waiting=4)  # the untried ones wait as well
    at, waits = NOW, []
    while Outgoing.objects.filter(state="queued").exists():
        at = Outgoing.objects.filter(state="queued").order_by("next_try")[0].next_try
        waits.append(at)
        work_outbox(config, at)
    assert waits[0] == NOW + 30 * SECOND
    assert timedelta(0) <= at - NOW - GIVEN_UP_AFTER <= timedelta(hours=1)
    assert 20 < len(waits) < 80
    assert _states() == {"queued": 0, "sent": 0, "given_up": 4}
    assert "refused" in Outgoing.objects.all()[0].error
    assert LedgerEntry.objects.filter(what__startswith="gave up telling").exists()


def test_what_a_server_asks_for_is_done_and_what_it_refuses_is_not_repeated(headquarters: Path) -> None:
    seen = Seen((429, {"Retry-After": "600"}), (413, {}))
    with running_http(seen) as url:
        config = _set_up(headquarters, _hook(url))
        first = queue_notice("hook", NOTICE, NOW)[0]
        assert work_outbox(config, NOW) == Worked(failed=1, waiting=1)
        first.refresh_from_db()
        assert first.next_try == NOW + 600 * SECOND
        queue_notice("hook", NOTICE, NOW)
        assert work_outbox(config, NOW) == Worked(failed=1, given_up=1, waiting=1)
        # the clock was set back by a year: what is due in a year is due now
        assert work_outbox(config, NOW - timedelta(days=365)) == Worked(sent=1)
    assert seen.json(0)["id"] == seen.json(2)["id"] == make_id(first)
    assert _states() == {"queued": 0, "sent": 1, "given_up": 1}


def test_one_notice_that_always_fails_does_not_stop_the_others(headquarters: Path) -> None:
    seen = Seen((500, {}), (200, {}), (200, {}), (500, {}))
    with running_http(seen) as url:
        config = _set_up(headquarters, _hook(url))
        for _ in range(3):
            queue_notice("hook", NOTICE, NOW)
        assert work_outbox(config, NOW) == Worked(sent=2, failed=1, waiting=1)
        assert work_outbox(Config(notify=()), NOW + timedelta(hours=1)) == Worked(failed=1, waiting=1)
        assert "no [[notify]] named hook" in Outgoing.objects.get(state="queued").error
        late = NOW + timedelta(hours=25)
        renamed = Config(notify=(NotifyConfig(name="other", way="webhook", url=url),))
        assert work_outbox(renamed, late) == Worked(failed=1, given_up=1)


def test_ten_thousand_in_the_queue_cost_no_more_than_the_minute_lets_through(headquarters: Path) -> None:
    config = _set_up(headquarters, _hook(f"http://127.0.0.1:{find_free_port()}"))
    Outgoing.objects.bulk_create(
        Outgoing(way="hook", to="", subject="s", body="b", queued_at=NOW, next_try=NOW) for _ in range(10_000)
    )
    assert work_outbox(config, NOW) == Worked(failed=2, waiting=10_000)
    assert not Outgoing.objects.filter(next_try__lte=NOW).exists()
    assert work_outbox(config, NOW + timedelta(hours=24)) == Worked(failed=2, given_up=10_000)


WORK = """
import sys
from datetime import datetime, timedelta
from codered_hq.cli.entering import enter_headquarters
opened = enter_headquarters()
from codered_hq.incidents.outbox import queue_notice, work_outbox
from codered_hq.model.notice import Notice
at = datetime.fromisoformat(sys.argv[1])
for number in range(int(sys.argv[2])):
    queue_notice("hook", Notice(to="", subject=f"s{number}", body="b"), at)
print(work_outbox(opened.config, at))
"""


def test_killed_in_the_middle_it_loses_nothing_and_repeats_one_with_the_same_id(headquarters: Path) -> None:
    children: list[subprocess.Popen[bytes]] = []

    seen = Seen()

    class Requests(list[tuple[str, str, dict[str, str], bytes]]):
        def append(self, request: tuple[str, str, dict[str, str], bytes]) -> None:
            super().append(request)
            if len(self) == 4:  # it was received, and nobody hears of it
                os.kill(children[0].pid, signal.SIGKILL)

    seen.requests = Requests()
    with running_http(seen) as url:
        _set_up(headquarters, _hook(url))
        words = [sys.executable, "-c", WORK, NOW.isoformat(), "10"]
        children.append(subprocess.Popen(words, stdout=subprocess.DEVNULL))
        assert children[0].wait(60) == -signal.SIGKILL
        later = (NOW + timedelta(minutes=2)).isoformat()
        done = subprocess.run([sys.executable, "-c", WORK, later, "0"], capture_output=True, timeout=60, check=True)
    assert b"Worked(sent=7, failed=0, given_up=0, waiting=0)" in done.stdout
    ids = [seen.json(at)["id"] for at in range(len(seen.requests))]
    assert (len(ids), len(set(ids))) == (11, 10)
    assert ids.count(ids[3]) == 2
