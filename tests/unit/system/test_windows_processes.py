"""Elsewhere these calls say that they can't be made; tests/windows makes them."""

import os

import pytest

from codered.system.windows_processes import OpenProcess, has_atom, has_mutex, list_processes


def test_elsewhere_it_is_said_and_never_an_empty_list() -> None:
    with pytest.raises(OSError, match="on Windows only"):
        list_processes()
    with pytest.raises(OSError, match="on Windows only"):
        OpenProcess(os.getpid(), memory=True)
    assert not has_atom("CodeRedII")
    assert not has_mutex("CodeRedII")
