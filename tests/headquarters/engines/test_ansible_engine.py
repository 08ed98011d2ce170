"""Ansible against real SSH hosts, in a network of their own."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from codered_hq.config import AnsibleConfig
from codered_hq.engines.ansible_engine import AnsibleEngine
from codered_hq.model.engine import EngineHost, Return
from tests.fixtures.fleet_programs import make_program, make_task
from tests.fixtures.networks import inside
from tests.fixtures.ssh_fleets import BARE, CLOSED, DARK, KEYLESS, MUTE, OTHER, STATE, SshFleet, running_ssh_fleet

LIVING = [f"198.18.1.{at}" for at in range(1, 6)]
ODD = [DARK, CLOSED, KEYLESS, OTHER, BARE, MUTE]


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshFleet]:
    with running_ssh_fleet(tmp_path_factory.mktemp("ssh")) as running:
        running.know(LIVING + ODD)
        yield running


def _engine(fleet: SshFleet, **more: object) -> AnsibleEngine:
    words = {"private_key": str(fleet.private_key), "known_hosts": str(fleet.known_hosts), "folder": f"{STATE}/fleet"}
    config = AnsibleConfig(**{**words, "forks": 12, **more})  # type: ignore[arg-type]
    return AnsibleEngine(config, connect_seconds=3)


def _host(address: str, **variables: str) -> EngineHost:
    return EngineHost(name=f"host {address}", address=address, variables=variables)


def _run(
    fleet: SshFleet, engine: AnsibleEngine, wishes: dict[str, dict[str, object]], seconds: float = 60
) -> dict[str, Return]:
    program = make_program(Path(tempfile.mkdtemp(dir=fleet.hosts.parent)), size=100_000)
    task = make_task(program, {f"host {one}": wish for one, wish in wishes.items()}, seconds=seconds)
    with inside(fleet.network.host):
        found = list(engine.run(task, [_host(one) for one in wishes]))
    assert sorted(one.host for one in found) == sorted(task.inputs)
    return {one.host.removeprefix("host "): one for one in found}


def test_the_living_answer_and_each_of_the_others_has_its_reason(fleet: SshFleet) -> None:
    wishes: dict[str, dict[str, object]] = {one: {} for one in LIVING + ODD}
    wishes[LIVING[1]] = {"exit": 4}
    wishes[LIVING[2]] = {"quiet": "because"}
    found = _run(fleet, _engine(fleet), wishes)
    for one in found.values():
        print(one)
    assert 0
