from pathlib import Path

import pytest

from tests.fixtures.command import Desk
from tests.fixtures.volumes import lay_out_volume


@pytest.fixture
def desk(tmp_path: Path, rule_cache: Path) -> Desk:
    (tmp_path / "desk").mkdir()
    return Desk(tmp_path / "desk", rule_cache)


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    return lay_out_volume(tmp_path / "volume")
