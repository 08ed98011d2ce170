import shutil
import subprocess
from pathlib import Path

import pytest

from codered.model.errors import Refused
from codered.monitor.unit import install_unit, make_watch_unit, remove_unit, start_unit
from codered.targets import open_target

UNIT = make_watch_unit("host", Path("/var/lib/with space/100%"), Path("/var/cache/codered"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "etc/systemd/system").mkdir(parents=True)
    return tmp_path


def test_systemd_understands_it(tmp_path: Path) -> None:
    verifier = shutil.which("systemd-analyze")
    if verifier is None:
        pytest.skip("systemd-analyze is not here")
    path = tmp_path / UNIT.name
    path.write_bytes(UNIT.text)
    done = subprocess.run([verifier, "verify", path], capture_output=True, text=True, timeout=60, check=False)
    complaints = [line for line in done.stderr.splitlines() if UNIT.name in line]
    assert complaints == []
    assert b'"CODERED_STATE=/var/lib/with space/100%%"' in UNIT.text


def test_it_is_written_with_its_link_and_taken_away(root: Path) -> None:
    target = open_target(str(root))
    install_unit(UNIT, target)
    install_unit(UNIT, target)
    units = root / "etc/systemd/system"
    link = units / "multi-user.target.wants" / UNIT.name
    assert link.resolve() == units / UNIT.name
    assert (units / UNIT.name).read_bytes() == UNIT.text
    assert remove_unit(UNIT, target)
    assert not link.is_symlink()
    assert [path.name for path in units.iterdir()] == ["multi-user.target.wants"]
    assert not remove_unit(UNIT, target)


def test_one_that_somebody_changed_stays(root: Path) -> None:
    target = open_target(str(root))
    install_unit(UNIT, target)
    path = root / "etc/systemd/system" / UNIT.name
    path.write_text("[Unit]\n")
    assert not remove_unit(UNIT, target)
    assert path.exists()


def test_without_systemd_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="not started by systemd"):
        install_unit(UNIT, open_target(str(tmp_path)))
    assert not remove_unit(UNIT, open_target(str(tmp_path)))


def test_only_the_running_host_is_told(root: Path) -> None:
    assert "next start" in start_unit(UNIT, open_target(str(root)))
