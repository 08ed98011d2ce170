import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from codered.model.errors import Refused
from codered.remediate.keeping import starting
from codered.remediate.keeping.starting import python_command, start_keeper, stop_keeper, tell_systemd_ready
from tests.fixtures.command import SOURCE
from tests.fixtures.contained import lay_out, make_record, put_up_tables, within
from tests.fixtures.networks import Network


@pytest.fixture(autouse=True)
def own_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(SOURCE))


def test_the_command_is_this_very_interpreter() -> None:
    words = python_command("codered")
    assert (words[0], words[-1]) == (sys.executable, "codered")
    done = subprocess.run([*words, "--version"], capture_output=True, timeout=60, check=False, cwd="/")
    assert done.returncode == 0


def test_a_keeper_starts_once_and_ends_when_it_is_told(network: Network, tmp_path: Path) -> None:
    record = make_record()
    folder = lay_out(tmp_path, record)
    within(network.host, lambda: put_up_tables(record))
    pid = within(network.host, lambda: start_keeper(folder))
    assert pid > 0
    assert os.getsid(pid) == pid  # it outlives this session
    assert within(network.host, lambda: start_keeper(folder)) == pid
    stop_keeper(folder)
    assert folder.find_keeper() == 0
    network.host.run("nft", "flush", "ruleset")


def test_where_there_is_nothing_to_keep_nobody_keeps(network: Network, tmp_path: Path) -> None:
    folder = lay_out(tmp_path, make_record(), "begun", "verified", "undone")
    within(network.host, lambda: start_keeper(folder))
    until = time.monotonic() + 10
    while folder.find_keeper() and time.monotonic() < until:
        time.sleep(0.01)
    assert folder.find_keeper() == 0


def test_a_keeper_that_does_not_come_up_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "KEEPER", "codered.nothing_of_this_name")
    with pytest.raises(Refused, match="does not start"):
        start_keeper(lay_out(tmp_path, make_record()))


def test_stopping_where_nobody_keeps_is_nothing(tmp_path: Path) -> None:
    stop_keeper(lay_out(tmp_path, make_record()))


def test_systemd_hears_that_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(place))
        heard.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(place))
        tell_systemd_ready()
        assert heard.recv(100) == b"READY=1"
    tell_systemd_ready()  # nobody listens any more: no failure
    monkeypatch.delenv("NOTIFY_SOCKET")
    tell_systemd_ready()
