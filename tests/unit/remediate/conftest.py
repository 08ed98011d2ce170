import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.changing import FolderTarget
from tests.fixtures.children import Children, LiveTarget


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


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    """Processes of the test, with programs in a folder of the live target's root."""
    folder = tmp_path / "live" / "programs"
    folder.mkdir(parents=True)
    started = Children(folder)
    yield started
    started.end_all()


@pytest.fixture
def live(tmp_path: Path, children: Children) -> LiveTarget:
    """The running host, with its files in a folder of the test's."""
    return LiveTarget(tmp_path / "live")
