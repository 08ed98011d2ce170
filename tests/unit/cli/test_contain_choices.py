import shutil
from collections.abc import Iterator

import msgspec
import pytest

from codered import respond
from codered.cli import contain_choices, contain_status
from codered.cli.options import ChangeOptions
from codered.model.containment import ContainmentList
from codered.model.errors import NotRolledBack, Refused, WrongUse
from codered.remediate.keeping.records import ContainmentFolder
from codered.remediate.keeping.starting import stop_keeper
from codered.respond import containing
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


def test_off_is_asked_for(network: Network, capsys: pytest.CaptureFixture[str]) -> None:
    status = switch_on(network, capsys, ask_for(block=("tcp:80",)))
    with pytest.raises(Refused, match="nobody is there to ask"):
        switch_off(network, status.plan, yes=False)
    with pytest.raises(WrongUse, match="no containment"):
        switch_off(network, "contain-of-nobody")
    assert switch_off(network, status.plan) == 0
    assert switch_off(network, status.plan, yes=False) == 0  # nothing is changed any more, so nobody is asked


def test_tables_without_a_record_are_told_and_taken_away(
    network: Network, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    status = switch_on(network, capsys, ask_for(block=("tcp:80",)))
    tables = containing.read_record(status.plan).name
    stop_keeper(ContainmentFolder(respond.state_folder(), status.plan))
    shutil.rmtree(respond.state_folder())
    assert within(network.host, lambda: contain_status.show_status("", keep=False, as_json=True)) == 3
    captured = capsys.readouterr()
    assert msgspec.json.decode(captured.out, type=ContainmentList).unknown == (tables,)
    assert f"contain off {tables}" in captured.err
    with pytest.raises(Refused, match="nobody is there to ask"):
        switch_off(network, yes=False)
    dry = ChangeOptions(tables, dry_run=True, yes=True, as_json=False)
    assert within(network.host, lambda: contain_choices.switch_off(dry)) == 0
    assert tables in network.host.run("nft", "list", "tables").stdout
    assert switch_off(network) == 0
    assert network.host.run("nft", "list", "ruleset").stdout == ""
    assert within(network.host, lambda: contain_status.show_status("", keep=False, as_json=True)) == 0


def test_the_same_again_is_refused(network: Network, capsys: pytest.CaptureFixture[str]) -> None:
    status = switch_on(network, capsys, ask_for(block=("tcp:80",)))
    with pytest.raises(Refused, match="already") as told:
        switch_on(network, capsys, ask_for(block=("80",), confirm_within="60s"))
    assert told.value.where == status.plan
    switch_on(network, capsys, ask_for(block=("tcp:81",)))


def test_all_are_confirmed_and_undone_at_once(network: Network, capsys: pytest.CaptureFixture[str]) -> None:
    for port in ("80", "81"):
        assert switch_on(network, capsys, ask_for(block=(port,), confirm_within="60s")).state == "armed"
    assert within(network.host, lambda: contain_choices.confirm("", every=True)) == 0
    assert {containing.read_record(name).confirmed is None for name in containing.list_in_force()} == {False}
    asked = ChangeOptions("", dry_run=False, yes=True, as_json=False)
    assert within(network.host, lambda: contain_choices.switch_off(asked, every=True)) == 0
    assert (containing.list_in_force(), network.host.run("nft", "list", "ruleset").stdout) == ((), "")
    assert within(network.host, lambda: contain_choices.switch_off(asked, every=True)) == 0


def test_what_can_not_be_undone_leaves_none_of_the_others(
    network: Network, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(network, capsys, ask_for(block=("80",)))
    second = switch_on(network, capsys, ask_for(block=("81",))).plan
    lift = containing.lift

    def refuse(name: str, *more: object) -> object:
        if name == second:
            raise Refused("not now")
        return lift(name, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(containing, "lift", refuse)
    asked = ChangeOptions("", dry_run=False, yes=True, as_json=False)
    with pytest.raises(NotRolledBack, match=second):
        within(network.host, lambda: contain_choices.switch_off(asked, every=True))
    assert containing.list_in_force() == (second,)


def test_a_damaged_record_keeps_nobody_from_undoing_it(network: Network, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = (switch_on(network, capsys, ask_for(block=(port,))).plan for port in ("80", "81"))
    record = containing.find_folder(first).folder / "record.json"
    record.write_bytes(b"")
    assert switch_off(network, second) == 0
    assert containing.list_in_force() == (first,)
    assert switch_off(network) == 0
    assert (containing.list_in_force(), record.exists(), containing.find_folder(first).find_keeper()) == ((), False, 0)
    assert network.host.run("nft", "list", "ruleset").stdout == ""
