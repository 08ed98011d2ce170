import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from codered.known_good.whole_files import write_whole
from codered.model.errors import WrongUse

SOURCE = Path(__file__).resolve().parents[3] / "src"


def test_a_file_is_replaced_whole_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "a/b"
    write_whole(path, b"one")
    write_whole(path, b"two", sync=False)
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_without_room_the_old_one_stays_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    code = (
        "import resource, signal, sys\nfrom pathlib import Path\n"
        "from codered.known_good.whole_files import write_whole\nfrom codered.model.errors import WrongUse\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\nresource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n    write_whole(Path(sys.argv[1]), bytes(5000))\nexcept WrongUse as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], env={"PYTHONPATH": str(SOURCE)}, capture_output=True, text=True,
        timeout=60, check=True,
    )  # fmt: skip
    assert "can't be written: File too large" in done.stdout
    assert os.listdir(tmp_path) == ["x"]
    assert path.read_bytes() == b"old"
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 1000


def test_a_place_that_can_not_be_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(WrongUse):
        write_whole(tmp_path / "file/below", b"x")
