import os
from pathlib import Path

import pytest

from tests.fixtures.changing import FolderTarget


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small web root with old times, so that a changed time shows."""
    root = tmp_path / "root"
    (root / "www/scripts").mkdir(parents=True)
    files = {"www/scripts/root.exe": b"INERT MARKER one", "www/scripts/page.asp": b"<html>", "www/index.html": b"hello"}
    for name, body in files.items():
        (root / name).write_bytes(body)
        os.utime(root / name, ns=(1_000_000_001, 1_000_000_002))
    for folder in ("www/scripts", "www", "."):
        os.utime(root / folder, ns=(2_000_000_001, 2_000_000_002))
    return root


@pytest.fixture
def target(root: Path) -> FolderTarget:
    return FolderTarget(root)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return tmp_path / "state" / "cases" / "20261122-120000-abc123"
