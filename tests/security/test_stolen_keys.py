"""What somebody can do with a key or token of headquarters that is not his, and what he can't."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from codered_hq.accounts.agents import revoke_agent
from codered_hq.fleet.models import StoredFinding, StoredReport
from codered_hq.gate.models import Vote
from codered_hq.hosts.gaps import find_gaps
from codered_hq.hosts.models import Host
from codered_hq.incidents.people import Speaker
from tests.fixtures.api_callers import FINDINGS, JSON, Agent, make_body, make_program

pytestmark = pytest.mark.django_db


def test_a_stolen_agent_key_speaks_for_one_host_until_it_is_revoked() -> None:
    other, thief = Agent("db01"), Agent("web01")
    known = {"machine_id": "d" * 32, "mac": "02:00:00:00:00:0d", "address": "10.1.1.9", "serial": "SERIAL-OF-DB01"}
    other.post(make_body("/real.exe", name="db01", **known))
    theirs = Host.objects.get()
    assert thief.post(make_body("/planted.exe")).status_code == 200  # a lie about its own host is believed
    for said in (known, {}):  # whatever it says it is, it is the host that has its key
        assert thief.post(make_body(name="db01", **said)).status_code in (200, 403, 409)
    assert [row.subject for row in StoredFinding.objects.filter(host=theirs, gone_at=None)] == ["/real.exe"]
    assert StoredReport.objects.filter(host=theirs).count() == 1
    revoke_agent("web01", Speaker(None, "root", None), datetime.now(UTC))
    stored = StoredReport.objects.count()
    assert thief.post(make_body("/more.exe")).status_code in (401, 403)
    assert StoredReport.objects.count() == stored


def test_a_host_without_a_key_of_its_own_can_not_be_claimed_by_a_key_of_another() -> None:
    known = {"machine_id": "d" * 32, "mac": "02:00:00:00:00:0d", "address": "10.1.1.9", "serial": "SERIAL-OF-DB01"}
    program, thief = make_program("ingest"), Agent("web01")
    program.post(FINDINGS, make_body("/real.exe", name="db01", **known), content_type=JSON)
    victim = Host.objects.get()
    assert thief.post(make_body(name="db01", **known)).status_code == 200
    victim.refresh_from_db()
    assert (victim.label, victim.state) == ("db01", "infected")
    assert list(StoredFinding.objects.filter(gone_at=None).values_list("host", "subject")) == [(victim.pk, "/real.exe")]
    claimant = Host.objects.exclude(pk=victim.pk).get()
    assert claimant.label == "web01"
    about = {(gap.kind, gap.about) for gap in find_gaps(datetime.now(UTC))}
    assert {("conflict: name", "web01"), ("conflict: machine_id", "web01")} <= about  # for people to look at


def test_who_says_another_s_name_before_anybody_knows_it_clears_nothing_there() -> None:
    known = {"machine_id": "d" * 32, "mac": "02:00:00:00:00:0d"}
    program, thief = make_program("ingest"), Agent("web01")
    thief.post(make_body(name="db01", **known))
    program.post(FINDINGS, make_body("/real.exe", name="db01", **known), content_type=JSON)
    for body in (make_body("/real.exe", name="db01", **known), make_body(name="db01", **known), make_body()):
        assert thief.post(body).status_code == 200
    assert list(StoredFinding.objects.filter(gone_at=None).values_list("subject", flat=True)) == ["/real.exe"]
    assert not StoredReport.objects.filter(partial=False).exists()  # none that could end a watch either


def test_the_key_that_was_entered_for_a_known_host_joins_it_and_clears_it() -> None:
    known = {"mac": "02:00:00:00:00:0d"}
    make_program("ingest").post(FINDINGS, make_body("/real.exe", name="db01", **known), content_type=JSON)
    assert Agent("db01").post(make_body(name="db01.corp.example", **known)).status_code == 200
    assert Host.objects.get().label == "db01"
    assert not StoredFinding.objects.filter(gone_at=None).exists()


def test_a_stolen_agent_key_opens_no_page_and_nothing_else_of_the_api() -> None:
    thief = Agent("web01")
    body = make_body()
    headers = thief.sign(body, number=1, time=datetime.now(UTC))
    for path in ("/api/v1/hosts", "/api/v1/findings", "/api/v1/actions"):
        assert Client().get(path, headers=headers).status_code == 401, path
    assert Client().get("/", headers=headers).status_code in (302, 403)


def test_a_stolen_token_reads_its_scope_and_decides_nothing() -> None:
    thief = make_program("findings:read")
    assert thief.get("/api/v1/findings").status_code == 200
    assert thief.get("/api/v1/hosts").status_code == 403
    assert thief.post(FINDINGS, make_body("/x"), content_type=JSON).status_code == 403
    assert thief.get("/").status_code in (302, 403)
    assert not Vote.objects.exists()
    assert not Host.objects.exists()
