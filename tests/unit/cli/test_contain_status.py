from collections.abc import Iterator

import msgspec
import pytest

from codered import respond
from codered.cli import contain_choices, contain_status
from codered.cli.options import ChangeOptions
from codered.model.containment import ContainmentList
from codered.model.errors import Refused, WrongUse
from codered.remediate.keeping.records import ContainmentFolder
from codered.remediate.keeping.starting import stop_keeper
from codered.respond import containing, unknown_tables
from codered.targets import open_target
from tests.fixtures.command import SOURCE
from tests.fixtures.contain_words import ask_for, leave_nothing, switch_off, switch_on
from tests.fixtures.contained import within
from tests.fixtures.networks import Network, running_network


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with running_network() as found:
        yield found


@pytest.fixture(autouse=True)
def none_left(network: Network, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PYTHONPATH", str(SOURCE))
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    yield
    leave_nothing(network)


def test_status_says_what_holds(network: Network, capsys: pytest.CaptureFixture[str]) -> None:
    first = switch_on(network, capsys, ask_for(block=("tcp:80",)))
    second = switch_on(network, capsys, ask_for(throttle="2/s"))
    capsys.readouterr()
    assert within(network.host, lambda: contain_status.show_status("", keep=False, as_json=True)) == 0
    listed = msgspec.json.decode(capsys.readouterr().out, type=ContainmentList)
    assert [each.plan for each in listed.containments] == sorted((first.plan, second.plan), reverse=True)
    stop_keeper(ContainmentFolder(respond.state_folder(), first.plan))
    assert within(network.host, lambda: contain_status.show_status(first.plan, keep=False, as_json=False)) == 3
    assert within(network.host, lambda: contain_status.show_status(first.plan, keep=True, as_json=False)) == 0
    with pytest.raises(WrongUse, match="several"):
        within(network.host, lambda: contain_choices.confirm(""))
    for each in (first, second):
        assert switch_off(network, each.plan) == 0
    assert within(network.host, lambda: contain_status.show_status(first.plan, keep=False, as_json=False)) == 0
    assert "off" in capsys.readouterr().out


def test_what_may_not_be_looked_at_is_not_called_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> tuple[str, ...]:
        raise PermissionError(1, "not permitted")

    monkeypatch.setattr(unknown_tables, "list_unknown", refuse)
    assert contain_status.show_status("", keep=False, as_json=False) == 3
    said = capsys.readouterr().err
    assert ("can't be seen" in said, "nothing is contained" in said) == (True, False)


def test_one_that_can_not_be_told_is_named_beside_the_others(
    network: Network, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = (switch_on(network, capsys, ask_for(block=(port,))).plan for port in ("80", "81"))
    (containing.find_folder(first).folder / "record.json").write_bytes(b"")
    capsys.readouterr()
    assert within(network.host, lambda: contain_status.show_status("", keep=False, as_json=False)) == 3
    said = capsys.readouterr()
    assert (second in said.out, first in said.out, f"contain off {first}" in said.err) == (True, False, True)


def test_of_another_network_namespace_nothing_is_said_or_undone(
    network: Network, capsys: pytest.CaptureFixture[str]
) -> None:
    name = switch_on(network, capsys, ask_for(block=("tcp:80",))).plan
    elsewhere = "another network namespace"
    with pytest.raises(Refused, match=elsewhere):
        contain_status.show_status("", keep=True, as_json=False)
    with pytest.raises(Refused, match=elsewhere):
        contain_choices.confirm("")
    with pytest.raises(Refused, match=elsewhere):
        contain_choices.switch_off(ChangeOptions("", dry_run=False, yes=True, as_json=False))
    plan = respond.read_plan(respond.plan_file(name))
    with pytest.raises(Refused, match=elsewhere):
        respond.undo(plan, open_target(), lambda _: None)
    stop_keeper(containing.find_folder(name))
    assert elsewhere in containing.keep(name)
    assert containing.find_folder(name).find_keeper() == 0
    assert "codered" in network.host.run("nft", "list", "ruleset").stdout
    assert switch_off(network) == 0


def test_keep_waits_until_it_is_put_back(network: Network, capsys: pytest.CaptureFixture[str]) -> None:
    name = switch_on(network, capsys, ask_for(block=("tcp:80",))).plan
    stop_keeper(containing.find_folder(name))
    network.host.run("nft", "flush", "ruleset")
    assert within(network.host, lambda: contain_status.show_status("", keep=False, as_json=False)) == 1
    assert "status --keep" in capsys.readouterr().err
    assert within(network.host, lambda: contain_status.show_status("", keep=True, as_json=False)) == 0
    said = capsys.readouterr()
    assert ("OPEN" in said.out, said.err) == (False, "")


def test_what_is_frozen_without_a_firewall_is_told(
    network: Network, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for words in (contain_status, contain_choices):
        monkeypatch.setattr(words, "list_frozen_alone", lambda: {"contain-1": (4711,)})
    assert within(network.host, lambda: contain_status.show_status("", keep=False, as_json=False)) == 3
    assert switch_off(network) == 0
    said = capsys.readouterr().err
    assert (said.count("codered rollback contain-1"), "nothing is contained" in said) == (2, False)
