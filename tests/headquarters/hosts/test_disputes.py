"""What sources say of a subnet, side by side."""

from codered_hq.hosts.disputes import MOST_SOURCES, find_disputes, keep_words, read_fact, tell_changes
from codered_hq.hosts.models import Subnet, Zone
from tests.fixtures.inventories import NOW


def test_each_source_keeps_its_last_word() -> None:
    subnet = Subnet(range="10.1.0.0/24", vlan=11, zone=Zone(name="inside"))
    subnet.said = keep_words(None, "csv:a", {"vlan": "11", "zone": "inside"}, NOW)
    assert (list(find_disputes(subnet)), tell_changes(None, {"vlan": "12"})) == ([], "")
    assert tell_changes(subnet, {"vlan": "11", "site": "HQ"}) == ""  # the same, and what nobody had said
    assert tell_changes(subnet, {"vlan": "12"}) == "VLAN 11 -> 12 (was said by csv:a)"
    subnet.said = keep_words(subnet, "csv:b", {"vlan": "12"}, NOW)
    assert list(find_disputes(subnet)) == ["VLAN 11 by csv:a on 2026-11-22, 12 by csv:b on 2026-11-22"]
    subnet.said = keep_words(subnet, "csv:a", {"vlan": "12"}, NOW)
    assert list(find_disputes(subnet)) == []
    assert (read_fact(subnet, "zone"), read_fact(subnet, "site")) == ("inside", "")


def test_what_is_kept_is_bounded() -> None:
    subnet = Subnet()
    for number in range(MOST_SOURCES + 5):
        subnet.said = keep_words(subnet, f"csv:{number}", {"vlan": "1"}, NOW)
    assert (len(subnet.said), list(subnet.said)[-1]) == (MOST_SOURCES, f"csv:{MOST_SOURCES + 4}")
