import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from codered import respond
from codered.model.errors import Refused
from codered.remediate.keeping.starting import stop_keeper
from codered.respond import containing, unknown_tables
from tests.fixtures.command import SOURCE
from tests.fixtures.contain_words import ask_for, leave_nothing, switch_on
from tests.fixtures.contained import within
from tests.fixtures.networks import Network, running_network


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("PYTHONPATH", str(SOURCE))
    with running_network() as found:
        yield found
        leave_nothing(found)


def test_tables_without_a_record_are_known_and_can_be_taken_away(
    network: Network, capsys: pytest.CaptureFixture[str]
) -> None:
    name = switch_on(network, capsys, ask_for(block=("tcp:80",))).plan
    folder = containing.find_folder(name)
    tables = containing.read_record(name).name
    assert within(network.host, unknown_tables.list_unknown) == ()
    (folder.folder / "record.json").write_bytes(b"")
    assert within(network.host, unknown_tables.list_unknown) == ()  # its plan tells
    stop_keeper(folder)
    shutil.rmtree(respond.state_folder())
    assert within(network.host, unknown_tables.list_unknown) == (tables,)
    within(network.host, lambda: unknown_tables.take_unknown_down(tables))
    assert within(network.host, unknown_tables.list_unknown) == ()


def test_tables_that_somebody_puts_back_are_not_called_off(
    network: Network, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = switch_on(network, capsys, ask_for(block=("tcp:80",))).plan
    tables, state = containing.read_record(name).name, respond.state_folder()
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("CODERED_STATE", str(tmp_path / "elsewhere"))
        assert within(network.host, unknown_tables.list_unknown) == (tables,)
        with pytest.raises(Refused, match=f"put it back.*{state}.* codered contain off {name}"):
            within(network.host, lambda: unknown_tables.take_unknown_down(tables))
    stop_keeper(containing.find_folder(name))
    assert unknown_tables.find_other_keeper(tables) is None
