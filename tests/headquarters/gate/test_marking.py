"""Marks that rules look at: entered, and loosened by an appointer only."""

from pathlib import Path

import pytest

from codered.model.errors import Refused
from codered_hq.gate.marking import Marks, mark
from codered_hq.hosts.models import Host
from codered_hq.ledger.models import LedgerEntry
from codered_hq.opening import open_headquarters
from tests.fixtures.gate_crew import ASKER, NOW, join
from tests.fixtures.inventories import make_host
from tests.fixtures.rules_in_force import put_sample_in_force


@pytest.fixture
def host(db: None, headquarters: Path) -> Host:
    open_headquarters()
    put_sample_in_force(headquarters)
    return make_host("plc-1", "10.1.0.1")


def list_tags(host: Host) -> set[str]:
    return set(host.tags.values_list("name", flat=True))


def test_what_loosens_needs_an_appointer_and_what_tightens_needs_nobody(host: Host) -> None:
    kim, cora = join("Kim", "security"), join("Cora", "incident_commander")
    mark([host], Marks(("Never-Touch", "shelf-4"), said={"criticality": "vital"}), kim, NOW)
    entries = LedgerEntry.objects.count()
    for marks in (
        Marks(remove=("Never-Touch",)), Marks(("may_isolate",)), Marks(said={"criticality": "low"}),
        Marks(("fragile",), ("Never-Touch",)),
    ):  # fmt: skip
        with pytest.raises(Refused, match="Kim is neither incident_commander nor executive"):
            mark([host], marks, kim, NOW)
    host.refresh_from_db()
    assert (list_tags(host), host.criticality) == ({"Never-Touch", "shelf-4"}, "vital")
    assert LedgerEntry.objects.count() == entries
    assert mark([host], Marks(remove=("shelf-4",)), kim, NOW) == 1
    mark([host], Marks(("may_isolate",), ("Never-Touch",), {"criticality": "low"}), cora, NOW)
    host.refresh_from_db()
    assert (list_tags(host), host.criticality) == ({"may_isolate"}, "low")
    last = LedgerEntry.objects.get(kind="marking", who="Cora")
    assert last.what == (
        f"plc-1 (#{host.pk}) marked by hand: criticality vital -> low; tags Never-Touch -> may_isolate"
    )


def test_before_anybody_can_prove_himself_it_is_free_and_entered_once(host: Host) -> None:
    other = make_host("plc-2", "10.1.0.2")
    assert mark([host, other], Marks(("never_touch",)), ASKER, NOW) == 2
    assert mark([host, other], Marks(("never_touch",)), ASKER, NOW) == 0
    assert mark([host], Marks(remove=("never_touch",)), ASKER, NOW) == 1
    told = [entry.what for entry in LedgerEntry.objects.filter(kind="marking").order_by("seq")]
    assert told == [
        f"plc-1 (#{host.pk}) and 1 more like it marked by hand: tags none -> never_touch",
        f"plc-1 (#{host.pk}) marked by hand: tags never_touch -> none",
    ]
