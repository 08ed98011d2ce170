import struct
import subprocess
from functools import partial
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.remediate.firewall.links import (
    ETHERNET,
    find_device,
    find_switch,
    list_links,
    raise_error,
    split_attributes,
    split_messages,
)
from tests.fixtures.firewalls import run_inside
from tests.fixtures.networks import HOST, HOST6, running_network


def test_devices_that_are_up_without_loopback() -> None:
    with running_network() as network:
        network.host.run("ip", "link", "add", "idle", "type", "veth", "peer", "name", "other")
        (link,) = run_inside(network.host, list_links)
        assert (link.name, link.kind, link.carries, link.driver) == ("cable", ETHERNET, False, "veth")
        network.host.run("ip", "link", "set", "idle", "up")
        assert [link.name for link in run_inside(network.host, list_links)] == ["cable", "idle"]


def test_what_others_send_through_is_found_up_or_not() -> None:
    with running_network() as network:
        assert run_inside(network.host, find_switch) == ""
        made = network.host.command("ip", "link", "add", "guests", "type", "bridge")
        if subprocess.run(made, capture_output=True, check=False).returncode:
            pytest.skip("this kernel has no bridges")
        assert run_inside(network.host, find_switch) == "guests"


def test_a_device_below_a_vlan_carries_it() -> None:
    with running_network() as network:
        made = network.host.command("ip", "link", "add", "link", "cable", "name", "tagged", "type", "vlan", "id", "7")
        if subprocess.run(made, capture_output=True, check=False).returncode:
            pytest.skip("this kernel has no VLANs")
        network.host.run("ip", "link", "set", "tagged", "up")
        found = {link.name: link.carries for link in run_inside(network.host, list_links)}
        assert found == {"cable": True, "tagged": False}


def test_a_kernels_refusal_is_an_error() -> None:
    raise_error(struct.pack("=i", 0))
    with pytest.raises(PermissionError):
        raise_error(struct.pack("=i", -1))
    with pytest.raises(OSError, match="refused"):
        raise_error(b"")


@given(st.binary(max_size=200))
def test_any_bytes_are_taken_apart_without_end_or_fault(raw: bytes) -> None:
    assert sum(len(body) for _, body in split_messages(raw)) <= len(raw)
    assert sum(len(value) for _, value in split_attributes(raw)) <= len(raw)


def test_the_device_of_an_address_is_found() -> None:
    with running_network() as network:
        for address in (HOST, HOST6):
            found = run_inside(network.host, partial(find_device, ip_address(address)))
            assert found is not None
            assert found.name == "cable"
        assert run_inside(network.host, partial(find_device, ip_address("192.0.2.1"))) is None
