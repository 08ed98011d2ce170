"""Hives of a system whose plug was pulled: their logs are applied with the first change, and come off with it again."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codered.engine.hives.hive_header import read_header
from codered.model.errors import NotRolledBack, Refused, RolledBack
from codered.model.plan import Plan
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.file_state import ChangeFailed, Spot
from codered.remediate.registry import hive_verbs
from codered.remediate.registry.hive_logs import HeldBytes, is_dirty, read_logs, replay_hive
from codered.remediate.registry.hive_writing import MOST_HIVE, mark_page
from tests.fixtures.changing import FolderTarget, hash_tree, make_sealed_plan
from tests.fixtures.hive_files import seal_header
from tests.fixtures.hive_logs import with_header, with_identity, write_new_log
from tests.fixtures.ntfs_volumes import make_ntfs, mounted_ntfs
from tests.fixtures.opened_hives import open_file
from tests.fixtures.registry_plans import ROOTS, act, dword_of, lay_hive, make_dirty, place
from tests.unit.remediate.registry.test_hive_verbs import read_ntfs_facts, read_with_dissect, read_with_libregf

SERVICE = "ControlSet001\\Services\\Inert"
FORMS = pytest.mark.parametrize("form", ["old", "new"])


@pytest.fixture
def target(tmp_path: Path) -> FolderTarget:
    (tmp_path / "root").mkdir()
    return FolderTarget(tmp_path / "root")


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return tmp_path / "state/cases/c"


def hive_of(target: FolderTarget) -> Path:
    return Path(target.info.root) / "system"


def lay_dirty(target: FolderTarget, form: str = "new") -> Path:
    hive = lay_hive(Path(target.info.root), 3 if form == "old" else 5)
    make_dirty(hive, form)
    return hive


def plan_of(target: FolderTarget) -> Plan:
    """Two changes: of a value that only the logs hold, and of a key."""
    return make_sealed_plan(
        target,
        act(target, "delete_value", place(ROOTS, "/c"), id="a01"),
        act(target, "delete_key", place(SERVICE), id="a02"),
    )


@FORMS
def test_the_logs_are_applied_with_the_first_change_and_come_off_again(
    target: FolderTarget, case: Path, form: str
) -> None:
    hive = lay_dirty(target, form)
    old, before = hash_tree(hive.parent), hive.stat()
    logs = {path.name: path.read_bytes() for path in hive.parent.iterdir() if path != hive}
    assert len(logs) == (1 if form == "old" else 2)
    assert "/c" not in read_with_dissect(hive.read_bytes(), ROOTS), "it is in the logs only"
    plan = plan_of(target)
    assert plan.actions[0].replays == plan.actions[1].replays != ""
    states = []
    apply_plan(plan, target, case, lambda step: states.append(hive.read_bytes()) if step.event == "verified" else None)
    header, middle = read_header(hive.read_bytes()), read_header(states[0])
    last = 9 if form == "old" else 8
    assert (middle.primary, middle.is_dirty, middle.kind) == (last + 1, False, 0), (
        "as Windows counts: the last, and one"
    )
    assert (header.primary, header.is_dirty) == (last + 2, False)
    assert {path.name: path.read_bytes() for path in hive.parent.iterdir() if path != hive} == logs
    made = hive.read_bytes()
    for read in (read_with_libregf, read_with_dissect):
        assert list(read(made, ROOTS)) == ["/", "/scripts"]
        assert list(read(made, "Setup")) == ["SFCDisable"]
    assert hive.stat().st_ino == before.st_ino
    told = subprocess.run(
        ["hivexregedit", "--export", str(hive), "\\ControlSet001\\Services"],
        capture_output=True,
        check=True,
        timeout=60,
    ).stdout
    assert b"Other" in told
    assert b"Inert" not in told
    seen = open_file(hive.parent, "system")
    assert (seen.seen.state, seen.seen.notes) == ("clean", ()), "the next scan needs no log"
    assert apply_plan(plan, target, case).already
    assert len(roll_back(plan, target, case).undone) == 2
    assert hash_tree(hive.parent) == old


def test_in_place_on_ntfs(tmp_path: Path, case: Path) -> None:
    """The first change makes the hive longer, and its file stays what it is to NTFS."""
    with mounted_ntfs(make_ntfs(tmp_path / "vol.img"), tmp_path / "mnt") as root:
        target = FolderTarget(root)
        hive = lay_dirty(target)
        (root / "system:note").write_bytes(b"kept")
        os.setxattr(hive, "system.ntfs_dos_name", b"SYS~1")
        old, before = read_ntfs_facts(hive), hive.read_bytes()
        plan = plan_of(target)
        apply_plan(plan, target, case)
        assert len(hive.read_bytes()) > len(before)
        assert not is_dirty(hive.read_bytes())
        assert read_ntfs_facts(hive) == old
        roll_back(plan, target, case)
        assert (read_ntfs_facts(hive), hive.read_bytes()) == (old, before)


def test_a_log_that_changes_between_plan_and_apply_is_refused(target: FolderTarget, case: Path) -> None:
    hive = lay_dirty(target)
    plan, log = plan_of(target), hive.with_name("System.Log1")
    raw = log.read_bytes()
    extra = hive.with_name("system.log")
    for path, data in ((extra, b""), (log, raw + bytes(512)), (log, b"")):
        path.write_bytes(data)
        old = hash_tree(hive.parent)
        with pytest.raises(Refused, match=r"not those that the plan was made on|not as the plan expects"):
            apply_plan(plan, target, case)
        assert hash_tree(hive.parent) == old
        extra.unlink(missing_ok=True)
        log.write_bytes(raw)
    apply_plan(plan, target, case)


def test_a_hive_that_became_dirty_or_whole_since(target: FolderTarget, case: Path) -> None:
    hive = lay_hive(Path(target.info.root), 5)
    whole, plan = hive.read_bytes(), plan_of(target)
    make_dirty(hive, "new")
    with pytest.raises(Refused, match="not those that the plan was made on"):
        apply_plan(plan, target, case)
    dirty = plan_of(target)
    hive.write_bytes(whole)  # that Windows was started and shut down
    apply_plan(dirty, target, case.with_name("d"))
    roll_back(dirty, target, case.with_name("d"))
    assert hive.read_bytes() == whole


def test_a_log_that_changes_between_backup_and_change(
    target: FolderTarget, case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hive = lay_dirty(target)
    plan, raw, real = plan_of(target), hive.read_bytes(), hive_verbs.change

    def write_first(*args: object) -> None:
        hive.with_name("system.log").write_bytes(b"x")
        real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(hive_verbs, "change", write_first)
    with pytest.raises((RolledBack, NotRolledBack), match="written by somebody else"):
        apply_plan(plan, target, case)
    assert hive.read_bytes() == raw


def test_undoing_when_the_logs_changed_since(target: FolderTarget, case: Path) -> None:
    """The dirty bytes alone would lose what was in the logs: the hive stays whole."""
    hive = lay_dirty(target)
    plan = plan_of(target)
    apply_plan(plan, target, case)
    hive.with_name("System.Log1").unlink()
    notes: list[str] = []
    roll_back(plan, target, case, lambda step: notes.append(step.note))
    assert any("they stay applied" in note for note in notes)
    raw = hive.read_bytes()
    assert not read_header(raw).is_dirty
    assert read_with_dissect(raw, ROOTS)["/c"] == "c:\\,,217"
    assert list(read_with_libregf(raw, SERVICE)) == ["ImagePath", "Start", "Blob"]


def test_what_logs_do_not_make_whole_is_refused(target: FolderTarget) -> None:
    hive = lay_dirty(target)
    one, two, raw = hive.with_name("System.Log1"), hive.with_name("system.LOG2"), hive.read_bytes()
    logs = {path: path.read_bytes() for path in (one, two)}
    none = dict.fromkeys(logs)
    other = with_header(raw, (7, 7), name="SAM")
    named = with_identity(raw, bytes(15) + b"\1")
    for data, kept, why in (
        (raw, none, "no transaction log lies beside it"),
        (raw, {one: b"", two: b""}, "empty"),
        (raw, {one: write_new_log(other, 7, []), two: logs[two]}, "another hive"),
        (named, {one: logs[one], two: write_new_log(with_identity(raw, b"\2" * 16), 7, [])}, "another hive"),
        (raw, {one: write_new_log(raw, 12, []), two: logs[two]}, "does not follow"),
        (raw, {one: with_header(logs[one], (8, 9), kind=6), two: logs[two]}, "not written to its end"),
        (raw, {one: logs[one], two: None}, None),
        (raw[:-512], logs, "cut short"),
        (raw[:508] + b"\0\0\0\0" + raw[512:], logs, "checksum"),
        (seal_header(raw[:36] + b"\x40\0\0\0" + raw[40:4096]) + raw[4096:], logs, "another root or version"),
        (mark_page(raw[:4096], "a01-0") + raw[4096:], logs, "cut off while it wrote this hive"),
        (b"MZ" + raw[2:], logs, "no registry hive"),
    ):
        hive.write_bytes(data)
        for path, log in kept.items():
            path.unlink(missing_ok=True)
            if log is not None:
                path.write_bytes(log)
        if why is None:  # the later log alone begins behind the hive: Windows would take it too
            continue
        with pytest.raises(ChangeFailed, match=why):
            act(target, "set_value", place("Setup", "x"), sets=dword_of(1))


def test_logs_are_regular_files_of_one_name(target: FolderTarget) -> None:
    hive = lay_dirty(target)
    fd = os.open(hive.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        spot = Spot(fd, b"system")
        assert set(read_logs(spot)) == {"system.log1", "system.log2"}
        twin = hive.with_name("SYSTEM.log1")
        twin.write_bytes(b"")
        with pytest.raises(ChangeFailed, match=r"two files are called system\.log1"):
            read_logs(spot)
        twin.unlink()
        outside = hive.parent.parent / "outside"
        outside.write_bytes(b"")
        log = hive.with_name("system.LOG")
        log.symlink_to(outside)
        with pytest.raises(ChangeFailed, match=r"log system\.log can't be read"):
            replay_hive(hive.read_bytes(), spot)
        log.unlink()
        log.touch()
        os.truncate(log, (32 << 20) + 1)
        with pytest.raises(ChangeFailed, match="more than"):
            read_logs(spot)
    finally:
        os.close(fd)


def test_bytes_in_memory() -> None:
    held = HeldBytes(b"0123456789")
    held.lay_over(2, b"AB")
    held.lay_over(9, b"YZ")
    assert (held.read(0, 5), held.read(8, 5), held.read(20, 5), held.size) == (b"01AB4", b"8Y", b"", 10)
    held.grow(12)
    held.lay_over(11, b"!")
    assert held.read(9, 9) == b"Y\0!"
    held.grow(4)
    assert (held.read(0, 9), held.size, held.file_size) == (b"01AB", 4, 10)
    with pytest.raises(ChangeFailed, match="more than"):
        held.grow(MOST_HIVE + 1)
    assert not is_dirty(b"MZ")
    page = with_header(b"regf" + bytes(16) + b"\1\0\0\0\5\0\0\0" + bytes(4068), (6, 7))
    assert is_dirty(page)
    marked = mark_page(page[:4096], "a01-0")
    assert read_header(marked).primary != read_header(marked).secondary, "the mark of a write is never a clean header"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_hostile_hives_and_logs_are_refused_or_made_whole(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("h")
    hive = lay_hive(folder, 5)
    make_dirty(hive, data.draw(st.sampled_from(["old", "new"])))
    for path in sorted(folder.iterdir()):
        raw = bytearray(path.read_bytes())
        for _ in range(data.draw(st.integers(0, 4))):
            raw[data.draw(st.integers(0, min(len(raw), 1200) - 1))] = data.draw(st.integers(0, 255))
        path.write_bytes(seal_header(bytes(raw[:512])) + raw[512:])
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        whole = replay_hive(hive.read_bytes(), Spot(fd, b"system"))
    except ChangeFailed:
        return
    finally:
        os.close(fd)
    assert not is_dirty(whole.data)
    assert bool(whole.logs) == (whole.data != hive.read_bytes())
