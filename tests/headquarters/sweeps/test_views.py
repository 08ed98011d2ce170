"""What was found is told with whose it is and where it is plugged in, the worst first."""

import pytest

from codered_hq.hosts.models import Host, Place
from codered_hq.hosts.subnets import read_subnets
from codered_hq.model.sweep import CheckResult, PortResult
from codered_hq.sweeps.models import Sweep
from codered_hq.sweeps.recording import record_results
from codered_hq.sweeps.views import count_seen, find_newest, list_found, list_sweeps, tell_place, view_sweep
from tests.fixtures.inventories import HOUR, NOW, make_host
from tests.fixtures.sweeps import make_permit, make_sweep, swept, tell

pytestmark = pytest.mark.django_db


def test_found_addresses() -> None:
    host = make_host("web", "10.1.0.9", owner="shop", criticality="vital")
    for socket, macs, hours in (("uplink", 40, 0), ("12", 1, -5), ("13", 1, -9)):
        seen = {"first_seen": NOW, "last_seen": NOW + hours * HOUR, "macs": macs}
        Place.objects.create(host=host, mac="02:00:00:00:00:01", switch="sw1", port=socket, **seen)
    sweep = make_sweep("10.1.0.0/24")
    checks = tuple(
        CheckResult(pack=pack, probe="x", says=says, because="b", evidence=b"\xff")
        for pack, says in (("codered", "infected"), ("nimda", "not_seen"))
    )
    port = PortResult(port=80, state="infected", reason="the worm's page", product="IIS", version="5.0", checks=checks)
    sick = type(tell("10.1.0.9", "infected", NOW))(
        address="10.1.0.9", state="infected", reason="the worm's page", ports=(port,), at=NOW
    )
    others = [
        tell("10.1.0.1", "undetermined", NOW),
        tell("10.1.0.2", "vulnerable", NOW),
        tell("10.1.0.3", "clean", NOW),
    ]
    record_results(sweep, [*others, sick], [], NOW)
    found = list(list_found(sweep))
    assert [each.state for each in found] == ["infected", "vulnerable", "undetermined"]
    first = found[0]
    assert (first.name, first.owner, first.place, first.criticality) == ("web", "shop", "sw1 12", "vital")
    assert (first.product, first.packs, first.ports) == ("IIS 5.0", ("codered",), (80,))
    assert tell_place(()) == ""


def test_sweeps_as_documents() -> None:
    one = swept("10.1.0.0/24", at=NOW, permit=make_permit(ranges="[10.1.0.0/25]"))
    Sweep.objects.filter(pk=make_sweep("10.2.0.0/24", at=NOW + HOUR).pk).update(bundle="abcdef1234")
    first, second = (view_sweep(sweep) for sweep in list_sweeps())
    assert (first.by, second.by, second.uid) == ("bundle abcdef12", "headquarters", one.uid)
    assert second.left_out == (("10.1.0.128/25", "not authorised"),)
    assert second.authorisation.startswith("Ann, until 2126-01-01")
    assert Host.objects.count() == 0


def test_the_newest_answer_at_an_address() -> None:
    swept("10.1.0.0/30", at=NOW - HOUR, infected=["10.1.0.1"], clean=["10.1.0.2"])
    swept("10.1.0.0/30", at=NOW, vulnerable=["10.1.0.1"], not_asked=["10.1.0.2"])
    found = find_newest(["10.1.0.1", "10.1.0.2", "10.1.0.3"], read_subnets())
    assert {address: (each.state, each.ports) for address, each in found.items()} == {
        "10.1.0.1": ("vulnerable", (80,)), "10.1.0.2": ("clean", (80,)),
    }  # fmt: skip
    assert (count_seen("infected"), count_seen("undetermined")) == (1, 0)
