"""What has no running registry says so."""

from pathlib import Path

import pytest

from codered.remediate.file_state import ChangeFailed
from codered.remediate.registry.writer import open_writer
from tests.fixtures.changing import FolderTarget


def test_a_folder_has_none(tmp_path: Path) -> None:
    with pytest.raises(ChangeFailed, match="no running registry"):
        open_writer(FolderTarget(tmp_path))
