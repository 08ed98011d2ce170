"""A Windows server whose plug was pulled: what the worm wrote in the registry lies in the transaction logs only. It is
found there, removed, gone for good without a log, and comes back with the hives as they lay there.
"""

import json
import shutil
from pathlib import Path
from typing import Any

from codered.engine.hives.hive_header import read_header
from tests.fixtures.changing import hash_tree
from tests.fixtures.command import Desk
from tests.fixtures.hive_files import WRITTEN
from tests.fixtures.hive_logs import changed_pages, with_header, write_new_log, write_old_log
from tests.fixtures.opened_hives import open_file
from tests.fixtures.windows_roots import infect_codered2, lay_out_windows2000


def pull_the_plug(folder: Path) -> Path:
    """The infected system; of the hives that the worm changed the state before lies on the disk, and logs beside it."""
    root = lay_out_windows2000(folder)
    config = next(root.rglob("system32/config"))
    before = {path: path.read_bytes() for path in config.iterdir() if path.is_file()}
    infect_codered2(root)
    changed = {path.name.lower(): path for path, raw in before.items() if path.read_bytes() != raw}
    assert set(changed) == {"system", "software"}
    for name, path in changed.items():
        old, new = before[path], path.read_bytes()
        path.write_bytes(with_header(old, (9, 7)))
        if name == "system":
            (config / "SYSTEM.LOG").write_bytes(write_old_log(old, new, 9, WRITTEN + 1))
        else:
            steps = [(len(new) - 4096, changed_pages(old, new))]
            (config / "Software.LOG1").write_bytes(write_new_log(old, 7, steps))
    return config


def settings_of(report: dict[str, Any]) -> list[str]:
    return [one["subject"]["key"] for one in report.get("findings", ()) if one["layer"] == "settings"]


def test_dirty_hives_are_cleaned_and_come_back(desk: Desk, tmp_path: Path) -> None:
    config = pull_the_plug(tmp_path / "disk")
    old, plan = hash_tree(tmp_path / "disk"), tmp_path / "plan.json"
    assert desk.run("scan", "--root", tmp_path / "disk", "-o", tmp_path / "r.json").code == 1
    found = settings_of(json.loads((tmp_path / "r.json").read_text()))
    assert any(key.endswith(":/c") for key in found), "it stands in the logs only"
    told = desk.run("plan", tmp_path / "r.json", "-o", plan)
    assert told.code == 0
    assert "its transaction logs are applied first, as Windows would at its next start" in " ".join(told.out.split())
    assert desk.run("apply", plan, "--yes").code == 0
    for name in ("system", "software"):
        assert not read_header((config / name).read_bytes()).is_dirty
        assert (open_file(config, name).seen.state, open_file(config, name).seen.notes) == ("clean", ())
    without = shutil.copytree(tmp_path / "disk", tmp_path / "without", ignore=shutil.ignore_patterns("*.LOG", "*.LOG1"))
    for disk in (tmp_path / "disk", without):  # nothing leans on the logs any more
        assert settings_of(json.loads(desk.run("scan", "--root", disk, "--json").out)) == []
    assert desk.run("rollback", plan, "--yes").code == 0
    assert hash_tree(tmp_path / "disk") == old
