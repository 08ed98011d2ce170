"""The scan point of the plant dials out to a Salt master at headquarters."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.running import running
from lab.salt import PROGRAMS


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="lab-"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


def test_the_minion_answers_out_of_its_zone(folder: Path) -> None:
    with running(folder, with_salt=True) as lab:
        words = [
            str(PROGRAMS / "salt"),
            "-c",
            str(folder / "salt"),
            "--static",
            "--out=json",
            "*",
            "cmd.run",
            "hostname",
        ]
        done = lab.run(words)
        assert json.loads(done.stdout) == {"scanpoint": "scanpoint"}, done
        assert json.loads((folder / "enterprise.yaml").read_text())["scan_points"][0]["engine"] == "salt"
