"""Changing a file where it lies, on a real NTFS volume: inode, ACL, streams and short name stay."""

import hashlib
import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.errors import RolledBack
from codered.model.plan import Action, Edit
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.attributes import read_attributes
from codered.remediate.file_state import ChangeFailed, Spot, hold_file, state_of_descriptor
from codered.remediate.in_place import change_in_place, recover_in_place, return_in_place
from codered.remediate.lines import change_lines, make_change
from codered.remediate.pages import plan_pages
from tests.fixtures.changing import FolderTarget, make_action, make_sealed_plan
from tests.fixtures.ntfs_files import dump, furnish
from tests.fixtures.ntfs_volumes import make_ntfs, mounted_ntfs

TEXT = b"".join(b"<line number='%d' />\r\n" % number for number in range(900))


def make_edit(target: FolderTarget, rel: str, number: int) -> Action:
    """An action that takes a line out, with the outcome that planning foresees."""
    action = make_action(target, rel)
    body = Path(os.fsdecode(target.absolute(rel.encode()))).read_bytes()
    change = make_change(body.splitlines(keepends=True), number)
    after = change_lines(body, (change,))
    outcome = replace(action.file_state(), sha256=hashlib.sha256(after).hexdigest(), size=len(after), mtime_ns=0)
    return replace(action, kind="remove_line", edit=Edit(outcome=outcome, lines=(change,)))


def test_a_line_goes_and_comes_back_in_the_same_file(tmp_path: Path) -> None:
    with mounted_ntfs(make_ntfs(tmp_path / "volume"), tmp_path / "root") as root:
        path = root / "application host.config"
        path.write_bytes(TEXT)
        furnish(path, b"APPLIC~1.CON")
        before, inode, target = dump(path), path.stat().st_ino, FolderTarget(root)
        plan, case = make_sealed_plan(target, make_edit(target, path.name, 400)), tmp_path / "state/cases/x"
        apply_plan(plan, target, case)
        after = dump(path)
        assert b"number='399'" not in path.read_bytes()
        assert len(path.read_bytes()) == len(TEXT) - len(b"<line number='399' />\r\n")
        assert path.stat().st_ino == inode
        changed = {name for name in before if before[name] != after[name]}
        assert changed == {"content", "mtime"}
        roll_back(plan, target, case)
        assert dump(path) == before
        assert path.stat().st_ino == inode
        assert os.listdir(root) == [path.name]


def test_an_edit_that_somebody_changed_is_left_alone(tmp_path: Path) -> None:
    with mounted_ntfs(make_ntfs(tmp_path / "volume"), tmp_path / "root") as root:
        path = root / "web.config"
        path.write_bytes(TEXT)
        target = FolderTarget(root)
        plan = make_sealed_plan(target, make_edit(target, path.name, 1), make_gone(target, root))
        (root / "gone:new").write_bytes(b"a stream since then")
        with pytest.raises(Exception, match="gone: it has another time, ACL, stream, attribute or short name now"):
            apply_plan(plan, target, tmp_path / "state/cases/x")
        assert path.read_bytes() == TEXT


def make_gone(target: FolderTarget, root: Path) -> Action:
    (root / "gone").write_bytes(b"x")
    return make_action(target, "gone", id_="a02")


def test_a_failure_afterwards_takes_the_edit_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with mounted_ntfs(make_ntfs(tmp_path / "volume"), tmp_path / "root") as root:
        path = root / "web.config"
        path.write_bytes(TEXT)
        target, before = FolderTarget(root), dump(path)
        plan = make_sealed_plan(target, make_edit(target, path.name, 1), make_gone(target, root))
        monkeypatch.setattr(os, "unlink", refuse)
        with pytest.raises(RolledBack):
            apply_plan(plan, target, tmp_path / "state/cases/x")
        assert dump(path) == before


def refuse(*_: object, **__: object) -> None:
    raise PermissionError(1, "Operation not permitted")


def test_pages_elsewhere_than_on_ntfs(tmp_path: Path) -> None:
    """The times come back too; a file that another one took the place of is not touched."""
    path, after = tmp_path / "file", TEXT.replace(b"5", b"#")
    path.write_bytes(TEXT)
    os.utime(path, ns=(1_000_000_001, 1_000_000_002))
    folder, fd = os.open(tmp_path, os.O_RDONLY), os.open(path, os.O_RDONLY)
    spot, pages = Spot(folder, b"file"), plan_pages(TEXT, after)
    try:
        attributes, state = read_attributes(fd), state_of_descriptor(fd)
        with hold_file(spot, state) as held:
            change_in_place(held, pages, None)
        assert path.read_bytes() == after
        recover_in_place(spot, pages, attributes, None)
        assert path.read_bytes() == after
        path.write_bytes(after[:5000] + TEXT[5000:])
        recover_in_place(spot, pages, attributes, None)
        assert path.read_bytes() == TEXT
        assert path.stat().st_mtime_ns == 1_000_000_002
        path.write_bytes(b"somebody else's" + TEXT)
        recover_in_place(spot, pages, attributes, None)
        with pytest.raises(ChangeFailed, match="not as it was left"):
            return_in_place(spot, pages, attributes, None)
        assert path.read_bytes() == b"somebody else's" + TEXT
    finally:
        os.close(fd)
        os.close(folder)
