import hashlib
import os
from pathlib import Path

import pytest

from codered.export.scripts.folder import SUMS, check_folder, render_scripts, write_folder
from codered.export.scripts.from_plan import make_from_plan
from codered.model.errors import WrongUse
from tests.fixtures.script_plans import codered2_actions, make_plan

OLD = make_from_plan(make_plan(*codered2_actions()), "iis5", ())


def test_a_folder_is_written_whole_and_sealed(tmp_path: Path) -> None:
    names = write_folder(OLD, tmp_path / "out")
    assert names == ("README.txt", SUMS, "clean.cmd", "clean.reg", "clean.vbs", "undo.cmd", "undo.reg", "undo.vbs")
    assert check_folder(tmp_path / "out") == ()
    for line in (tmp_path / "out" / SUMS).read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((tmp_path / "out" / name).read_bytes()).hexdigest() == digest
    (tmp_path / "out" / "clean.log").write_text("a run")
    assert check_folder(tmp_path / "out") == ()
    newer = render_scripts(make_from_plan(make_plan(), "windows", ()))
    assert set(newer) == {"clean.ps1", "undo.ps1", "README.txt", SUMS}


def test_every_change_of_a_folder_is_named(tmp_path: Path) -> None:
    write_folder(OLD, tmp_path)
    (tmp_path / "clean.vbs").write_bytes(b"x")
    (tmp_path / "undo.cmd").unlink()
    os.symlink("/etc/hostname", tmp_path / "more.txt")
    assert check_folder(tmp_path) == (
        "clean.vbs: was changed",
        "undo.cmd: is missing",
        "more.txt: does not belong here",
    )


@pytest.mark.parametrize("text", ["", "x\n", "0" * 64 + "  ../../etc/passwd\n", "0" * 64 + "  a\n" * 200])
def test_what_is_no_list_of_hashes_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / SUMS).write_text(text)
    with pytest.raises(WrongUse):
        check_folder(tmp_path)
    with pytest.raises(WrongUse, match="not empty"):
        write_folder(OLD, tmp_path)
    with pytest.raises(WrongUse):
        check_folder(tmp_path / "none")
    (tmp_path / "file").write_text("")
    with pytest.raises(WrongUse):
        write_folder(OLD, tmp_path / "file")
