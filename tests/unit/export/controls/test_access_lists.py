"""What Aerleon writes is read again by small parsers, and by nft itself, for the traps that were seen in it."""

import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

from codered.export.controls import access_lists
from codered.export.controls.access_lists import AccessList, explain_missing, write_access_lists
from codered.export.controls.device_words import read_device_words
from codered.export.controls.orders import CheckedOrder, ControlsOrder, Platform, check_order
from codered.model.errors import CoverageIncomplete
from tests.fixtures.networks import running_network


def write(platform: Platform, order: CheckedOrder) -> tuple[AccessList, ...]:
    return write_access_lists(platform, read_device_words()[platform], order)


def test_a_list_of_cisco_ends_in_a_permit_for_the_rest(checked: CheckedOrder) -> None:
    lists = write("cisco", checked)
    assert len(lists) == 4
    for made in lists:
        entries = [line.split() for line in made.text.splitlines() if line.startswith((" permit", " deny"))]
        family = entries[-1][1]
        assert entries[-1] == ["permit", family, "any", "any"]
        assert family in ("ip", "ipv6")
        assert all(words[0] == "deny" for words in entries[:-1])
        assert made.text.endswith("exit\n")
    (first, *_) = lists
    assert " deny tcp host 192.0.2.5 any eq 80\n" in first.text
    assert " deny udp host 192.0.2.5 any range 1000 1002\n" in first.text


def test_an_asa_list_permits_the_rest_and_is_for_the_inside_alone(checked: CheckedOrder) -> None:
    (made,) = write("ciscoasa", checked)
    entries = [line for line in made.text.splitlines() if " extended " in line]
    assert entries[-1] == "access-list codered-infected extended permit ip any any"
    assert all(" deny " in line for line in entries[:-1])
    assert made.attach == "access-group codered-infected in interface inside\n"


def test_a_filter_of_junos_ends_in_an_accept_and_its_undo_names_what_was_made(checked: CheckedOrder) -> None:
    for made in write("juniper", checked):
        assert made.text.count("{") == made.text.count("}")
        terms = [line.split()[1] for line in made.text.splitlines() if line.strip().startswith("term ")]
        assert terms[-1] == "everything-else"
        assert "then accept;" in made.text.partition("term everything-else")[2]
        name = made.text.partition("filter ")[2].split()[0]
        assert f"filter {name}\n" in made.undo


def test_a_policy_for_srx_replaces_and_deletes_nothing_of_the_device(checked: CheckedOrder) -> None:
    lists = write("srx", checked)
    for made in lists:
        assert "replace:" not in made.text
        assert "delete:" not in made.text
        assert made.text.count("{") == made.text.count("}")
        assert "permit" not in made.text
    infected, attackers = lists
    assert "from-zone trust to-zone untrust" in infected.text
    assert "from-zone untrust to-zone trust" in attackers.text
    assert "delete security policies from-zone untrust to-zone trust policy codered-attackers\n" in attackers.undo
    for name in ("CODERED_INFECTED_0", "CODERED_INFECTED_1"):
        assert f"address {name} " in infected.text
        assert f"delete security address-book global address {name}\n" in infected.undo


def test_a_table_of_nftables_lets_everything_else_pass_and_no_session_of_the_worm(checked: CheckedOrder) -> None:
    for made in write("nftables", checked):
        assert "policy accept;" in made.text
        assert "policy drop" not in made.text
        assert "established" not in made.text
        assert "filtering_policies" not in made.text
        lines = [line for line in made.text.splitlines() if line.endswith(" drop")]
        assert len(lines) == len(set(lines))


def test_nft_loads_the_table_twice_and_the_undo_leaves_the_others_as_they_were(checked: CheckedOrder) -> None:
    lists = write("nftables", checked)
    with running_network() as network:
        command = network.host.command("nft", "-f", "-")

        def load(text: str) -> None:
            subprocess.run(command, input=text, text=True, check=True, capture_output=True, timeout=30)

        load("add table inet other\nadd chain inet other c { type filter hook forward priority 0; }\n")
        load("add rule inet other c counter")
        before = network.host.run("nft", "-a", "list", "ruleset").stdout
        for _ in range(2):
            for made in lists:
                load(made.text)
        during = network.host.run("nft", "-a", "list", "ruleset").stdout
        assert during.count("table inet codered-") == 2
        assert during.count("tcp dport 80 drop") == 2
        for made in lists:
            load(made.undo)
        assert network.host.run("nft", "-a", "list", "ruleset").stdout == before


def test_palo_alto_gets_one_document_and_an_undo_for_every_entry(checked: CheckedOrder) -> None:
    (made,) = write("paloalto", checked)
    system = ElementTree.fromstring(made.text).find("./devices/entry/vsys/entry")
    assert system is not None
    rules = [entry.get("name") for entry in system.findall("./rulebase/security/rules/entry")]
    assert rules == ["codered-infected-tcp", "codered-infected-udp", "codered-attackers"]
    assert {entry.text for entry in system.findall("./rulebase/security/rules/entry/action")} == {"deny"}
    for place in ("service", "address-group", "address"):
        entries = [str(entry.get("name")) for entry in system.findall(f"./{place}/entry")]
        assert entries
        assert all(f"delete {place} {name}\n" in made.undo for name in entries)
    assert all(f"delete rulebase security rules {name}\n" in made.undo for name in rules)


def test_windows_rules_block_and_each_has_its_undo(checked: CheckedOrder) -> None:
    lists = write("windows_advfirewall", checked)
    rules = [line for made in lists for line in made.text.splitlines() if line.startswith("netsh")]
    assert len(rules) == 3
    for line in rules:
        words = dict(word.split("=", 1) for word in line.split() if "=" in word)
        assert words["action"] == "block"
        undo = f"netsh advfirewall firewall delete rule name={words['name']}\n"
        assert sum(undo in made.undo for made in lists) == 1


@pytest.mark.parametrize("platform", ["cisco", "ciscoasa", "juniper", "srx", "nftables", "paloalto"])
def test_no_keyword_of_a_version_control_is_left(platform: Platform, checked: CheckedOrder) -> None:
    for made in write(platform, checked):
        assert "$" not in made.text + made.attach + made.undo


def test_without_ports_everything_from_an_infected_host_is_stopped() -> None:
    order = check_order(ControlsOrder(infected=("192.0.2.5",)))
    (made,) = write("cisco", order)
    assert " deny ip host 192.0.2.5 any\n" in made.text
    assert write("cisco", check_order(ControlsOrder())) == ()
    assert write("paloalto", check_order(ControlsOrder())) == ()


def test_names_of_the_device_are_put_in(order: ControlsOrder) -> None:
    named = check_order(ControlsOrder(infected=order.infected, inside="Vlan10", outside="dmz"))
    assert "interface Vlan10\n" in write("cisco", named)[0].attach
    assert "from-zone Vlan10 to-zone dmz" in write("srx", named)[0].text


def test_without_aerleon_it_is_said(checked: CheckedOrder, monkeypatch: pytest.MonkeyPatch) -> None:
    assert explain_missing() is None
    monkeypatch.setattr(access_lists, "HAS_AERLEON", False)
    missing = explain_missing()
    assert missing is not None
    assert "controls" in missing.reason
    with pytest.raises(CoverageIncomplete, match="aerleon"):
        write("cisco", checked)
