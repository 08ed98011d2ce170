"""One run of ansible-playbook: private, gone afterwards, and its refusals told."""

import stat
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered_hq.engines.ansible_runs import AnsibleRun, Settings, find_playbook_program, private_folder, write_private

SETTINGS = Settings(forks=1, connect_seconds=1, keep_connections=False)


def test_the_folder_of_a_run_is_its_owners_alone_and_gone_afterwards() -> None:
    with private_folder() as folder:
        write_private(folder / "x", b"x")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "x").stat().st_mode) == 0o600
        with pytest.raises(FileExistsError):
            write_private(folder / "x", b"x")
    assert not folder.exists()


def test_what_ansible_says_when_it_can_not_begin_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_STRATEGY", "no such one")  # what its user set does not count
    with private_folder() as folder:
        run = AnsibleRun(folder, {"all": {"hosts": {"h0": {}}}}, [{"hosts": "all", "tasks": [{"no_such_module": {}}]}])
        with pytest.raises(WrongUse, match=r"could not begin: .*no_such_module"):
            list(run.events(SETTINGS))


def test_ansible_is_the_one_beside_this_python() -> None:
    assert Path(find_playbook_program()).name == "ansible-playbook"
