"""A small target and a plan on it."""

from pathlib import Path

import pytest

from codered.model.plan import Plan
from tests.fixtures.changing import FolderTarget, make_action, make_sealed_plan


@pytest.fixture
def target(tmp_path: Path) -> FolderTarget:
    root = tmp_path / "root"
    for name in ("www/scripts/root.exe", "www/index.html", "wwwx/a"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"INERT MARKER")
    return FolderTarget(root)


@pytest.fixture
def plan(target: FolderTarget) -> Plan:
    names = ("www/scripts/root.exe", "www/index.html", "wwwx/a")
    return make_sealed_plan(target, *(make_action(target, name, id_=f"a{n}") for n, name in enumerate(names)))
