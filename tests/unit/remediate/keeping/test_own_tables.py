from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from codered.model.errors import Refused
from codered.remediate.keeping import own_tables
from codered.remediate.keeping.own_tables import OwnTables
from tests.fixtures.contained import TABLES, make_record, put_up_tables, within
from tests.fixtures.networks import Network


@pytest.fixture(autouse=True)
def empty(network: Network) -> None:
    network.host.run("nft", "flush", "ruleset")


def test_what_is_not_there_is_neither_present_nor_as_ordered(network: Network) -> None:
    seen = within(network.host, OwnTables(make_record()).look)
    assert (seen.present, seen.as_ordered, seen.opened) == (False, False, False)


def test_put_back_is_as_it_was_put_up(network: Network) -> None:
    record = make_record(kind="isolate_host")
    within(network.host, lambda: put_up_tables(record))
    assert within(network.host, OwnTables(record).look).as_ordered
    network.host.run("nft", "flush", "ruleset")
    within(network.host, lambda: OwnTables(record).hold(0.0))
    seen = within(network.host, OwnTables(record).look)
    assert (seen.present, seen.as_ordered, seen.opens_in, seen.devices_missing) == (True, True, None, ())


def test_a_rule_that_somebody_adds_or_takes_is_seen(network: Network) -> None:
    record = make_record()
    within(network.host, lambda: put_up_tables(record))
    network.host.run("nft", "insert", "rule", "inet", TABLES, "output", "accept")
    seen = within(network.host, OwnTables(record).look)
    assert (seen.present, seen.as_ordered) == (True, False)


def test_put_back_keeps_the_time_that_is_left(network: Network) -> None:
    record = make_record(opens_in=60)
    within(network.host, lambda: OwnTables(record).hold(20.0))
    seen = within(network.host, OwnTables(record).look)
    assert seen.as_ordered
    assert seen.opens_in is not None
    assert 15 < seen.opens_in <= 20


def test_put_back_of_what_was_confirmed_stays_from_the_first_moment(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_tables, "arm_again", lambda *_: pytest.fail("a second transaction: a kill would arm it"))
    record = replace(make_record(opens_in=60), confirmed=datetime.now(UTC))
    within(network.host, lambda: OwnTables(record).hold(0.0))
    seen = within(network.host, OwnTables(record).look)
    assert (seen.as_ordered, seen.opens_in, seen.opened) == (True, None, False)


def test_confirming_moves_the_end(network: Network) -> None:
    record = make_record(opens_in=60, undo_in=7200)
    within(network.host, lambda: put_up_tables(record))
    within(network.host, lambda: OwnTables(record).confirm(3600))
    seen = within(network.host, OwnTables(record).look)
    assert seen.opens_in is not None
    assert 3500 < seen.opens_in <= 3600
    within(network.host, lambda: OwnTables(record).confirm(0))
    assert within(network.host, OwnTables(record).look).opens_in is None


def test_what_has_gone_can_not_be_confirmed(network: Network) -> None:
    with pytest.raises(Refused, match="not there any more"):
        within(network.host, lambda: OwnTables(make_record(opens_in=60)).confirm(0))


def test_a_device_that_comes_later_is_told_and_covered(network: Network) -> None:
    record = make_record(kind="isolate_host")
    within(network.host, lambda: put_up_tables(record))
    network.host.run("ip", "link", "add", "later", "type", "veth", "peer", "name", "beyond")
    network.host.run("ip", "link", "set", "later", "up")
    try:
        assert within(network.host, OwnTables(record).look).devices_missing == ("later",)
        assert within(network.host, OwnTables(record).cover_devices) == ("later",)
        seen = within(network.host, OwnTables(record).look)
        assert (seen.as_ordered, seen.devices_missing) == (True, ())
    finally:
        network.host.run("ip", "link", "delete", "later")
