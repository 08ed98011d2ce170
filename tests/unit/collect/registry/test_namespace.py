"""One tree from many hives."""

from pathlib import Path

import pytest

from codered.collect.registry.hive_reading import HiveFile
from codered.collect.registry.key_links import NOWHERE
from codered.collect.registry.namespace import RegistryTree, UnreadHive, split_key
from codered.model.registry import REG_LINK, HiveSeen
from tests.fixtures.hive_files import Value, key_of, write_hive
from tests.fixtures.opened_hives import open_data

SYSTEM = key_of({
    "Select": {"Current": 2}, "ControlSet001\\Services\\X": {"n": 1}, "ControlSet002\\Services\\X": {"n": 2},
    "ControlSet002\\Hardware Profiles\\Current": {"h": 1}, "CurrentControlSet0": {}, "Setup": {},
})  # fmt: skip
HIVES = {
    "HKLM\\SYSTEM": SYSTEM,
    "HKLM\\SOFTWARE": key_of({"Classes\\exefile": {"": "machine"}}),
    "HKU\\.DEFAULT": key_of({"Software\\Classes\\old": {"": "in the hive itself"}}),
    "HKU\\S-1-5-21-7": key_of({"Software\\Run": {"a": "b"}, "Software\\Classes\\hidden": {}}),
    "HKU\\S-1-5-21-7_Classes": key_of({"exefile": {"": "user"}}),
}


@pytest.fixture
def registry(tmp_path: Path) -> RegistryTree:
    trees = []
    for number, (root, keys) in enumerate(HIVES.items()):
        tree = open_data(tmp_path / str(number), write_hive(keys))
        tree._seen = HiveSeen(root=root)
        trees.append(tree)
    sam = UnreadHive(HiveSeen(root="HKLM\\SAM", state="unreadable"), "access denied")
    return RegistryTree([*trees, sam], [("D:\\WINNT", "another one")])


def test_the_current_control_set_is_the_one_that_is_named(registry: RegistryTree) -> None:
    value = registry.value("hkey_local_machine\\system\\CURRENTCONTROLSET\\services\\x\\", "N")
    assert value is not None
    assert value.number() == 2
    assert registry.exists("HKLM\\SYSTEM\\CurrentControlSet\\Services")
    assert registry.exists("HKCC")
    assert registry.expand("HKLM\\SYSTEM\\CurrentControlSet\\Services\\X") == (
        "HKLM\\SYSTEM\\ControlSet001\\Services\\X", "HKLM\\SYSTEM\\ControlSet002\\Services\\X")  # fmt: skip
    assert registry.expand("HKCC\\System")[1].startswith("HKLM\\SYSTEM\\ControlSet002\\Hardware Profiles\\Current")


def test_whose_hives_hkcu_and_hkcr_mean(registry: RegistryTree) -> None:
    users = ("HKU\\.DEFAULT", "HKU\\S-1-5-21-7")
    assert registry.expand("HKCU") == users
    assert registry.expand("HKEY_CURRENT_USER\\Software\\Run") == tuple(f"{user}\\Software\\Run" for user in users)
    classes = ("HKU\\.DEFAULT\\Software\\Classes\\exefile", "HKU\\S-1-5-21-7_Classes\\exefile")
    assert registry.expand("HKCU\\Software\\Classes\\exefile") == classes
    assert registry.expand("HKCR\\exefile") == ("HKLM\\Software\\Classes\\exefile", *classes)
    found = [registry.value(key, "") for key in registry.expand("HKCR\\exefile")]
    assert [value.text() for value in found if value] == ["machine", "user"]
    assert registry.subkeys("HKU\\S-1-5-21-7\\SOFTWARE\\classes") == ("exefile",), "the link of the system"
    assert registry.subkeys("HKU\\.default\\software\\classes") == ("old",)
    assert registry.expand("HKLM\\SOFTWARE\\X") == ("HKLM\\SOFTWARE\\X",)


def test_what_is_there_and_what_is_not(registry: RegistryTree) -> None:
    assert registry.subkeys("HKLM") == ("SYSTEM", "SOFTWARE")
    assert registry.subkeys("HKU") == (".DEFAULT", "S-1-5-21-7", "S-1-5-21-7_Classes")
    assert (registry.exists("HKLM"), registry.exists("HKXX"), registry.exists("")) == (True, False, False)
    for key in ("HKLM\\SAM\\x", "HKLM\\NO\\x", "HKU\\S-1\\x", "HKCU\\x", "nonsense", "", "HKLM\\SYSTEM\\x\\\\y"):
        assert (registry.subkeys(key), registry.values(key), registry.value(key, "x"), registry.written(key)) == (
            (), (), None, None), key  # fmt: skip
    assert registry.written("HKLM\\SYSTEM\\Setup") is not None
    assert [value.name for value in registry.values("HKLM\\SYSTEM\\Select")] == ["Current"]
    assert {seen.root for seen in registry.hives} == {*HIVES, "HKLM\\SAM"}
    assert list(registry.unread()) == [("D:\\WINNT", "another one"), ("HKLM\\SAM", "access denied")]
    holder = registry.hive_of("hklm\\system\\currentcontrolset\\x")
    assert holder is not None
    assert holder.root == "HKLM\\SYSTEM"
    unreadable = registry.hive_of("HKLM\\SAM\\SAM")
    assert unreadable is not None
    assert unreadable.state == "unreadable"
    assert registry.hive_of("HKLM\\NO\\x") is None


def test_without_a_select_key_and_without_hives(tmp_path: Path) -> None:
    tree = open_data(tmp_path, write_hive(key_of({"ControlSet003\\A": {"x": 1}, "Select": {"Current": 9}})))
    tree._seen = HiveSeen(root="HKLM\\SYSTEM")
    assert RegistryTree([tree]).value("HKLM\\SYSTEM\\CurrentControlSet\\A", "x") is not None
    nothing = RegistryTree([])
    key = "HKLM\\SYSTEM\\CurrentControlSet\\A"
    assert (nothing.expand(key), nothing.expand("HKCU\\A"), nothing.exists(key)) == ((key,), (), False)


def test_names_in_a_path() -> None:
    assert split_key("HKEY_USERS\\a\\b\\") == ["HKU", "a", "b"]
    assert split_key("") == [""]


def open_system(folder: Path, root: str, entries: dict[str, dict[str, Value]]) -> HiveFile:
    tree = open_data(folder, write_hive(key_of(entries)))
    tree._seen = HiveSeen(root=root)
    return tree


def lead_to(target: str) -> dict[str, Value]:
    return {"SymbolicLinkValue": (REG_LINK, target.encode("utf-16-le"))}


def test_links_are_followed_as_windows_does(tmp_path: Path) -> None:
    system = open_system(tmp_path / "1", "HKLM\\SYSTEM", {
        "Select": {"Current": 1}, "ControlSet001\\Deep": {"x": 1},
        "Linked": lead_to("\\REGISTRY\\machine\\SYSTEM\\CurrentControlSet"),
    })  # fmt: skip
    software = open_system(tmp_path / "2", "HKLM\\SOFTWARE", {
        "Run": lead_to("\\Registry\\Machine\\SOFTWARE\\Runx"), "Runx": {"evil": "x"}, "Runx\\Below": {"y": 1},
        "Other": lead_to("\\Registry\\Machine\\System\\Linked"), "Self": lead_to("\\Registry\\Machine\\SOFTWARE\\Self"),
        "Away": lead_to("\\Device\\X"), "Bad": {"SymbolicLinkValue": "\\Registry\\Machine\\SOFTWARE\\Runx"},
        "User": lead_to("\\Registry\\User\\S-1\\A"), "Dangling": lead_to("\\Registry\\Machine\\SOFTWARE\\None"),
    })  # fmt: skip
    registry = RegistryTree([system, software])
    assert [value.name for value in registry.values("HKLM\\SOFTWARE\\RUN")] == ["evil"]
    assert registry.subkeys("HKLM\\SOFTWARE\\run") == ("Below",)
    assert registry.value("HKLM\\SOFTWARE\\Run\\Below", "Y") is not None
    assert registry.value("HKLM\\SOFTWARE\\Other\\Deep", "x") is not None
    holder = registry.hive_of("HKLM\\SOFTWARE\\Other\\Deep")
    assert holder is not None
    assert holder.root == "HKLM\\SYSTEM"
    assert not registry.exists("HKLM\\SOFTWARE\\Dangling")
    assert list(registry.unread()) == []
    for name in ("Self", "Away\\In", "Bad", "User"):
        assert (registry.exists(f"HKLM\\SOFTWARE\\{name}"), registry.values(f"HKLM\\SOFTWARE\\{name}")) == (False, ())
    assert dict(registry.unread()) == {
        "HKLM\\SOFTWARE\\Self": "more than 8 links on the way to it: what is there was not read",
        "HKLM\\SOFTWARE\\Away": NOWHERE,
        "HKLM\\SOFTWARE\\Bad": NOWHERE,
        "HKLM\\SOFTWARE\\User": "a link to HKU\\S-1\\A, which was not read",
    }


def test_a_control_set_of_any_number_and_one_that_is_not_there(tmp_path: Path) -> None:
    sets: dict[str, dict[str, Value]] = {"ControlSet001\\A": {"x": 1}, "ControlSet1000\\A": {"x": 2}}
    chosen: dict[str, Value] = {"Current": 1000, "Default": 1000, "LastKnownGood": 7}
    registry = RegistryTree([open_system(tmp_path / "1", "HKLM\\SYSTEM", {**sets, "Select": chosen})])
    value = registry.value("HKLM\\SYSTEM\\CurrentControlSet\\A", "x")
    assert value is not None
    assert value.number() == 2
    assert len(registry.expand("HKLM\\SYSTEM\\CurrentControlSet\\A")) == 2
    (gap,) = registry.unread()
    assert gap == ("HKLM\\SYSTEM\\ControlSet007", "Select\\LastKnownGood names it, and it is not there")
    untold = RegistryTree([open_system(tmp_path / "2", "HKLM\\SYSTEM", sets)])
    ((where, why),) = untold.unread()
    assert where == "HKLM\\SYSTEM\\Select"
    assert "not told" in why
