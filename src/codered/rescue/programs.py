"""Running the programs that a medium is made with and works with: full paths, a list of words, nothing on stdin."""

import os
import shutil
import subprocess

from codered.model.errors import Refused

SEARCHED = "/usr/sbin:/sbin:/usr/bin:/bin"


def find_program(name: str) -> str | None:
    """Its full path in the system's own folders; None if it is not there."""
    return shutil.which(name, path=SEARCHED)


def run_program(name: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run it and give what it said. Raises Refused if it is missing."""
    path = find_program(name)
    if path is None:
        raise Refused("is not installed", where=name, advice="install the package that has it")
    return subprocess.run(  # noqa: S603 - a program of the system's own folders, no shell
        [path, *words], capture_output=True, text=True, check=False, errors="replace", stdin=subprocess.DEVNULL,
        env={**os.environ, "PATH": SEARCHED, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip


def demand_program(name: str, *words: str) -> None:
    """Run it. Raises Refused with the last thing it said if it fails."""
    done = run_program(name, *words)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        what = f"{name} failed: {said[-1][:300] if said else done.returncode}"
        raise Refused(what, where=words[-1], advice="see that there is space, and that the path is right")
