"""Blocks for others: complete, marked as ours, with their way back; nothing hostile gets into them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.model.errors import WrongUse
from codered_hq.containment.emitting import Blocked, check_blocked, emit_block, list_forms

ALL = Blocked(names=("bad.example.com",), networks=("10.1.2.3/32", "fd00::7/128"), macs=("02:00:00:00:00:01",))


@pytest.mark.parametrize(
    ("form", "lines", "missing"),
    [
        ("unbound", ['local-zone: "bad.example.com." always_nxdomain', "access-control: fd00::7/128 refuse"], "macs"),
        ("bind-rpz", ["*.bad.example.com CNAME .", "32.3.2.1.10.rpz-client-ip CNAME .",
                      "128.7.0.0.0.0.0.0.fd00.rpz-client-ip CNAME .", "$TTL 60"], "macs"),
        ("dnsmasq", ["address=/bad.example.com/", "dhcp-host=02:00:00:00:00:01,ignore"], "addresses"),
        ("kea", ['{ "name": "DROP", "test": "pkt4.mac == 0x020000000001" }'], "names"),
        ("isc-dhcpd",
         ["host codered-abc1-020000000001 { hardware ethernet 02:00:00:00:00:01; deny booting; }"], "names"),
        ("squid", ["acl codered_abc1_clients src 10.1.2.3/32", "http_access deny codered_abc1_names"], "macs"),
        ("pac",
         ['  if (host == "bad.example.com" || dnsDomainIs(host, ".bad.example.com")) return "PROXY 127.0.0.1:9";'],
         "addresses"),
    ],
)  # fmt: skip
def test_forms(form: str, lines: list[str], missing: str) -> None:
    (made,) = emit_block(form, ALL, "abc1")
    assert set(lines) <= set(made.text.splitlines()), made.text
    assert made.undo
    assert "abc1" in made.file
    assert f"NOT covered: {missing} can't be blocked by {form}" in made.notes
    if form == "kea":
        json.loads(made.text.splitlines()[-1])


def test_router_lists_and_what_is_missing() -> None:
    (cisco,) = emit_block("cisco", ALL, "abc1")
    assert ("10.1.2.3" in cisco.text, bool(cisco.undo)) == (True, True)
    for form, blocked in (("cisco", Blocked(names=ALL.names)), ("kea", Blocked(names=ALL.names)), ("none", ALL)):
        with pytest.raises(WrongUse):
            emit_block(form, blocked, "abc1")
    with pytest.raises(WrongUse):
        emit_block("unbound", ALL, "a b")
    assert {"unbound", "kea", "cisco"} <= set(list_forms())


@given(st.text(max_size=80))
def test_nothing_else_than_a_name_gets_in(text: str) -> None:
    try:
        blocked = check_blocked([text], [], [])
    except WrongUse:
        return
    (name,) = blocked.names
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_."), name


def test_what_is_no_name_address_or_mac() -> None:
    for names, networks, macs in (
        (["x"], [], []), (['a.com" x'], [], []), (["a.com\n"], ["x"], []), ([], [], ["02-00"]), ([], [], []),
        ([], ["10.0.0.0/0"], []), (["a.com"] * 501, [], []),
    ):  # fmt: skip
        with pytest.raises(WrongUse):
            check_blocked(names, networks, macs)
    assert check_blocked(["*.Bad.Example.COM."], [], ["02-00-00-00-00-0A"]).macs == ("02:00:00:00:00:0a",)
