"""A sealed answer that was posted: taken once, and only if it answers a job of ours that is waited for."""

import hashlib
from pathlib import Path

import msgspec
import pytest

from codered.model.errors import Refused, WrongUse
from codered.model.job import JOB_PURPOSE, Job
from codered.signing.keys import name_key
from codered.signing.sealing import decode_sealed, encode_sealed, open_sealed
from codered_hq.accounts.models import AgentKey
from codered_hq.fleet.models import HostRun, StoredReport
from codered_hq.fleet.orders import Wish, find_pinned_key, order
from codered_hq.fleet.posted_answers import take_answer
from codered_hq.fleet.running import begin_run
from tests.fixtures.inventories import NOW, make_host
from tests.fixtures.played_fleets import PlayedHost, make_report
from tests.headquarters.fleet.test_returns import GIVER

pytestmark = pytest.mark.django_db


def enter_key(name: str, played: PlayedHost, **more: object) -> None:
    """As `codered account agent add`."""
    key = played.key.public_key().public_bytes_raw().hex()
    AgentKey.objects.update_or_create(
        public_key=key, defaults={"name": name, "made_by": "Ada", "made_at": NOW, "collector": False, **more}
    )


def test_a_key_that_nobody_confirmed_is_not_believed(headquarters: Path) -> None:
    """Who saw the job could else answer it with a key of his own, clear the host, and lock it out."""
    host, played, thief = make_host("web-1", "10.1.0.1"), PlayedHost("web-1"), PlayedHost("web-1")
    task = HostRun.objects.get(run=begin_run("scan", [host], Wish(), NOW))
    sent = order(task, Wish(), GIVER, NOW)
    task.state = "running"
    task.save()
    job = open_sealed(decode_sealed(sent.sealed, "x"), JOB_PURPOSE, Job, keys=None, where="x")
    said = msgspec.json.encode(make_report())
    nobody = r"nobody has confirmed its key.*codered account agent add web-1"
    attempts: tuple[tuple[str, dict[str, object], str], ...] = (
        ("", {}, nobody), ("web-2", {}, nobody), ("web-1", {"collector": True}, nobody),
        ("web-1", {"revoked_at": NOW, "collector": False}, r"its key ed25519:\S+ was revoked"),
    )  # fmt: skip
    for name, more, why in attempts:
        if name:
            enter_key(name, thief, **more)
        with pytest.raises(Refused, match=why):
            take_answer(thief.answer(job, sent.sha256, document=said), NOW)
    assert (StoredReport.objects.count(), find_pinned_key(host)) == (0, "")
    enter_key("web-1.example.org", played)
    assert take_answer(played.answer(job, sent.sha256, document=said), NOW).state == "taken"
    key = find_pinned_key(host)
    assert key == name_key(played.key.public_key().public_bytes_raw())
    AgentKey.objects.all().delete()  # it has answered by now: that is enough
    again = HostRun.objects.get(run=begin_run("scan", [host], Wish(), NOW))
    sent = order(again, Wish(), GIVER, NOW)
    again.state = "running"
    again.save()
    job = open_sealed(decode_sealed(sent.sealed, "x"), JOB_PURPOSE, Job, keys=None, where="x")
    with pytest.raises(Refused, match=f"is known by {key}"):
        take_answer(thief.answer(job, sent.sha256, document=said), NOW)
    enter_key("web-1", played, revoked_at=NOW)
    with pytest.raises(Refused, match=f"its key {key} was revoked"):
        take_answer(played.answer(job, sent.sha256, document=said), NOW)
    assert (StoredReport.objects.count(), HostRun.objects.get(pk=again.pk).state) == (1, "running")
    AgentKey.objects.update(revoked_at=None)
    assert take_answer(played.answer(job, sent.sha256, document=said), NOW).task == "answered"


def test_it_is_taken_once_and_not_when_forged(headquarters: Path) -> None:
    host, played = make_host("web-1", "10.1.0.1"), PlayedHost("web-1")
    enter_key("web-1", played)
    task = HostRun.objects.get(run=begin_run("scan", [host], Wish(), NOW))
    sent = order(task, Wish(), GIVER, NOW)
    task.state = "given_up"
    task.save()
    job = open_sealed(decode_sealed(sent.sealed, "x"), JOB_PURPOSE, Job, keys=None, where="x")
    raw = played.answer(job, sent.sha256, document=msgspec.json.encode(make_report("/x.php")), exit_code=1)
    sealed = decode_sealed(raw, "x")
    with pytest.raises(Refused, match="signature"):
        take_answer(encode_sealed(msgspec.structs.replace(sealed, signature=b"0" * 64)), NOW)
    with pytest.raises(WrongUse, match="no job of this headquarters"):
        take_answer(played.answer(msgspec.structs.replace(job, id="0" * 32), sent.sha256), NOW)
    with pytest.raises(Refused, match="another job"):
        take_answer(played.answer(job, hashlib.sha256(b"").hexdigest()), NOW)
    assert StoredReport.objects.count() == 0
    first, second = take_answer(raw, NOW), take_answer(raw, NOW)
    assert (first.state, first.task, first.verdict, second.state) == ("taken", "answered", "infected", "taken already")
    with pytest.raises(Refused, match="not waited for"):
        take_answer(played.answer(job, sent.sha256), NOW)
    assert StoredReport.objects.count() == 1
