import subprocess

import pytest

from codered.export.controls.orders import CheckedOrder, ControlsOrder, Platform, check_order
from codered.export.controls.rate_limits import make_rate_control, read_rate_words
from codered.model.errors import WrongUse
from codered.model.firewall import PortRange
from tests.fixtures.networks import running_network

PLATFORMS: tuple[Platform, ...] = ("cisco_rate", "juniper_rate", "nftables_rate")


def test_each_has_its_undo_and_nothing_is_left_to_fill_in(checked: CheckedOrder) -> None:
    assert set(read_rate_words()) == set(PLATFORMS)
    for platform in PLATFORMS:
        control = make_rate_control(platform, checked)
        assert "$" not in control.apply + control.undo
        assert "codered-rate" in control.apply
        assert "codered-rate" in control.undo
        assert control.what.startswith("few new connections from 192.0.2.5")
        assert any("udp" in note for note in control.notes)


def test_what_a_device_is_not_about_is_said(checked: CheckedOrder) -> None:
    assert any("2001:db8::5" in note for note in make_rate_control("cisco_rate", checked).notes)
    assert not any("NOT" in note for note in make_rate_control("nftables_rate", checked).notes)


def test_only_new_connections_are_counted(checked: CheckedOrder) -> None:
    assert " permit tcp host 192.0.2.5 any eq 80 syn\n" in make_rate_control("cisco_rate", checked).apply
    assert "t1 from tcp-initial\n" in make_rate_control("juniper_rate", checked).apply
    order = check_order(ControlsOrder(infected=("192.0.2.0/24",)))
    assert " permit tcp 192.0.2.0 0.0.0.255 any syn\n" in make_rate_control("cisco_rate", order).apply
    assert "destination-port" not in make_rate_control("juniper_rate", order).apply


def test_a_filter_of_junos_accepts_the_rest(checked: CheckedOrder) -> None:
    lines = make_rate_control("juniper_rate", checked).apply.splitlines()
    terms = [line.split("term ")[1].split()[0] for line in lines if " term " in line]
    assert terms[-1] == "everything-else"
    assert lines[-3].endswith("term everything-else then accept")


def test_nft_loads_it_twice_and_takes_it_back(order: ControlsOrder) -> None:
    ranged = (PortRange(protocol="tcp", first=80, last=90), PortRange(protocol="tcp", first=443, last=443))
    control = make_rate_control("nftables_rate", check_order(ControlsOrder(infected=order.infected, ports=ranged)))
    with running_network() as network:
        command = network.host.command("nft", "-f", "-")
        for text in (control.apply, control.apply):
            subprocess.run(command, input=text, text=True, check=True, capture_output=True, timeout=30)
        listed = network.host.run("nft", "list", "ruleset").stdout
        assert listed.count("limit rate over 2/second burst 20 packets") == 4
        subprocess.run(command, input=control.undo, text=True, check=True, capture_output=True, timeout=30)
        assert network.host.run("nft", "list", "ruleset").stdout == ""


def test_nothing_to_limit_is_refused() -> None:
    with pytest.raises(WrongUse, match="nothing"):
        make_rate_control("cisco_rate", check_order(ControlsOrder(infected=("2001:db8::5",))))
    udp = (PortRange(protocol="udp", first=53, last=53),)
    with pytest.raises(WrongUse, match="nothing"):
        make_rate_control("nftables_rate", check_order(ControlsOrder(infected=("192.0.2.5",), ports=udp)))
    many = tuple(f"10.0.{n}.1" for n in range(200))
    wide = tuple(PortRange(protocol="tcp", first=n, last=n) for n in range(1, 21))
    with pytest.raises(WrongUse, match="too many"):
        make_rate_control("cisco_rate", check_order(ControlsOrder(infected=many, ports=wide)))
