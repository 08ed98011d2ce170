"""What agents post is stored once, whole, and only from whom it is."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from django.test import Client

from codered_hq.accounts.models import AgentKey
from codered_hq.fleet.models import HostRun, StoredFinding, StoredReport
from codered_hq.fleet.posts import Taken
from codered_hq.hosts.models import Host
from codered_hq.model.posting import write_signed
from tests.fixtures.api_callers import FINDINGS, JSON, Agent, make_body, make_program, make_report

pytestmark = pytest.mark.django_db
PATHS = ("/inetpub/scripts/root.exe", "/msadc/root.exe")


def count_stored() -> tuple[int, int, int]:
    return StoredFinding.objects.count(), StoredReport.objects.count(), Host.objects.count()


def test_an_agent_posts_what_it_found_on_its_host() -> None:
    agent = Agent()
    answer = agent.post(make_body(*PATHS, address="10.1.1.1", mac="02:00:00:00:00:01"))
    assert answer.status_code == 200, answer.content
    taken = msgspec.json.decode(answer.content, type=Taken)
    host = Host.objects.get(pk=taken.hosts[0])
    assert (taken.state, taken.findings, taken.new, host.label, host.state) == ("taken", 2, 2, "web01", "infected")
    assert host.cases.get().because == "agent web01"
    again = agent.post(make_body(PATHS[0]))
    assert msgspec.json.decode(again.content, type=Taken).new == 0
    assert list(StoredFinding.objects.filter(gone_at=None).values_list("subject", flat=True)) == [PATHS[0]]
    assert AgentKey.objects.get().newest == 2


def test_what_is_not_complete_closes_nothing() -> None:
    agent = Agent()
    agent.post(make_body(*PATHS))
    agent.post(make_body(complete=False))
    assert StoredFinding.objects.filter(gone_at=None).count() == 2
    make_program("ingest").post(FINDINGS, make_body(complete=True), content_type=JSON)
    assert StoredFinding.objects.filter(gone_at=None).count() == 2


def test_a_repeat_is_taken_already_and_an_old_number_is_not_taken() -> None:
    agent, body, now = Agent(), make_body(*PATHS), datetime.now(UTC)
    headers = agent.sign(body, number=7, time=now)
    first, second = (Client().post(FINDINGS, body, content_type=JSON, headers=headers) for _ in range(2))
    assert (first.json()["state"], second.json()["state"]) == ("taken", "taken already")
    assert second.json()["hosts"] == first.json()["hosts"]
    stored = count_stored()
    for number in (7, 6):
        other = make_body("/other", name="web01")
        late = Client().post(FINDINGS, other, content_type=JSON, headers=agent.sign(other, number=number, time=now))
        assert (late.status_code, "is not above 7" in late.json()["detail"]) == (409, True)
    assert count_stored() == stored


def test_what_is_forged_cut_late_or_revoked_is_not_taken() -> None:
    agent, other, body = Agent(), Agent("mallory"), make_body(*PATHS)
    now = datetime.now(UTC)
    signed = write_signed("web01", "1", now.isoformat(), hashlib.sha256(body).hexdigest())
    good = agent.sign(body, number=1, time=now)
    for what, sent, headers in (
        ("another key's", body, good | {"codered-signature": other.key.sign(signed).hex()}),
        ("another name", body, good | {"codered-agent": "mallory"}),
        ("another number", body, good | {"codered-number": "2"}),
        ("no signature", body, {name: value for name, value in good.items() if name != "codered-signature"}),
        ("no hexadecimal", body, good | {"codered-signature": "zz"}),
        ("cut", body[:-1], good),
        ("changed", body.replace(b"root", b"boot"), good),
        ("late", body, agent.sign(body, number=1, time=now - timedelta(minutes=6))),
        ("early", body, agent.sign(body, number=1, time=now + timedelta(minutes=6))),
        ("number 0", body, agent.sign(body, number=0, time=now)),
        ("nobody", body, good | {"codered-agent": "nobody"}),
        ("neither", body, {}),
    ):
        answer = Client().post(FINDINGS, sent, content_type=JSON, headers=headers)
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json"), what
        assert "WWW-Authenticate" in answer, what
        if what in ("late", "early"):
            assert f"{now:%Y-%m-%dT%H}" in answer.json()["detail"]
    AgentKey.objects.filter(name="web01").update(revoked_at=now)
    assert Client().post(FINDINGS, body, content_type=JSON, headers=good).status_code == 401
    assert (count_stored(), set(AgentKey.objects.values_list("newest", flat=True))) == ((0, 0, 0), {0})


def test_nothing_is_read_of_who_is_not_known_or_signs_nothing() -> None:
    agent, much = Agent(), b" " * ((4 << 20) + 1)
    assert agent.post(much).status_code == 413
    assert agent.post(much, codered_agent="nobody").status_code == 401
    assert agent.post(much, codered_signature="00").status_code == 401


def test_an_agent_speaks_for_its_own_host_alone() -> None:
    agent, victim = Agent("evil"), Agent("web01")
    victim.post(make_body(*PATHS, machine_id="abc123", address="10.1.1.1"))
    answer = agent.post(make_body(name="web01", machine_id="abc123", address="10.1.1.1"))
    assert answer.json()["hosts"] != [Host.objects.get(cases__isnull=False).pk]
    assert StoredFinding.objects.filter(gone_at=None).count() == 2  # it could not say that the other one is clean
    two = msgspec.json.encode({"reports": [make_report(name="a"), make_report(name="b")]})
    refused = agent.post(two)
    assert (refused.status_code, refused.json()["advice"]) == (403, "enter it as a collector")
    assert Agent("siem", collector=True).post(two).json()["findings"] == 0
    assert set(Host.objects.filter(label__in="ab").values_list("label", flat=True)) == {"a", "b"}


def test_a_program_posts_with_a_token_and_a_repeat_changes_nothing() -> None:
    program, body = make_program("ingest"), make_body(*PATHS)
    states = [program.post(FINDINGS, body, content_type=JSON).json()["state"] for _ in range(2)]
    assert states == ["taken", "taken already"]
    assert StoredReport.objects.get().key == "token token soar"
    refused = make_program("hosts:read", name="looker").post(FINDINGS, body, content_type=JSON)
    assert (refused.status_code, "may not ingest" in refused.json()["detail"]) == (403, True)


def test_what_is_too_much_or_of_another_form_is_refused() -> None:
    program = make_program("ingest")
    for status, body, kind in (
        (400, b"{", JSON), (400, b"[" * 100_000, JSON), (400, b'{"reports": []}', JSON), (400, b"\xff", JSON),
        (400, make_body("/x").replace(b'"tool"', b'"colour":1,"tool"'), JSON), (400, make_body(address="10.1"), JSON),
        (400, make_body(*["/x"] * 1001), JSON), (415, make_body("/x"), "text/plain"),
        (413, b" " * ((4 << 20) + 1), JSON),
    ):  # fmt: skip
        answer = program.post(FINDINGS, body, content_type=kind)
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), body[:60]
    half = [make_report(*["/x"] * 501, name=name) for name in "ab"]
    answer = program.post(FINDINGS, msgspec.json.encode({"reports": half}), content_type=JSON)
    assert (answer.status_code, "1002" in answer.json()["detail"]) == (400, True)
    assert count_stored() == (0, 0, 0)


def test_who_has_posted_his_share_of_the_day_goes_on_tomorrow(headquarters: Path) -> None:
    headquarters.mkdir(mode=0o700)
    (headquarters / "headquarters.toml").write_text("ingest_megabytes = 1\n")
    agent, other = Agent("greedy"), Agent("modest")
    half = make_body("/x").ljust(600_000)
    assert [agent.post(half).status_code for _ in range(2)] == [200, 429]
    assert other.post(half).status_code == 200


def test_an_answer_to_no_job_is_refused() -> None:
    program = make_program("ingest")
    answer = program.post("/api/v1/ingest/answers", b"{}", content_type=JSON)
    assert (answer.status_code, answer.json()["detail"]) == (400, "is no sealed document")
    assert HostRun.objects.count() == 0
