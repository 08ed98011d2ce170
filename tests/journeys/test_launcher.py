"""`./codered` from first use on, in a copy of the frame: the tool is a stand-in, and Python installs nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
STAND_IN = "import os, sys\nprint('stand-in', *sys.argv[1:], 'in', os.getcwd())\n"
# Does all that Python does, but notes each install instead of doing it, and fails or dies there when a test asks.
PYTHON = f"""#!/usr/bin/env bash
case "$*" in
  *sys.executable*) echo "$0" ;;
  *"import sys, pip"*) ;;
  *"-m pip --python"*)
    echo "install of ${{@: -1}}" >>"$INSTALLS"
    [[ ! -e $INSTALLS.kill ]] || kill -KILL $PPID
    [[ ! -e $INSTALLS.fail ]] || {{ echo "no such release"; exit 1; }}
    sleep 0.2 ;;
  *) exec "{sys.executable}" "$@" ;;
esac
"""


class Checkout:
    """A copy of the repository's frame in a folder with a space in its name."""

    def __init__(self, place: Path) -> None:
        self.root = place / "a checkout"
        self.outside = place / "outside"
        self.installs = place / "installs"
        for folder in (self.root / "src" / "codered", self.root / "requirements", self.root / "scripts", self.outside):
            folder.mkdir(parents=True)
        for name in ("codered", "scripts/set-up-venv", "requirements/host.txt", "requirements/dev.txt"):
            shutil.copy(REPOSITORY / name, self.root / name)
        (self.root / "src/codered/__init__.py").touch()
        (self.root / "src/codered/__main__.py").write_text(STAND_IN)
        python = place / "bin" / "python3.11"
        python.parent.mkdir()
        python.write_text(PYTHON)
        python.chmod(0o755)
        self.environment = {
            "PATH": f"{python.parent}:/usr/bin:/bin",
            "INSTALLS": str(self.installs),
            "HOME": str(place),
        }

    def start(self, *words: str, by: Path | None = None, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [by or self.root / "codered", *words],
            cwd=self.outside,
            env=self.environment | more,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *words: str, by: Path | None = None, **more: str) -> tuple[int, str, str]:
        process = self.start(*words, by=by, **more)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def count_installs(self) -> int:
        return len(self.installs.read_text().splitlines()) if self.installs.exists() else 0


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_first_use_sets_up_once_and_forwards_every_word(checkout: Checkout) -> None:
    wanted = f"stand-in scan two words  in {checkout.outside}\n"
    code, out, err = checkout.run("scan", "two words", "")
    assert (code, out) == (0, wanted)
    assert err.count("\n") == 1
    assert "setting up" in err
    assert checkout.run("scan", "two words", "") == (0, wanted, "")
    assert checkout.count_installs() == 1


def test_start_through_links(checkout: Checkout) -> None:
    links = checkout.outside / "links"
    links.mkdir()
    (links / "first").symlink_to(checkout.root / "codered")
    (links / "second").symlink_to("first")
    assert checkout.run("x", by=links / "second")[1].startswith("stand-in x")


def test_later_starts_leave_the_set_up_alone(checkout: Checkout) -> None:
    checkout.run()
    (checkout.root / "scripts/set-up-venv").write_text("#!/bin/sh\nexit 9\n")
    assert checkout.run("x")[0] == 0


def test_changed_pins_are_installed(checkout: Checkout) -> None:
    checkout.run()
    with (checkout.root / "requirements/host.txt").open("a") as pins:
        pins.write("# changed\n")
    (checkout.root / ".venv/lib/left-over").touch()
    assert checkout.run()[0] == 0
    assert checkout.count_installs() == 2
    assert not (checkout.root / ".venv/lib/left-over").exists()
    assert checkout.run()[2] == ""


def test_moved_checkout_is_set_up_again(checkout: Checkout) -> None:
    checkout.run()
    checkout.root = checkout.root.rename(checkout.root.with_name("moved"))
    assert checkout.run("x")[1].startswith("stand-in x")
    assert checkout.count_installs() == 2


def test_failed_install_shows_its_log_and_is_tried_again(checkout: Checkout) -> None:
    fail = Path(f"{checkout.installs}.fail")
    fail.touch()
    code, out, err = checkout.run("x")
    assert (code, out) == (2, "")
    assert "no such release" in err
    assert err.splitlines()[-1].startswith("codered: set-up failed")
    fail.unlink()
    assert checkout.run("x")[0] == 0


def test_killed_set_up_is_made_again(checkout: Checkout) -> None:
    checkout.run()
    (checkout.root / "requirements/host.txt").write_text("# new pins\n")
    kill = Path(f"{checkout.installs}.kill")
    kill.touch()
    assert checkout.run("x")[0] != 0
    kill.unlink()
    assert checkout.run("x")[0] == 0
    assert checkout.count_installs() == 3


def test_several_first_runs_set_up_once(checkout: Checkout) -> None:
    runs = [checkout.start(str(number)) for number in range(4)]
    answers = [run.communicate(timeout=60)[0] for run in runs]
    assert [answer.split()[1] for answer in answers] == ["0", "1", "2", "3"]
    assert checkout.count_installs() == 1


def test_a_folder_of_somebody_else_is_not_emptied(checkout: Checkout) -> None:
    mine = checkout.root / ".venv" / "mine"
    mine.parent.mkdir()
    mine.touch()
    code, _, err = checkout.run()
    assert code == 2
    assert "holds something else" in err
    assert mine.exists()


def test_environment_elsewhere(checkout: Checkout) -> None:
    code, out, _ = checkout.run("x", CODERED_VENV="else where")
    assert (code, out.split()[:2]) == (0, ["stand-in", "x"])
    assert (checkout.outside / "else where/host.stamp").exists()
    assert not (checkout.root / ".venv").exists()
    assert checkout.run("x", CODERED_VENV="else where")[2] == ""


def test_place_that_cannot_be_written(checkout: Checkout) -> None:
    code, _, err = checkout.run(CODERED_VENV="/proc/nowhere/venv")
    assert code == 2
    assert "set CODERED_VENV=DIR" in err
    assert err.count("\n") == 1


def test_missing_python_is_named(checkout: Checkout, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "env", "flock", "ls", "mkdir"):
        found = shutil.which(name)
        assert found, name
        (tools / name).symlink_to(found)
    (tools / "python3").write_text("#!/usr/bin/env bash\nexit 1\n")  # one that is too old
    (tools / "python3").chmod(0o755)
    code, _, err = checkout.run(PATH=str(tools))
    assert code == 2
    assert (
        err == "codered: Python 3.11 or newer is missing — install it (Debian: apt-get install python3 python3-venv)\n"
    )


def test_modules_of_the_folder_one_stands_in_are_not_run(checkout: Checkout) -> None:
    (checkout.outside / "codered.py").write_text("print('owned')\n")
    (checkout.outside / "os.py").write_text("print('owned')\n")
    code, out, _ = checkout.run("x", PYTHONPATH=os.fspath(checkout.outside))
    assert (code, out.split()[0]) == (0, "stand-in")
    assert "owned" not in checkout.run("x")[1]
