"""Containments that are taken back on time, whoever is dead."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from codered_hq.config import DeviceConfig
from codered_hq.devices import keeping
from codered_hq.devices.drivers import open_driver
from codered_hq.devices.keeping import (
    Keeper,
    KeptOrder,
    forget_done,
    hand_over,
    main,
    read_done,
    read_failing,
    start_keeper,
)
from codered_hq.model.device import ControlOrder, ControlState
from tests.fixtures.carried_out import put_in_place
from tests.fixtures.networks import inside
from tests.fixtures.ovs_switches import Switch, show_devices

_CONTAIN = """
import sys, time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from codered_hq.config import headquarters_folder, read_config
from codered_hq.devices.carrying_out import put_all_in_place
from codered_hq.devices.drivers import open_driver
from codered_hq.devices.keeping import KeptOrder, hand_over, start_keeper
from codered_hq.model.device import ControlOrder
folder = Path(sys.argv[1])
driver = open_driver(read_config(headquarters_folder()).devices[0])
order = ControlOrder(kind="disable_port", device="sw1", label="cr-kept", port="m1")
undo_at = datetime.now(UTC) + timedelta(seconds=1)
def prepare(order, before, backup):
    hand_over(folder, KeptOrder(uid="kept", order=order, before=before, undo_at=undo_at))
    start_keeper(folder)
put_all_in_place(driver, [order], 0, prepare)
print("down", flush=True)
time.sleep(600)
"""


def make_order(port: str = "m1", device: str = "sw1") -> ControlOrder:
    return ControlOrder(kind="disable_port", device=device, label=f"cr-{port}", port=port)


def keep(folder: Path, uid: str, seconds: float = 0.0, **changes: str) -> KeptOrder:
    before = ControlState(values={"admin": "up", "oper": "up"})
    undo_at = datetime.now(UTC) + timedelta(seconds=seconds)
    kept = KeptOrder(uid=uid, order=make_order(**changes), before=before, undo_at=undo_at)
    hand_over(folder, kept)
    return kept


def shut(switch: Switch) -> None:
    """By SNMP: the agent would not hear of anything else for three seconds."""
    with inside(switch.hq):
        driver = open_driver(switch.config())
        assert put_in_place(driver, make_order(), 0).after.values["admin"] == "down"
        driver.close()


@pytest.fixture
def folder(headquarters: Path, ovs_switch: Switch) -> Iterator[Path]:
    headquarters.mkdir(mode=0o700)
    write_config(headquarters, ovs_switch.config())
    yield headquarters / "keeping"
    with inside(ovs_switch.hq):
        driver = open_driver(ovs_switch.config())
        driver.undo(make_order(), ControlState(values={"admin": "up"}))
        driver.close()


def write_config(headquarters: Path, *devices: DeviceConfig) -> None:
    path = headquarters / "headquarters.toml"
    path.touch(mode=0o600)
    path.write_text(show_devices(*devices))


def wait_for(folder: Path, uid: str) -> keeping.KeptResult:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        for result in read_done(folder):
            if result.uid == uid:
                return result
        time.sleep(0.05)
    raise AssertionError((folder / "keeper.log").read_text("utf-8"))


def wait_for_end(folder: Path) -> None:
    """The keeper lets its lock go when nothing is due."""
    until = time.monotonic() + 10
    while (lock := keeping._take_lock(folder)) is None:
        assert time.monotonic() < until
        time.sleep(0.05)
    os.close(lock)


def test_a_port_comes_up_on_time_with_headquarters_killed(folder: Path, ovs_switch: Switch) -> None:
    with inside(ovs_switch.hq):
        process = subprocess.Popen(
            [sys.executable, "-c", _CONTAIN, str(folder)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": "src"},
        )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == b"down\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not ovs_switch.is_up("m1")
    assert not ovs_switch.reaches(ovs_switch.machines[0].address, seconds=0.1)
    result = wait_for(folder, "kept")
    assert (result.outcome, result.device, result.tries) == ("undone", "sw1", 1)
    assert ovs_switch.is_up("m1")
    assert ovs_switch.reaches(ovs_switch.machines[0].address, seconds=2)
    wait_for_end(folder)
    forget_done(folder, "kept")
    assert read_done(folder) == []


def test_a_device_that_is_away_is_tried_until_it_is_back_and_what_is_broken_keeps_nobody_waiting(
    folder: Path, ovs_switch: Switch, headquarters: Path
) -> None:
    away = msgspec.structs.replace(ovs_switch.config(), port=1161, seconds=0.3)
    write_config(headquarters, away, msgspec.structs.replace(ovs_switch.config(), name="sw2"))
    keep(folder, "away")
    keep(folder, "unknown", device="sw3")
    keep(folder, "here", device="sw2")
    keep(folder, "later", seconds=3600, device="sw2")
    due = folder / "due"
    (due / "broken.json").write_text("{")
    (due / "link.json").symlink_to("/etc/passwd")
    (due / "other.json").write_bytes((due / "here.json").read_bytes())
    (due / "huge.json").write_bytes(b" " * ((1 << 20) + 1))
    (due / "\x1b[2J").mkdir()
    shut(ovs_switch)
    with inside(ovs_switch.hq):
        assert start_keeper(folder)
        assert not start_keeper(folder), "one at a time"
        assert main([str(folder)]) == 0, "one by hand makes way"
    assert wait_for(folder, "here").outcome == "undone"
    broken = {one.uid: one.outcome for one in read_done(folder)}
    assert {broken[uid] for uid in ("broken", "link", "other", "huge")} == {"broken"}
    assert sorted(path.name for path in (folder / "aside").iterdir())[0] == "\x1b[2J"
    assert "\x1b" not in (folder / "keeper.log").read_text("utf-8")
    until = time.monotonic() + 10
    while {one.uid for one in read_failing(folder)} != {"away", "unknown"}:
        assert time.monotonic() < until
        time.sleep(0.05)
    shut(ovs_switch)
    write_config(headquarters, ovs_switch.config())
    result = wait_for(folder, "away")
    assert result.outcome == "undone"
    assert result.tries > 1
    assert ovs_switch.is_up("m1")
    assert [one.uid for one in read_failing(folder)] == ["unknown"]
    assert "no device is called sw3" in read_failing(folder)[0].message
    assert keeping.withdraw(folder, "unknown")
    assert keeping.withdraw(folder, "later")
    assert not keeping.withdraw(folder, "later")
    wait_for_end(folder)
    assert read_failing(folder) == []


def test_it_survives_the_end_of_a_session_and_an_error_of_ours(
    folder: Path, ovs_switch: Switch, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    keep(folder, "one")
    keep(folder, "two", device="sw2")

    def break_down(_config: DeviceConfig) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr(keeping, "open_driver", break_down)
    keeper = Keeper(folder)
    with ThreadPoolExecutor(2) as threads:
        keeper.look(threads)
        until = time.monotonic() + 10
        while "KeyError: 'a bug'" not in capfd.readouterr().out:
            assert time.monotonic() < until
            time.sleep(0.02)
            keeper.look(threads)
    assert [one.uid for one in read_failing(folder)] == ["two"]
    assert {path.name for path in (folder / "due").iterdir()} == {"one.json", "two.json"}
    with inside(ovs_switch.hq):
        process = subprocess.Popen(
            [sys.executable, "-m", "codered_hq.devices.keeping", str(folder)], env={**os.environ, "PYTHONPATH": "src"}
        )
    assert wait_for(folder, "one").outcome == "already"
    process.send_signal(signal.SIGHUP)
    keeping.withdraw(folder, "two")
    assert process.wait(10) == 0


def test_what_somebody_else_changed_is_left_and_told(folder: Path, ovs_switch: Switch) -> None:
    order = ControlOrder(kind="move_vlan", device="sw1", label="cr-moved", port="m2")
    with inside(ovs_switch.hq):
        driver = open_driver(ovs_switch.config())
        before = put_in_place(driver, order, 0).before
        driver.close()
        ovs_switch.say("set", "port", "m2", "tag=30")
        later = datetime.now(UTC) + timedelta(seconds=0.5)  # the agent looks at the switch five times a second
        hand_over(folder, KeptOrder(uid="moved", order=order, before=before, undo_at=later))
        assert main([str(folder)]) == 0
    (result,) = read_done(folder)
    assert (result.outcome, result.message) == ("touched", "changed by somebody else meanwhile, and left so: vlan")
    assert ovs_switch.say("get", "port", "m2", "tag").strip() == "30"
    ovs_switch.say("set", "port", "m2", "tag=20")


def test_wrong_use_of_the_process(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main([]) == 2
    assert "give one folder" in capsys.readouterr().err
    assert main([str(tmp_path / "empty")]) == 0
    assert json.loads("[]") == read_done(tmp_path / "empty")
