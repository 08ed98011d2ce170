"""Through winreg: its answers are put back into the bytes that lie in the registry. (On Windows: tests/windows.)"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from codered.collect.registry.live import LiveTree, encode_data, open_live_registry, read_live_registry
from codered.model.errors import WrongUse
from codered.model.registry import RegistryValue
from codered.targets.offline_root import OfflineRoot
from tests.fixtures.hive_files import key_of, write_hive
from tests.fixtures.windows_roots import write

Values = list[tuple[str, object, int]]
VERSION = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
MACHINE: dict[str, Values] = {
    "SYSTEM": [], "SYSTEM\\Select": [("Current", 1, 4)], "SYSTEM\\ControlSet001": [], "SOFTWARE": [],
    VERSION: [("SystemRoot", "C:\\Windows", 1)], f"{VERSION}\\ProfileList": [],
    f"{VERSION}\\ProfileList\\S-1-5-21-1": [("ProfileImagePath", "%SystemDrive%\\Users\\here", 2)],
    f"{VERSION}\\ProfileList\\S-1-5-21-2": [("ProfileImagePath", "C:\\Users\\away", 2)],
    "SOFTWARE\\Run": [("a", "x", 1), ("", None, 3), ("m", ["p", "q"], 7), ("b", b"\x01", 3), ("q", 1 << 40, 11)],
    "SECURITY": [], "SAM": [],
}  # fmt: skip
USERS: dict[str, Values] = {"S-1-5-21-1": [], "S-1-5-21-1\\Software": [("u", 5, 4)], "nul\0key": []}
DENIED = "SAM"


class FakeWinreg(ModuleType):
    """As much of winreg as is used, over the tables above."""

    HKEY_LOCAL_MACHINE, HKEY_USERS, KEY_READ, KEY_WOW64_64KEY = 1, 2, 0x20019, 0x100

    @contextmanager
    def OpenKey(self, top: int, path: str, reserved: int, access: int) -> Iterator[tuple[dict[str, Values], str]]:  # noqa: N802
        assert (reserved, access) == (0, 0x20119)
        table = MACHINE if top == 1 else USERS
        if path == DENIED:
            raise PermissionError(13, "Access is denied")
        name = next((name for name in table if name.lower() == path.lower()), None)
        if name is None and path:
            raise FileNotFoundError(2, "no such key")
        yield table, name or ""

    def EnumKey(self, key: tuple[dict[str, Values], str], number: int) -> str:  # noqa: N802
        table, path = key
        start = path + "\\" if path else ""
        below = [name[len(start) :] for name in table if name.startswith(start) and name != path]
        names = list(dict.fromkeys(name.split("\\")[0] for name in below))
        if number >= len(names):
            raise OSError("no more data")
        return names[number]

    def EnumValue(self, key: tuple[dict[str, Values], str], number: int) -> tuple[str, object, int]:  # noqa: N802
        values = key[0].get(key[1], [])
        if number >= len(values):
            raise OSError("no more data")
        return values[number]

    def QueryValueEx(self, key: tuple[dict[str, Values], str], wanted: str) -> tuple[object, int]:  # noqa: N802
        for name, data, kind in key[0].get(key[1], []):
            if name.lower() == wanted.lower():
                return data, kind
        raise FileNotFoundError(2, "no such value")

    def QueryInfoKey(self, key: object) -> tuple[int, int, int]:  # noqa: N802
        return 0, 0, 130_000_000_000_000_000


WINREG = FakeWinreg("winreg")


@pytest.mark.parametrize(
    ("kind", "data", "raw"),
    [
        (1, "a\ud800", b"a\0\x00\xd8\0\0"),
        (7, ["a", "b"], b"a\0\0\0b\0\0\0\0\0"),
        (4, 0xFFFFFFFF, b"\xff" * 4),
        (5, 1, b"\0\0\0\1"),
        (11, 1, b"\1" + bytes(7)),
        (3, b"\0x", b"\0x"),
        (3, None, b""),
    ],
)
def test_data_as_they_lie_there(kind: int, data: object, raw: bytes) -> None:
    assert encode_data(kind, data) == raw


def test_a_tree() -> None:
    tree = LiveTree(WINREG, "HKLM\\SOFTWARE")
    assert (tree.seen.state, tree.seen.path) == ("live", None)
    assert tree.exists(["run"])
    assert not tree.exists(["none"])
    assert tree.subkeys([]) == ("Microsoft", "Run")
    assert [(value.name, value.text()) for value in tree.values(["Run"])] == [
        ("a", "x"), ("", ""), ("m", "p"), ("b", ""), ("q", str(1 << 40))]  # fmt: skip
    assert tree.value(["Run"], "A") == RegistryValue("A", 1, b"x\0\0\0")
    assert (tree.value(["Run"], "z"), tree.value(["none"], "z"), tree.written(["none"])) == (None, None, None)
    assert tree.written(["Run"]) is not None
    assert tree.unread() == ()


def test_what_can_t_be_read_is_said() -> None:
    sam = LiveTree(WINREG, "HKLM\\SAM")
    assert (sam.exists([]), sam.subkeys([]), sam.values([])) == (False, (), ())
    assert list(sam.unread()) == [("HKLM\\SAM", "it can't be read (Access is denied)")]
    users = LiveTree(WINREG, "HKU")
    assert users.subkeys([]) == ("S-1-5-21-1", "nul\0key")
    assert users.values(["nul\0key"]) == ()
    assert users.value(["S-1-5-21-1"], "a\0b") is None
    assert dict(users.unread()) == {"HKU\\nul\\x00key": "a name with NUL: only from offline can it be opened"}


def test_users_who_are_not_logged_on_by_their_files(tmp_path: Path) -> None:
    write(tmp_path, "Windows/System32/x", b"")
    for name in ("here", "away"):
        write(tmp_path, f"Users/{name}/NTUSER.DAT", write_hive(key_of({"Software": {"from": "file"}})))
    registry = read_live_registry(OfflineRoot(str(tmp_path)), WINREG)
    states = {seen.root: seen.state for seen in registry.hives}
    assert states["HKU\\S-1-5-21-2"] == "clean"
    assert {root for root, state in states.items() if state == "live"} == {
        "HKLM\\SYSTEM", "HKLM\\SOFTWARE", "HKLM\\SAM", "HKLM\\SECURITY", "HKU\\S-1-5-21-1"}  # fmt: skip
    assert registry.value("HKU\\S-1-5-21-1\\Software", "u") == RegistryValue("u", 4, b"\5\0\0\0")
    away = registry.value("HKU\\S-1-5-21-2\\Software", "from")
    assert away is not None
    assert away.text() == "file"
    assert registry.exists("HKLM\\SYSTEM\\CurrentControlSet")
    unread = dict(registry.unread())
    assert "HKLM\\SAM" not in unread, "not yet looked at"
    registry.subkeys("HKLM\\SAM")
    assert "HKLM\\SAM" in dict(registry.unread())
    assert "NUL" in unread["HKU\\nul\\x00key"]


def test_elsewhere_than_on_windows(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="on Windows only"):
        open_live_registry(OfflineRoot(str(tmp_path)))
