import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from codered.sources.kept_files import KeptFiles
from tests.fixtures.changing import FolderTarget
from tests.fixtures.signed_repository import Repository, make_tar, signed_repository


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    with signed_repository(tmp_path / "repository") as made:
        yield made


@pytest.fixture
def work(tmp_path: Path) -> KeptFiles:
    return KeptFiles(tmp_path / "state" / "sources")


@pytest.fixture
def target(tmp_path: Path) -> FolderTarget:
    """A root without anything of dpkg or apt."""
    (tmp_path / "root").mkdir()
    return FolderTarget(tmp_path / "root")


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A known-good root as an archive."""
    path = tmp_path / "image.tar.gz"
    page = tarfile.TarInfo("./www/index.html")
    page.size = 5
    path.write_bytes(make_tar([(page, b"hello")]))
    return path
