"""A real router of FRRouting: zebra and staticd in a network of their own, by vtysh over ssh."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered_hq.config import DeviceConfig
from codered_hq.devices import carrying_out
from codered_hq.devices.carrying_out import take_back
from codered_hq.devices.frr import FrrDriver
from codered_hq.model.device import ControlOrder, DeviceFailed
from tests.fixtures.carried_out import put_in_place
from tests.fixtures.networks import Namespace, own_namespace
from tests.fixtures.ssh_devices import running_ssh_device

_DAEMONS = Path("/usr/lib/frr")


def make_order(*networks: str) -> ControlOrder:
    return ControlOrder(kind="block_subnet", device="rt1", label="cr-1", networks=networks)


@pytest.fixture
def router(tmp_path: Path) -> Iterator[tuple[Namespace, DeviceConfig]]:
    """Its vtysh is found before the machine's: it asks these daemons."""
    assert (_DAEMONS / "zebra").exists(), "Debian package frr is missing"
    with ExitStack() as stack:
        space = stack.enter_context(own_namespace())
        space.run("ip", "link", "set", "lo", "up")
        space.run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
        space.run("ip", "link", "set", "eth1", "up")
        space.run("ip", "address", "add", "10.1.0.1/24", "dev", "eth0")
        space.run("ip", "link", "set", "eth0", "up")
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cr-frr", dir="/tmp")))
        folder.chmod(0o755)
        (folder / "run").mkdir()
        shutil.chown(folder / "run", "frr", "frr")
        (folder / "bin").mkdir()
        wrapper = folder / "bin/vtysh"
        wrapper.write_text(f'#!/bin/sh\nexec /usr/bin/vtysh --vty_socket {folder}/run "$@"\n')
        wrapper.chmod(0o755)
        for name in ("zebra", "staticd"):
            (folder / "run" / f"{name}.conf").touch()
            words = [str(_DAEMONS / name), "-f", f"{folder}/run/{name}.conf", "-i", f"{folder}/run/{name}.pid"]
            words += ["-z", f"{folder}/run/zserv", "--vty_socket", f"{folder}/run", "-u", "frr", "-g", "frr", "-P", "0"]
            log = stack.enter_context(open(tmp_path / f"{name}.log", "wb"))
            process = subprocess.Popen(space.command(*words), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            stack.callback(process.wait)
            stack.callback(process.kill)
            until = time.monotonic() + 10
            while not (folder / "run" / f"{name}.vty").exists():
                assert time.monotonic() < until, (tmp_path / f"{name}.log").read_text()
                time.sleep(0.02)
        yield (
            space,
            stack.enter_context(running_ssh_device(tmp_path / "ssh", prefix=space.command(), path=f"{folder}/bin")),
        )


def test_routes_lead_nowhere_and_back(router: tuple[Namespace, DeviceConfig], monkeypatch: pytest.MonkeyPatch) -> None:
    space, config = router
    driver = FrrDriver(config)
    order = make_order("10.1.0.99/32", "192.0.2.0/24", "2001:db8::/48")
    done = put_in_place(driver, order, 60)
    assert set(done.before.values.values()) == {"open"}
    assert set(done.after.values.values()) == {"blocked"}
    assert done.timer.where == "none"
    assert b"frr version" in done.backup
    assert "blackhole 10.1.0.99" in space.run("ip", "route").stdout
    assert not put_in_place(driver, order, 60).changed
    assert take_back(driver, order, done.before).changed
    assert not take_back(driver, order, done.before).changed
    assert "blackhole" not in space.run("ip", "route").stdout
    # To a network that it is in itself, its own route wins: told, not assumed.
    monkeypatch.setattr(carrying_out, "PATIENCE", 0.2)
    with pytest.raises(DeviceFailed, match="nothing of it is in place"):
        put_in_place(driver, make_order("10.1.0.0/24"), 60)
    assert b"blackhole" not in driver.back_up()
    with pytest.raises(WrongUse, match="which we come by"):
        put_in_place(driver, make_order("127.0.0.0/8"), 60)
    driver.close()
