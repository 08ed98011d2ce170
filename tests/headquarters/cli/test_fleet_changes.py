"""What plans would change, counted; a dry run as one document."""

import json

import msgspec
import pytest

from codered_hq.cli.fleet_changes import list_changes, show_changes, show_dry_run
from codered_hq.fleet.planning import Given, LeftOut
from codered_hq.fleet.running import PlanDocument
from tests.fixtures.inventories import make_host
from tests.fixtures.played_fleets import make_plan
from tests.fixtures.saying import Say

pytestmark = pytest.mark.django_db


def test_changes_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    ill, well = make_host("ill", "10.0.0.1"), make_host("well", "10.0.0.2")
    plan = make_plan("/a.php")
    found = Given({ill.pk: PlanDocument(msgspec.json.encode(plan), plan.digest, b"")}, ())
    (change,) = list_changes([ill, well], found)
    assert (change.number, change.hosts) == (len(plan.actions), 1)
    show_changes([ill], found)
    assert "how many" in capsys.readouterr().out
    show_dry_run("apply", [ill], found, [LeftOut(well, "it has no plan")])
    document = json.loads(capsys.readouterr().out)
    assert (document["format"], document["word"], document["hosts"]) == ("codered/fleet-dry-run/1", "apply", ["ill"])
    assert document["left_out"] == [{"host": "well", "why": "it has no plan"}]


def test_a_dry_run_is_one_document_also_where_nothing_is_to_be_done(say: Say) -> None:
    make_host("well", "10.0.0.2")
    answer = say("fleet", "apply", "--all", "--dry-run", "--json")
    document = json.loads(answer.out)
    assert (answer.code, document["hosts"], document["left_out"][0]["host"]) == (3, [], "well")
