"""The running registry, through winreg."""

import sys
import winreg
from collections.abc import Iterator

import pytest

from codered.collect.registry import open_registry
from codered.model.registry import REG_BINARY, REG_DWORD, REG_MULTI_SZ, REG_QWORD, REG_SZ, RegistryValue
from codered.targets.live_windows import LiveWindows

assert sys.platform == "win32"
KEY = "SOFTWARE\\CodeRedTest"
VALUES = {
    "text": (REG_SZ, "worm.exe", "worm.exe\0".encode("utf-16-le")),
    "number": (REG_DWORD, 0xFFFFFF9D, b"\x9d\xff\xff\xff"),
    "long": (REG_QWORD, 1 << 40, (1 << 40).to_bytes(8, "little")),
    "bytes": (REG_BINARY, b"\0\1\2", b"\0\1\2"),
    "none": (REG_BINARY, b"", b""),
    "texts": (REG_MULTI_SZ, ["a", "b"], "a\0b\0\0".encode("utf-16-le")),
    "": (REG_SZ, "default", "default\0".encode("utf-16-le")),
}


@pytest.fixture
def own_key() -> Iterator[str]:
    access = winreg.KEY_ALL_ACCESS | winreg.KEY_WOW64_64KEY
    with winreg.CreateKeyEx(winreg.HKEY_LOCAL_MACHINE, KEY, 0, access) as key:
        for name, (kind, data, _) in VALUES.items():
            winreg.SetValueEx(key, name, 0, kind, data)
        winreg.CreateKeyEx(key, "Inner", 0, access).Close()
    try:
        yield f"HKLM\\{KEY}"
    finally:
        winreg.DeleteKeyEx(winreg.HKEY_LOCAL_MACHINE, f"{KEY}\\Inner", winreg.KEY_WOW64_64KEY)
        winreg.DeleteKeyEx(winreg.HKEY_LOCAL_MACHINE, KEY, winreg.KEY_WOW64_64KEY)


def test_keys_and_values_as_they_lie_there(own_key: str) -> None:
    registry = open_registry(LiveWindows())
    assert registry.subkeys(own_key.lower()) == ("Inner",)
    found = {value.name: value for value in registry.values(own_key)}
    assert found == {name: RegistryValue(name, kind, raw) for name, (kind, _, raw) in VALUES.items()}
    assert registry.value(own_key, "NUMBER") == RegistryValue("NUMBER", REG_DWORD, b"\x9d\xff\xff\xff")
    assert registry.value(own_key, "no such value") is None
    assert registry.written(own_key) is not None
    assert not registry.exists(f"{own_key}\\no such key")
    assert list(registry.unread()) == []


def test_control_sets_users_and_the_other_view() -> None:
    registry = open_registry(LiveWindows())
    assert registry.exists("HKLM\\SYSTEM\\CurrentControlSet\\Services")
    # Windows has one key for each control set, Wine a single key of the name that is else a link.
    services = registry.expand("HKLM\\SYSTEM\\CurrentControlSet\\Services")[0]
    assert registry.subkeys(services) == registry.subkeys("HKLM\\SYSTEM\\CurrentControlSet\\Services") != ()
    assert any(registry.exists(key) for key in registry.expand("HKCU\\Software"))
    assert registry.exists("HKLM\\SOFTWARE\\Wow6432Node")
    states = {seen.root: seen.state for seen in registry.hives}
    assert states["HKLM\\SOFTWARE"] == "live"
    assert any(root.startswith("HKU\\S-1-5-21") for root in states)
