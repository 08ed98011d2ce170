"""Values and keys of real hives are changed in place and come back byte for byte."""

import os
from pathlib import Path

import pyregf
import pytest
from dissect.regf import regf

from codered.model.errors import NotRolledBack, Refused, RolledBack
from codered.model.plan import Action, KeyState
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.file_state import ChangeFailed
from codered.remediate.registry import hive_verbs
from codered.remediate.registry.hive_edits import edit_value
from codered.remediate.registry.hive_writing import mark_page
from tests.fixtures.changing import FolderTarget, hash_tree, make_sealed_plan
from tests.fixtures.hive_files import key_of, read_real, seal_header, write_hive
from tests.fixtures.ntfs_volumes import make_ntfs, mounted_ntfs
from tests.fixtures.registry_plans import ROOTS, act, dword_of, lay_hive, place, text_of

SERVICE = "ControlSet001\\Services\\Inert"


@pytest.fixture
def target(tmp_path: Path) -> FolderTarget:
    (tmp_path / "root").mkdir()
    return FolderTarget(tmp_path / "root")


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return tmp_path / "state/cases/c"


def hive_of(target: FolderTarget) -> Path:
    return Path(target.info.root) / "system"


def all_kinds(target: FolderTarget) -> tuple[Action, ...]:
    return (
        act(target, "delete_value", place(ROOTS, "/c"), id="a01"),
        act(target, "set_value", place(ROOTS, "/scripts"), id="a02", sets=text_of("c:\\inetpub\\scripts,,201")),
        act(target, "delete_key", place(SERVICE), id="a03"),
        act(target, "set_value", place("setup", "SFCDISABLE"), id="a04", sets=dword_of(0)),
        act(target, "set_value", place("Setup", "New"), id="a05", sets=text_of("long " * 900)),
    )


def read_with_libregf(raw: bytes, key: str) -> dict[str, tuple[int, bytes]]:
    """The values of a key, by name: libregf is asked."""
    fd = os.memfd_create("hive")
    os.write(fd, raw)
    hive = pyregf.file()
    with open(fd, "rb") as file:
        hive.open_file_object(file)
        found = hive.get_key_by_path("\\" + key)
        values = {each.get_name(): (each.get_type(), each.get_data()) for each in found.values}
        hive.close()
    return values


def read_with_dissect(raw: bytes, key: str) -> dict[str, object]:
    import io

    hive = regf.RegistryHive(io.BytesIO(raw))
    return {value.name: value.value for value in hive.open(key).values()}


@pytest.mark.parametrize("minor", [2, 3, 5])
def test_all_kinds_on_one_hive_and_back(target: FolderTarget, case: Path, minor: int) -> None:
    hive = lay_hive(Path(target.info.root), minor)
    old, before = hash_tree(hive.parent), hive.stat()
    plan = make_sealed_plan(target, *all_kinds(target))
    assert isinstance(plan.actions[2].expects, KeyState)
    assert (plan.actions[2].expects.keys, plan.actions[2].expects.values) == (3, 5)
    assert len(apply_plan(plan, target, case).done) == 5
    made = hive.read_bytes()
    seen = hive.stat()
    assert (seen.st_ino, seen.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    for read in (read_with_libregf, read_with_dissect):
        assert list(read(made, ROOTS)) == ["/", "/scripts"]
        assert list(read(made, "ControlSet001\\Services\\Other")) == ["Start"]
    assert read_with_dissect(made, ROOTS)["/scripts"] == "c:\\inetpub\\scripts,,201"
    assert read_with_dissect(made, "Setup") == {"SFCDisable": 0, "New": "long " * 900}
    with pytest.raises(regf.RegistryKeyNotFoundError):
        read_with_dissect(made, SERVICE)
    assert apply_plan(plan, target, case).already
    assert len(roll_back(plan, target, case).undone) == 5
    assert hash_tree(hive.parent) == old


def test_a_real_hive_of_twelve_megabytes(target: FolderTarget, case: Path) -> None:
    hive = hive_of(target)
    hive.write_bytes(read_real("SYSTEM-win7"))
    old = hash_tree(hive.parent)
    services = "ControlSet001\\Services\\"
    plan = make_sealed_plan(
        target,
        act(target, "delete_key", place(services + "W32Time"), id="a01"),
        act(target, "set_value", place(services + "Tcpip", "Start"), id="a02", sets=dword_of(4)),
        act(target, "delete_value", place(services + "Tcpip", "ImagePath"), id="a03"),
    )
    apply_plan(plan, target, case)
    made = hive.read_bytes()
    values = read_with_libregf(made, services + "Tcpip")
    assert values["Start"] == (4, b"\4\0\0\0")
    assert "ImagePath" not in values
    with pytest.raises(regf.RegistryKeyNotFoundError):
        read_with_dissect(made, services + "W32Time")
    roll_back(plan, target, case)
    assert hash_tree(hive.parent) == old


def test_in_place_on_ntfs(tmp_path: Path, case: Path) -> None:
    with mounted_ntfs(make_ntfs(tmp_path / "vol.img"), tmp_path / "mnt") as root:
        hive, target = lay_hive(root), FolderTarget(root)
        with open(hive, "rb") as file:
            for name in ("system.ntfs_acl", "system.ntfs_times_be", "system.ntfs_attrib_be"):
                assert os.getxattr(file.fileno(), name)
        (root / "system:note").write_bytes(b"kept")
        os.setxattr(hive, "system.ntfs_dos_name", b"SYS~1")
        old, before = read_ntfs_facts(hive), hive.read_bytes()
        plan = make_sealed_plan(target, *all_kinds(target))
        apply_plan(plan, target, case)
        assert hive.read_bytes() != before
        assert read_ntfs_facts(hive) == old
        roll_back(plan, target, case)
        assert (read_ntfs_facts(hive), hive.read_bytes()) == (old, before)


def read_ntfs_facts(path: Path) -> tuple[object, ...]:
    """Inode, what NTFS keeps beside the content (of the times: creation and change of content), and a stream."""
    names = ("system.ntfs_acl", "system.ntfs_attrib_be", "system.ntfs_dos_name", "system.ntfs_times_be")
    facts = tuple(os.getxattr(path, name)[:16] if "times" in name else os.getxattr(path, name) for name in names)
    return (path.stat().st_ino, *facts, Path(f"{path}:note").read_bytes())


def test_a_value_that_changed_since_planning_is_refused(target: FolderTarget, case: Path) -> None:
    hive = lay_hive(Path(target.info.root))
    plan = make_sealed_plan(target, *all_kinds(target))
    hive.write_bytes(edit_value(hive.read_bytes(), place(ROOTS, "/c"), text_of("d:\\,,217")))
    old = hive.read_bytes()
    with pytest.raises(Refused, match="it has other data now"):
        apply_plan(plan, target, case)
    assert hive.read_bytes() == old
    service = make_sealed_plan(target, act(target, "delete_key", place(SERVICE)))
    hive.write_bytes(edit_value(old, place(SERVICE + "\\Parameters\\Deep", "More"), dword_of(1)))
    with pytest.raises(Refused, match="other keys, values or data"):
        apply_plan(service, target, case.with_name("d"))


def test_hives_that_are_not_whole_are_refused(target: FolderTarget, case: Path) -> None:
    hive = lay_hive(Path(target.info.root))
    plan, good = make_sealed_plan(target, *all_kinds(target)), hive.read_bytes()
    dirty = write_hive(key_of({"Setup": {"SFCDisable": 1}}), "SYSTEM", 3, sequence=(7, 6))
    cell = good.index(b"nk")
    for bad, why in (
        (dirty, "sequence numbers differ"),
        (good[:4096], "cut short"),
        (good[:508] + b"\0\0\0\0" + good[512:], "checksum"),
        (b"MZ" + good[2:], "no registry hive"),
        (good[:cell] + b"xx" + good[cell + 2 :], "damaged"),
        (mark_page(good[:4096], "a01-0") + good[4096:], "cut off while it wrote this hive"),
        (seal_header(good[:20] + b"\2\0\0\0" + good[24:4096]) + good[4096:], "version 2.3"),
    ):
        hive.write_bytes(bad)
        with pytest.raises(Refused, match=why):
            apply_plan(plan, target, case)
        assert hive.read_bytes() == bad


def test_undoing_in_a_hive_that_windows_wrote_since(target: FolderTarget, case: Path) -> None:
    hive = lay_hive(Path(target.info.root))
    plan = make_sealed_plan(target, *all_kinds(target))
    apply_plan(plan, target, case)
    hive.write_bytes(edit_value(hive.read_bytes(), place("Setup", "Booted"), dword_of(1)))
    assert len(roll_back(plan, target, case).undone) == 5
    made = hive.read_bytes()
    assert read_with_dissect(made, "Setup") == {"SFCDisable": 0xFFFFFF9D, "Booted": 1}
    assert read_with_dissect(made, ROOTS)["/c"] == "c:\\,,217"
    for action in plan.actions:
        assert hive_verbs.state(action, target) == action.expects


def test_what_somebody_touched_since_is_left_alone(target: FolderTarget, case: Path) -> None:
    hive = lay_hive(Path(target.info.root))
    plan = make_sealed_plan(target, *all_kinds(target))
    apply_plan(plan, target, case)
    hive.write_bytes(edit_value(hive.read_bytes(), place("Setup", "SFCDisable"), dword_of(7)))
    with pytest.raises(NotRolledBack, match="somebody touched it since"):
        roll_back(plan, target, case)
    made = hive.read_bytes()
    assert read_with_dissect(made, "Setup")["SFCDisable"] == 7
    assert read_with_dissect(made, ROOTS)["/c"] == "c:\\,,217"


def test_a_hive_that_is_written_between_backup_and_change(
    target: FolderTarget, case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hive = lay_hive(Path(target.info.root))
    plan = make_sealed_plan(target, all_kinds(target)[0])
    real = hive_verbs.change

    def write_first(*args: object) -> None:
        hive.write_bytes(edit_value(hive.read_bytes(), place("Setup", "Booted"), dword_of(1)))
        real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(hive_verbs, "change", write_first)
    with pytest.raises(RolledBack, match="written by somebody else"):
        apply_plan(plan, target, case)
    assert read_with_dissect(hive.read_bytes(), ROOTS)["/c"] == "c:\\,,217"


def test_the_root_and_missing_places(target: FolderTarget, case: Path) -> None:
    lay_hive(Path(target.info.root))
    with pytest.raises(RolledBack, match="root of a hive"):
        apply_plan(make_sealed_plan(target, act(target, "delete_key", place(""))), target, case)
    with pytest.raises(Refused, match="expects nothing there"):
        apply_plan(make_sealed_plan(target, act(target, "delete_value", place(ROOTS, "/none"))), target, case)
    orphan = act(target, "set_value", place("No\\Such", "x"), sets=dword_of(1))
    with pytest.raises(ChangeFailed, match="its key is not there"):
        hive_verbs._edit(orphan, hive_of(target).read_bytes())
