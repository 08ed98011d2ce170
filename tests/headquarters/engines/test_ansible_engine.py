"""Ansible against real SSH hosts, in a network of their own."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered_hq.config import AnsibleConfig
from codered_hq.engines.ansible_engine import AnsibleEngine, read_event
from codered_hq.model.engine import EngineHost, Return
from tests.fixtures.fleet_programs import make_program, make_task, read_body
from tests.fixtures.networks import inside
from tests.fixtures.ssh_fleets import BARE, CLOSED, DARK, KEYLESS, MUTE, OTHER, STATE, SshFleet, running_ssh_fleet

Wishes = dict[str, dict[str, object]]
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


def _run(fleet: SshFleet, wishes: Wishes, seconds: float = 60, **more: object) -> dict[str, Return]:
    program = make_program(fleet.hosts.parent / "programs", size=100_000)
    task = make_task(program, {f"host {one}": wish for one, wish in wishes.items()}, seconds=seconds)
    with inside(fleet.network.host):
        found = list(_engine(fleet, **more).run(task, [_host(one) for one in wishes]))
    assert sorted(one.host for one in found) == sorted(task.inputs)
    return {one.host.removeprefix("host "): one for one in found}


def test_the_living_answer_and_each_of_the_others_has_its_reason(
    fleet: SshFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        wishes: Wishes = {one: {"exit": 4} for one in LIVING}
        found = _run(fleet, wishes | {one: {} for one in ODD})
        assert list(Path(folder).glob("codered-*")) == []
    for one in LIVING:
        assert (found[one].outcome, found[one].exit_code, found[one].reason) == ("answered", 4, "")
        assert found[one].output.startswith(f"hello host {one} from 10.20.30.40 ".encode())
        assert f" {one} 22" in found[one].output.decode()
        program = next(fleet.state(one).glob("fleet/*/codered-host.pyz"))
        assert (program.stat().st_mode & 0o777, program.parent.stat().st_mode & 0o777) == (0o700, 0o700)
        assert list(fleet.state(one).glob("fleet/run-*")) == []
    said = {one: (found[one].outcome, found[one].reason) for one in ODD}
    # Where ssh ends before Ansible has written to it, which a busy machine may do, Ansible says only that.
    timed_out = f"ssh: connect to host {DARK} port 22: Connection timed out"
    assert said[DARK][0] == "unreachable"
    assert said[DARK][1] == timed_out or f"could not be sent to remote host '{DARK}'" in said[DARK][1]
    assert said[CLOSED] == ("unreachable", f"ssh: connect to host {CLOSED} port 22: Connection refused")
    assert said[MUTE][0] == "unreachable"
    assert "timed out" in said[MUTE][1]
    assert said[KEYLESS][0] == "refused"
    assert "Permission denied" in said[KEYLESS][1]
    assert said[OTHER] == ("refused", "its host key changed")
    assert said[BARE][0] == "failed"
    assert said[BARE][1].startswith("python3 is not there or can't be started")


def test_answers_of_every_size_come_back_whole_and_lies_do_not(
    fleet: SshFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AnsibleEngine, "most_part", 1 << 20)
    wishes: Wishes = dict(
        zip(LIVING, ({"size": 1_500_000}, {"lie": 1}, {"quiet": "it"}, {"sleep": 30}, {}), strict=True)
    )
    damaged = next(fleet.state(LIVING[4]).glob("fleet/*/codered-host.pyz"))
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"!")
    found = _run(fleet, wishes, seconds=5)
    large = found[LIVING[0]]
    assert (large.outcome, large.reason) == ("answered", "")
    assert large.output.endswith(read_body("", 1_500_000))
    assert (found[LIVING[1]].outcome, found[LIVING[1]].reason) == ("garbled", "its answer is not what its receipt says")
    assert found[LIVING[2]].reason == "the program ended with 1 and no answer: nothing to say: it"
    assert (found[LIVING[3]].outcome, found[LIVING[3]].reason) == ("timed_out", "it did not end within 5 s")
    assert found[LIVING[4]].outcome == "answered"  # what was changed on the host was not run, but brought again


def test_an_unsafe_or_full_folder_is_told(fleet: SshFleet) -> None:
    os.chmod(fleet.state(LIVING[0]) / "fleet", 0o755)
    (fleet.state(LIVING[1]) / "fleet").rename(fleet.state(LIVING[1]) / "elsewhere")
    (fleet.state(LIVING[1]) / "fleet").symlink_to("elsewhere")
    found = _run(fleet, {one: {} for one in LIVING[:2]})
    os.chmod(fleet.state(LIVING[0]) / "fleet", 0o700)
    assert found[LIVING[0]].reason == "the folder /run/codered/fleet is not its owner's alone (0700)"
    assert found[LIVING[1]].reason == "the folder /run/codered/fleet is a link"


def test_who_lets_us_in_is_told_apart_from_who_does_not(fleet: SshFleet) -> None:
    hostile = [
        EngineHost(name="an option", address="-oProxyCommand=x"),
        EngineHost(name="{{ 1 }}", address=LIVING[3], variables={"ansible_user": "{{ lookup('pipe', 'id') }}"}),
        EngineHost(name="local", address=LIVING[3], variables={"ansible_connection": "local"}),
    ]
    unknown = _host("198.18.7.7")
    hosts = [_host(LIVING[3]), _host(CLOSED), unknown, *hostile]
    task = make_task(make_program(fleet.hosts.parent / "programs", size=100_000), {one.name: {} for one in hosts})
    with inside(fleet.network.host):
        found = {one.host: (one.outcome, one.reason) for one in _engine(fleet).run(task, hosts)}
    assert found.pop(f"host {LIVING[3]}") == ("answered", "")
    assert found.pop(f"host {CLOSED}")[0] == "unreachable"
    assert found.pop(unknown.name) == ("refused", "its host key is not known here")
    assert {outcome for outcome, _ in found.values()} == {"failed"}
    assert len(found) == len(hostile)


def test_a_run_that_is_given_up_ends_what_it_started(fleet: SshFleet) -> None:
    program = make_program(fleet.hosts.parent / "programs", size=100_000)
    task = make_task(program, {"host a": {}, "host b": {"sleep": 40}})
    hosts = [EngineHost(name=name, address=at) for name, at in (("host a", LIVING[3]), ("host b", LIVING[4]))]
    with inside(fleet.network.host):
        running = _engine(fleet).run(task, hosts)
        assert next(running).host == "host a"
        running.close()  # type: ignore[attr-defined]
        assert "ansible-playbook" not in fleet.network.host.run("sh", "-c", "ps -o args= --ppid $PPID").stdout


@pytest.mark.parametrize(
    ("more", "words"),
    [({"folder": "a b"}, "no folder"), ({"private_key": 'x"y'}, "quote"), ({"user": "{{ x }}"}, "template")],
)
def test_a_broken_setting_is_told_before_anything_is_run(fleet: SshFleet, more: dict[str, str], words: str) -> None:
    with pytest.raises(WrongUse, match=words):
        _engine(fleet, **more)


def test_a_missing_ansible_is_told_with_what_to_install(fleet: SshFleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(WrongUse, match=r"codered-detect\[ansible\]"):
        _run(fleet, {LIVING[0]: {}})


def test_an_event_of_any_form_becomes_a_return_or_words() -> None:
    assert read_event("a", ("h0", "runner_on_ok", {"stdout": 1})) == ""
    for words, outcome in (("Timed out after 3 second(s)", "timed_out"), ("", "failed"), ("x" * 9000, "failed")):
        found = read_event("a", ("h0", "runner_on_failed", {"msg": words}))
        assert isinstance(found, Return)
        assert found.outcome == outcome
        assert 0 < len(found.reason) <= 300
