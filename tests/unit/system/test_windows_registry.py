"""Elsewhere these calls say that they can't be made; tests/windows makes them."""

import pytest

from codered.system.windows_registry import opened_key, remove_key, remove_value, write_value


def test_elsewhere_it_is_said() -> None:
    with pytest.raises(OSError, match="on Windows only"), opened_key("HKLM\\SOFTWARE", write=True):
        pass
    with pytest.raises(OSError, match="on Windows only"):
        write_value(0, ("a", 1, b""))
    with pytest.raises(OSError, match="on Windows only"):
        remove_value(0, "a")
    with pytest.raises(OSError, match="on Windows only"):
        remove_key(0, "a")
