"""Results are kept whole or not at all, may come again, and reach the inventory."""

import pytest
from django.db import OperationalError

from codered_hq.hosts.models import Claim, Host
from codered_hq.model.sweep import STATES, Block, PortResult
from codered_hq.sweeps.models import SweptAddress, SweptBlock
from codered_hq.sweeps.recording import count_states, end_sweep, find_loose, name_product, record_results
from tests.fixtures.inventories import NOW, make_host
from tests.fixtures.sweeps import make_sweep, tell

pytestmark = pytest.mark.django_db


def test_results_come_again_and_reach_the_inventory() -> None:
    web = make_host("web", "10.0.0.1", owner="shop")
    sweep = make_sweep("10.0.0.0/30")
    results = [tell("10.0.0.1", "infected", NOW), tell("10.0.0.2", "filtered", NOW)]
    for _ in range(2):
        record_results(sweep, results, [Block(first="10.0.0.0", states=bytes([1, 8, 2, 1]))], NOW)
    assert (SweptAddress.objects.count(), SweptBlock.objects.count(), Host.objects.count()) == (2, 1, 1)
    kept = sweep.addresses.get(address="10.0.0.1")
    assert (kept.host, kept.ports[0]["product"]) == (web, "IIS")
    web.refresh_from_db()
    assert (web.state, web.product, web.suspected_at) == ("suspect", "IIS 5.0", ["10.0.0.1"])
    assert Claim.objects.get(kind="product").source == "sweep:headquarters"
    end_sweep(sweep, "", 7, NOW)
    assert (sweep.state, sweep.requests) == ("done", 7)
    assert sweep.counts == {"no_answer": 2, "filtered": 1, "infected": 1}


def test_a_broken_off_sweep_counts_what_it_has() -> None:
    sweep = make_sweep("10.0.0.0/23", "10.0.9.9")
    record_results(sweep, [tell("10.0.0.7", "clean", NOW), tell("10.0.1.7", "web", NOW)], [], NOW)
    record_results(sweep, [], [Block(first="10.0.0.0", states=bytes([1] * 7 + [5] + [1] * 248))], NOW)
    assert [state for _, state in find_loose(sweep, [(int(sweep.blocks.get().first, 16), 0)])] == ["clean", "web"]
    assert count_states(sweep) == {"not_asked": 256, "no_answer": 255, "web": 1, "clean": 1}
    end_sweep(sweep, "x" * 999, 1, NOW)
    assert (sweep.state, len(sweep.stopped)) == ("stopped", 255)


def test_all_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = make_sweep("10.0.0.0/24")

    def fail(*_given: object, **_named: object) -> None:
        raise OperationalError("disk full")

    monkeypatch.setattr(SweptBlock.objects, "bulk_create", fail)
    with pytest.raises(OperationalError):
        record_results(sweep, [tell("10.0.0.1", "web", NOW)], [Block(first="10.0.0.0", states=b"\1" * 256)], NOW)
    assert (SweptAddress.objects.count(), Host.objects.count()) == (0, 0)


def test_hostile_texts() -> None:
    port = PortResult(port=80, state="web", reason="r\0", product="Evil\0" + "x" * 999, title="\x1b[2J\0")
    result = tell("10.0.0.1", "web", NOW)
    odd = type(result)(address="10.0.0.1", state="web", reason="\0" * 999, ports=(port,), at=NOW)
    sweep = make_sweep("10.0.0.0/24")
    record_results(sweep, [odd], [], NOW)
    kept = sweep.addresses.get()
    assert "\0" not in kept.reason + kept.ports[0]["title"] + name_product(odd)
    assert (len(kept.reason), len(name_product(odd)), STATES[0]) == (255, 255, "not_asked")
