import os
from pathlib import Path

import pytest

from codered.model.errors import Refused
from codered.system.state_folder import host_key_file, state_folder


def test_where_things_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODERED_STATE", "/data/state")
    assert state_folder() == Path("/data/state")
    assert host_key_file() == Path("/data/state/keys/host.key")
    monkeypatch.delenv("CODERED_STATE")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert state_folder() == Path("/var/lib/codered")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_STATE_HOME", "/data/own")
    assert state_folder() == Path("/data/own/codered")
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setenv("HOME", "/home/someone")
    assert state_folder() == Path("/home/someone/.local/state/codered")


def test_a_folder_that_somebody_else_made_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CODERED_STATE", raising=False)
    monkeypatch.setattr("codered.system.state_folder.may_be_foreign", lambda _home: True)
    with pytest.raises(Refused, match="others may write in this folder"):
        state_folder()
    monkeypatch.setenv("CODERED_STATE", "/data/state")
    assert state_folder() == Path("/data/state")
