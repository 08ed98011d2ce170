import os
from pathlib import Path

import pytest

from codered.scan import script_context
from codered.scan.script_context import ScriptContext
from codered.targets import open_target


def look(root: Path, name: str) -> frozenset[str]:
    rel = f"srv/{name}"
    return ScriptContext(open_target(str(root))).find_facts(rel.encode(), os.stat(root / rel))


def lay_out(root: Path, others: int = 6) -> None:
    (root / "etc").mkdir()
    (root / "etc/passwd").write_text("root:x:0:0::/:/bin/sh\nwww-data:x:33:33::/:/x\nbroken\napache:x:y:0\n")
    (root / "srv").mkdir()
    for number in range(others):
        (root / f"srv/page{number}.php").write_text("x")
        os.utime(root / f"srv/page{number}.php", (1e9, 1e9))
    (root / "srv/new.php").write_text("x")


def test_a_script_much_newer_than_its_neighbours(tmp_path: Path) -> None:
    lay_out(tmp_path)
    assert look(tmp_path, "new.php") == {"newer-than-neighbours"}
    assert look(tmp_path, "page1.php") == frozenset()
    os.utime(tmp_path / "srv/new.php", (1e9 + 86400, 1e9 + 86400))
    assert look(tmp_path, "new.php") == frozenset()


def test_few_neighbours_say_nothing(tmp_path: Path) -> None:
    lay_out(tmp_path, others=3)
    assert look(tmp_path, "new.php") == frozenset()


def test_a_script_of_the_servers_own_account_in_a_folder_of_another(tmp_path: Path) -> None:
    lay_out(tmp_path, others=0)
    os.chown(tmp_path / "srv/new.php", 33, 33)
    assert look(tmp_path, "new.php") == {"owned-by-server"}
    os.chown(tmp_path / "srv", 33, 33)
    assert look(tmp_path, "new.php") == frozenset()
    (tmp_path / "etc/passwd").unlink()
    os.chown(tmp_path / "srv", 0, 0)
    assert look(tmp_path, "new.php") == frozenset()


def test_a_folder_that_has_gone_says_nothing(tmp_path: Path) -> None:
    lay_out(tmp_path, others=0)
    status = os.stat(tmp_path / "srv/new.php")
    assert ScriptContext(open_target(str(tmp_path))).find_facts(b"gone/new.php", status) == frozenset()


def test_where_an_open_folder_can_not_be_listed_its_files_are_judged_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(tmp_path)
    monkeypatch.setattr(script_context, "CAN_LIST", False)  # as on Windows
    os.chown(tmp_path / "srv/new.php", 33, 33)
    assert look(tmp_path, "new.php") == {"owned-by-server"}
