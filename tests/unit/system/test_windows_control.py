"""Elsewhere these calls say that they can't be made; tests/windows makes them."""

import os

import pytest

from codered.system.windows_control import ControlledProcess, read_boot_time


def test_elsewhere_it_is_said() -> None:
    with pytest.raises(OSError, match="on Windows only"):
        ControlledProcess(os.getpid(), change=True)
    with pytest.raises(OSError, match="on Windows only"):
        read_boot_time()
