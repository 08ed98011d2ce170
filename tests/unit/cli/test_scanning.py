import json
from pathlib import Path
from typing import Any

import pytest

from codered.cli.options import ScanOptions
from codered.cli.scanning import refuse_contradictions, scan_target
from codered.model.errors import WrongUse

PLAIN: dict[str, Any] = {
    "paths": (), "root": None, "logs": (), "memory": None, "fast": False, "full": False, "dump": None,
    "internal": (), "jobs": 1, "packs": ("codered2",), "as_json": True, "output": (),
}  # fmt: skip


def asked(**changes: object) -> ScanOptions:
    return ScanOptions(**(PLAIN | changes))


@pytest.mark.parametrize(
    "words",
    [
        {"memory": "x", "paths": ("y",)},
        {"memory": "x", "fast": True},
        {"fast": True, "full": True},
        {"full": True, "root": "/mnt"},
        {"fast": True, "paths": ("/tmp",)},
        {"fast": True, "logs": ("x.log",)},
        {"dump": "/d", "root": "/mnt"},
    ],
)
def test_words_that_exclude_one_another(words: dict[str, object]) -> None:
    with pytest.raises(WrongUse):
        refuse_contradictions(asked(**words))


@pytest.mark.parametrize(
    "words", [{}, {"fast": True}, {"full": True}, {"fast": True, "root": "/mnt"}, {"memory": "x"}, {"dump": "/d"}]
)
def test_words_that_go_together(words: dict[str, object]) -> None:
    refuse_contradictions(asked(**words))


def test_a_fast_look_at_an_offline_linux_root_leaves_the_disk_out_and_says_so(tmp_path: Path) -> None:
    for folder in ("etc/cron.d", "usr/bin", "var"):
        (tmp_path / folder).mkdir(parents=True)
    report = scan_target(asked(root=str(tmp_path), fast=True))
    assert {look.layer for look in report.looks if look.state == "looked"} >= {"autostart"}
    assert not [look for look in report.looks if look.layer == "files"]
    (left,) = [stage for stage in report.order if stage.left_out]
    assert left.what == "files on disk"


def test_a_folder_for_memory_is_the_users_alone(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    (tmp_path / "file").touch()
    for named in (shared, tmp_path / "file", tmp_path / "none" / "below"):
        with pytest.raises(WrongUse):
            scan_target(asked(dump=str(named)))
    assert json.dumps(sorted(path.name for path in tmp_path.iterdir())) == '["file", "shared"]'
