"""A Linux router that blocks networks and opens them again by itself: its own ssh, its own kernel's nftables."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from codered.model.errors import WrongUse
from codered_hq.config import DeviceConfig
from codered_hq.devices.carrying_out import take_back
from codered_hq.devices.nftables import NftablesDriver
from codered_hq.model.device import ControlOrder, DeviceFailed
from tests.fixtures.carried_out import put_in_place
from tests.fixtures.networks import Namespace, inside, own_namespace
from tests.fixtures.ssh_devices import running_ssh_device

FAR = "10.2.0.9"


def make_order(*networks: str, label: str = "cr-1") -> ControlOrder:
    return ControlOrder(kind="block_subnet", device="rt1", label=label, networks=networks)


@pytest.fixture(scope="module")
def router() -> Iterator[tuple[Namespace, Namespace, socket.socket]]:
    """A router between two machines; the near one asks, the far one listens."""
    with own_namespace() as middle, own_namespace() as near, own_namespace() as far:
        for name, other, net in (("near0", near, "10.1.0"), ("far0", far, "10.2.0")):
            middle.run("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", str(other.pid))
            middle.run("ip", "address", "add", f"{net}.1/24", "dev", name)
            middle.run("ip", "link", "set", name, "up")
            other.run("ip", "address", "add", f"{net}.9/24", "dev", "eth0")
            other.run("ip", "link", "set", "eth0", "up")
            other.run("ip", "route", "add", "default", "via", f"{net}.1")
        middle.run("sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward")
        with inside(far):
            server = socket.create_server((FAR, 80))
        with server:
            yield middle, near, server


@pytest.fixture
def config(router: tuple[Namespace, Namespace, socket.socket], tmp_path: Path) -> Iterator[DeviceConfig]:
    with running_ssh_device(tmp_path / "ssh", prefix=router[0].command()) as config:
        yield config


def reaches(near: Namespace) -> bool:
    with inside(near):
        try:
            socket.create_connection((FAR, 80), timeout=0.2).close()
        except OSError:
            return False
    return True


def test_what_is_blocked_passes_no_more_and_comes_back(
    config: DeviceConfig, router: tuple[Namespace, Namespace, socket.socket]
) -> None:
    middle, near, _ = router
    middle.run("nft", "add", "table", "inet", "theirs")
    driver = NftablesDriver(config)
    order = make_order("10.2.0.0/24", "192.0.2.7/32", "2001:db8::/48")
    assert reaches(near)
    done = put_in_place(driver, order, 3600)
    assert set(done.after.values.values()) == {"blocked"}
    assert (done.timer.where, b"table inet theirs" in done.backup) == ("device", True)
    assert not reaches(near)
    assert not put_in_place(driver, order, 3600).changed
    assert take_back(driver, order, done.before).changed
    assert reaches(near)
    assert not take_back(driver, order, done.before).changed
    assert middle.run("nft", "list", "tables").stdout.split() == ["table", "inet", "theirs"]

    # The kernel does it when nobody else does; half of it taken out by somebody is told as it is.
    before = put_in_place(driver, order, 1).before
    middle.run("nft", "delete", "element", "inet", "codered-hq-cr-1", "four", "{ 192.0.2.7 }")
    assert driver.read_state(order).values == {
        "10.2.0.0/24": "blocked", "192.0.2.7/32": "open", "2001:db8::/48": "blocked"
    }  # fmt: skip
    until = time.monotonic() + 10
    while not reaches(near):
        assert time.monotonic() < until
    while "blocked" in driver.read_state(order).values.values():
        assert time.monotonic() < until
    assert not take_back(driver, order, before).changed
    assert middle.run("nft", "list", "tables").stdout.split() == ["table", "inet", "theirs"]
    driver.close()


def test_what_it_refuses(config: DeviceConfig, router: tuple[Namespace, Namespace, socket.socket]) -> None:
    driver = NftablesDriver(config)
    for networks, said in (
        (("127.0.0.0/8",), "which we come by"),
        (("0.0.0.0/0",), "which we come by"),
        (("10.2.0.1/24",), "has host bits set"),
        (("; flush ruleset",), "does not appear"),
        ((), "give 1 to"),
    ):
        with pytest.raises(WrongUse, match=said):
            put_in_place(driver, make_order(*networks), 60)
    with pytest.raises(WrongUse, match="a router can't disable_port"):
        driver.read_state(ControlOrder(kind="disable_port", device="rt1", label="x", port="1"))
    assert "codered" not in router[0].run("nft", "list", "tables").stdout
    driver.close()
    Path(config.known_hosts).write_text("")
    with pytest.raises(DeviceFailed, match="not found in known_hosts"):
        NftablesDriver(config).read_state(make_order("10.2.0.0/24"))
    for change in ({"known_hosts": ""}, {"known_hosts": "/nowhere"}, {"password": ""}, {"user": ""}):
        with pytest.raises(WrongUse):
            NftablesDriver(msgspec.structs.replace(config, **change))
