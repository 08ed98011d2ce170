"""The container file: linted, and what it promises of rights and pins."""

import re
import subprocess
import sysconfig
from pathlib import Path

import pytest

FILE = Path(__file__).parents[2] / "release" / "Containerfile"
LINTER = Path(sysconfig.get_path("scripts")) / "hadolint"


def lint(path: Path) -> tuple[int, str]:
    done = subprocess.run([LINTER, "--no-color", path], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def test_it_is_clean() -> None:
    assert lint(FILE) == (0, "")


def test_the_linter_sees_what_is_wrong(tmp_path: Path) -> None:
    bad = tmp_path / "Containerfile"
    bad.write_text("FROM debian\nRUN sudo apt-get install python3\n")
    code, told = lint(bad)
    assert code != 0
    assert "DL3006" in told


@pytest.mark.parametrize("target", ["host", "headquarters"])
def test_each_target_runs_as_nobody_special(target: str) -> None:
    stage = FILE.read_text().split(f" AS {target}\n")[1].split("\nFROM ")[0]
    assert "\nUSER 10001\n" in stage
    assert '"-I", "-m", "codered"' in stage


def test_what_headquarters_keeps_lies_in_the_volume() -> None:
    stage = FILE.read_text().split(" AS headquarters\n")[1]
    kept = dict(re.findall(r"(CODERED_HQ|CODERED_STATE)=(\S+)", stage))
    volume = Path(re.findall(r"^VOLUME (\S+)$", stage, re.MULTILINE)[0])
    assert set(kept) == {"CODERED_HQ", "CODERED_STATE"}
    assert all(Path(place).is_relative_to(volume) for place in kept.values())


def test_every_python_package_is_pinned_by_hash() -> None:
    text = FILE.read_text()
    installs = re.findall(r"-m pip install(?:[^\\\n]|\\\n)*", text)
    assert len(installs) == 2
    assert all("--require-hashes --only-binary :all:" in each for each in installs)


def test_nothing_but_source_packs_and_pins_is_sent_to_the_engine() -> None:
    lines = FILE.with_name("Containerfile.dockerignore").read_text().splitlines()
    assert lines[1] == "*"
    assert {line for line in lines if line.startswith("!")} == {
        "!requirements/*.txt", "!src/codered", "!src/codered_hq", "!packs",
    }  # fmt: skip
