"""What programs read: filters, pages, what is not there."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from codered_hq.accounts.models import Token
from tests.fixtures.api_callers import Agent, make_body, make_program
from tests.fixtures.gate_crew import declare
from tests.fixtures.inventories import make_host

pytestmark = pytest.mark.django_db
API = "/api/v1"


def test_hosts_come_in_pages_and_by_filters() -> None:
    for number in range(5):
        make_host(f"web{number}", f"10.1.1.{number + 1}")
    Agent("web9").post(make_body("/root.exe", name="web9"))
    program, cursor = make_program("hosts:read"), ""
    names: list[str] = []
    while True:
        page = program.get(f"{API}/hosts", {"limit": "2", "cursor": cursor}).json()
        names += [each["name"] for each in page["hosts"]]
        if not (cursor := page["next"]):
            break
    assert (names, page["total"]) == (["web0", "web1", "web2", "web3", "web4", "web9"], 6)
    infected = program.get(f"{API}/hosts", {"state": "infected"}).json()["hosts"]
    assert [each["name"] for each in infected] == ["web9"]
    assert program.get(f"{API}/hosts/{infected[0]['number']}").json() == infected[0]
    assert len(program.get(f"{API}/hosts", {"subnet": "10.1.1.0/30"}).json()["hosts"]) == 3


def test_findings_of_a_host_and_one_of_them() -> None:
    number = Agent().post(make_body("/a", "/b")).json()["hosts"][0]
    program = make_program("findings:read")
    page = program.get(f"{API}/findings", {"host": number, "open": "true", "confidence": "confirmed"}).json()
    assert [each["subject"] for each in page["findings"]] == ["/a", "/b"]
    assert program.get(f"{API}/findings/{page['findings'][0]['number']}").json() == page["findings"][0]
    assert program.get(f"{API}/findings", {"host": number + 1}).json()["findings"] == []


def test_the_status_is_that_of_the_open_incident() -> None:
    program = make_program("status:read")
    missing = program.get(f"{API}/incidents/current/status")
    assert (missing.status_code, missing.json()["detail"]) == (404, "no incident is open")
    declare("red")
    assert program.get(f"{API}/incidents/current/status").json()["incident"] == "red"


def test_what_is_mistyped_or_not_there_is_said() -> None:
    program = make_program()
    for status, path in (
        (400, "/hosts?stat=infected"), (400, "/hosts?state=infectd"), (400, "/hosts?limit=201"),
        (400, "/hosts?state=&state="), (400, "/hosts?cursor=x"), (404, "/hosts?tag=none"), (404, "/hosts/999"),
        (400, "/hosts/99999999999999999999"), (404, "/findings/1"), (404, f"/actions/{'0' * 32}"), (400, "/actions/x"),
    ):  # fmt: skip
        answer = program.get(API + path)
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), path
        assert set(answer.json()) >= {"detail", "where", "advice"}


def test_a_token_opens_what_it_is_for_until_it_ends() -> None:
    program = make_program("hosts:read")
    assert program.get(f"{API}/hosts").status_code == 200
    assert Token.objects.get().last_used_at
    assert program.get(f"{API}/findings").status_code == 403
    Token.objects.update(revoked_at=datetime.now(UTC))
    assert program.get(f"{API}/hosts").status_code == 401
    for sent in ("", "Bearer", "Bearer crt_wrong", "Basic x"):
        assert Client(headers={"authorization": sent}).get(f"{API}/hosts").status_code == 401, sent
