"""The list of hosts: what fits, what is exported, what is done with those that were ticked."""

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse

from codered_hq.fleet.models import FleetRun, HostRun
from codered_hq.hosts.marking import mark_hosts
from codered_hq.hosts.models import Host
from tests.fixtures.console_desk import sign_in
from tests.fixtures.inventories import make_host
from tests.headquarters.console.machines.conftest import make_ill

LIST = "/hosts/"


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("", {"web-1", "db-1"}), ("fits=10.1.0.2", {"db-1"}), ("state=infected", {"web-1"}),
        ("pack=webshell", {"web-1"}),
        ("subnet=10.1.0.2/32", {"db-1"}), ("tag=core", {"db-1"}), ("reach=missed", {"db-1"}), ("held=yes", set()),
        ("state=proved", set()), ("sort=criticality", {"web-1", "db-1"}), ("sort=state&fits=WEB", {"web-1"}),
    ],
)  # fmt: skip
def test_what_fits_is_listed(desk: Client, query: str, fits: set[str]) -> None:
    make_ill()
    mark_hosts([make_host("db-1", "10.1.0.2")], ["core"], [])
    page = desk.get(f"{LIST}?{query}").content.decode()
    assert {name for name in ("web-1", "db-1") if f">{name}</a>" in page} == fits
    assert bool(fits) == ("No host fits" not in page)


@pytest.mark.parametrize("query", ["state=sick", "subnet=10.1.0.0/99", "sort=random", "reach=x"])
def test_a_mistyped_filter_does_not_read_as_none(desk: Client, query: str) -> None:
    answer = desk.get(f"{LIST}?{query}")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()


def test_pages_of_fifty(desk: Client) -> None:
    for number in range(51):
        make_host(f"pc{number:02}", f"10.2.0.{number + 1}")
    page = desk.get(LIST).content.decode()
    assert "1–50 of 51" in page
    assert ">pc49</a>" in page
    assert ">pc50</a>" not in page
    assert ">pc50</a>" in desk.get(f"{LIST}?page=2").content.decode()


def test_no_cell_of_an_export_is_a_formula(desk: Client) -> None:
    make_host("=cmd()", "10.1.0.9")
    answer = desk.get("/hosts/export/")
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert rows[1][1] == "'=cmd()"
    assert "attachment" in answer["Content-Disposition"]


def test_a_scan_of_ticked_hosts_is_begun_once(desk: Client) -> None:
    ill = make_ill()
    for _ in range(2):
        answer = desk.post(reverse("hosts-choose"), {"host": ill.host.pk, "do": "scan"})
        assert answer.status_code == 303
    run = FleetRun.objects.get(word="scan")
    assert answer["Location"] == reverse("run", args=[run.uid])
    assert "queued" in desk.get(answer["Location"]).content.decode()
    assert desk.post(reverse("hosts-choose"), {"host": ill.host.pk, "do": "plan"}).status_code == 303
    assert HostRun.objects.filter(run__word="plan", state="queued").count() == 1


def test_refusals_of_the_list(desk: Client) -> None:
    make_ill()
    choose = reverse("hosts-choose")
    assert desk.post(choose, {"do": "scan"}).status_code == 400
    assert desk.post(choose, {"do": "burn", "all": "yes", "total": "1"}).status_code == 400
    answer = desk.post(choose, {"do": "scan", "all": "yes", "total": "7"})
    assert answer.status_code == 400
    assert b"not as many as you were shown" in answer.content
    assert sign_in(Client(), None).post(choose, {"do": "scan", "host": Host.objects.get().pk}).status_code == 403
    assert not FleetRun.objects.filter(word="scan").exists()
