import json
from typing import Any

from codered.model.firewall import FirewallOrder
from codered.remediate.firewall.links import Link
from codered.remediate.firewall.requests import (
    UNFRAMED,
    comment_rules,
    request_arming,
    request_device,
    request_removal,
    request_tables,
)
from codered.remediate.firewall.rules import Rule

LINK = Link(3, 'odd"name', 1, carries=False)
ORDER = FirewallOrder(confirm_within=60)


def read(request: bytes) -> list[Any]:
    found = json.loads(request)["nftables"]
    assert isinstance(found, list)
    return found


def test_tables_are_replaced_in_one_transaction() -> None:
    commands = read(request_tables("isolate_host", "codered-x", ORDER, [LINK]))
    for family in ("inet", "netdev"):
        table: dict[str, object] = {"table": {"family": family, "name": "codered-x"}}
        start = commands.index({"add": table})
        assert commands[start : start + 3] == [{"add": table}, {"delete": table}, {"add": table}]
    chain = next(part["add"]["chain"] for part in commands if part.get("add", {}).get("chain", {}).get("dev"))
    assert (chain["dev"], chain["name"], chain["policy"]) == ('odd"name', "device-3-6f6464226e616d65", "drop")


def test_without_devices_it_is_marked_that_frames_pass() -> None:
    request = request_tables("isolate_host", "codered-x", ORDER, None)
    assert b"netdev" not in request
    assert UNFRAMED.encode() in request
    assert UNFRAMED.encode() not in request_tables("isolate_host", "codered-x", FirewallOrder(frames=False), None)


def test_arming_replaces_the_elements_that_are_there() -> None:
    commands = read(request_arming("codered-x", ["cable"], 30, versions=["ipv4"]))
    assert [next(iter(command)) for command in commands] == ["delete", "add", "delete", "add"]
    assert commands[1]["add"]["element"]["elem"] == [{"elem": {"val": "ipv4", "timeout": 30}}]
    forever = read(request_arming("codered-x", [], 0, versions=["ipv4", "ipv6"]))
    assert forever[1]["add"]["element"]["elem"] == ["ipv4", "ipv6"]
    assert len(forever) == 2


def test_a_later_device_is_armed_only_where_there_is_something_to_confirm() -> None:
    assert b"element" not in request_device("codered-x", "isolate_host", LINK, armed=None)
    assert b'"timeout":9' in request_device("codered-x", "isolate_host", LINK, armed=9)
    assert b"timeout" not in request_device("codered-x", "isolate_host", LINK, armed=0)


def test_only_what_is_there_is_removed() -> None:
    assert read(request_removal("codered-x", ["inet"])) == [
        {"delete": {"table": {"family": "inet", "name": "codered-x"}}}
    ]


def test_a_rules_comment_is_its_place_and_its_meaning() -> None:
    accept: Rule = ({"accept": None},)
    drop: Rule = ({"drop": None},)
    one, two = comment_rules([accept, drop]), comment_rules([drop, accept])
    assert len({*one, *two}) == 4
    assert all(len(comment) < 64 for comment in one)
