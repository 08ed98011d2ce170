import os
from datetime import UTC, datetime
from pathlib import Path

from codered.collect.autostart.installed import find_installed
from codered.collect.autostart.reading import Reader
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, write


def test_a_system_is_as_old_as_its_machine_id(tmp_path: Path) -> None:
    reader = Reader(open_target(str(make_root(tmp_path))))
    assert find_installed(reader) is None
    write(tmp_path, {"etc/machine-id": "0\n"})
    os.utime(tmp_path / "etc/machine-id", (1_700_000_000, 1_700_000_000))
    assert find_installed(reader) == datetime.fromtimestamp(1_700_000_000, UTC)
