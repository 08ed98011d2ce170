"""Hosts by what users call them."""

import pytest

from codered.model.errors import WrongUse
from codered_hq.hosts.finding import Selection, find_host, find_host_at, select_hosts
from codered_hq.hosts.marking import mark_hosts
from tests.fixtures.inventories import document_subnets, make_host

pytestmark = pytest.mark.django_db


def test_every_way_to_call_a_host() -> None:
    host = make_host("web1.example", "10.1.0.5", mac="02:00:00:00:00:0a", serial="S-1")
    make_host("web10.example", "10.1.0.6")
    for text in (
        "web1.example",
        "WEB1",
        "10.1.0.5",
        "02-00-00-00-00-0A",
        "0200:0000:000a".replace(":", ""),
        "S-1",
        f"#{host.pk}",
    ):
        assert find_host(text) == host, text
    assert (find_host_at("10.1.0.5"), find_host_at("10.9.9.9")) == (host, None)
    make_host("web1.other", "10.1.0.7")
    with pytest.raises(WrongUse, match=r"several hosts fit: web1\.example"):
        find_host("web1")
    for text in ("nobody", "10.9.9.9", "#999", "'; drop table", "\x1b[2J"):
        with pytest.raises(WrongUse, match="no host is known"):
            find_host(text)


def test_marks_narrow_each_other_down() -> None:
    document_subnets("10.1.0.0/24", zone="plant", zone_kind="protected")
    one = make_host("a", "10.1.0.5", owner="shop", site="north")
    two = make_host("b", "10.2.0.5", owner="shop")
    mark_hosts([one], ("web",), ())
    found = {
        Selection(): [one, two],
        Selection(owner="shop"): [one, two],
        Selection(owner="shop", tags=("web",)): [one],
        Selection(subnets=("10.2.0.0/16", "10.3.0.0/16")): [two],
        Selection(zone="plant"): [one],
        Selection(site="north", state="infected"): [],
        Selection(names=("b", "10.1.0.5")): [one, two],
    }
    assert {selection: list(select_hosts(selection)) for selection in found} == found
    with pytest.raises(WrongUse, match="no such zone"):
        select_hosts(Selection(zone="moon"))


@pytest.mark.parametrize(
    "wrong",
    [
        Selection(state="wbe"), Selection(criticality="wbe"), Selection(owner="wbe"), Selection(site="wbe"),
        Selection(tags=("web", "wbe")),
    ],
)  # fmt: skip
def test_a_mistyped_mark_is_no_empty_answer(wrong: Selection) -> None:
    host = make_host("a", "10.1.0.5", owner="shop", site="north")
    mark_hosts([host], ("web",), ())
    with pytest.raises(WrongUse, match="no such "):
        select_hosts(wrong)
