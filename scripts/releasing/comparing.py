"""Whether two builds of one commit are the same, byte for byte, although all around them differs."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from codered.model.errors import WrongUse
from codered.signing.releases import SUMS, parse_sums

REPRODUCIBLE = ("wheel", "sdist", "pyz", "sbom", "deb")
"""Not codered.exe: PyInstaller under Wine writes other bytes each time."""
_SECONDS = 1800
_CONDITIONS = (
    {"TZ": "Pacific/Chatham", "LC_ALL": "C", "umask": "077", "folder": "a"},
    {"TZ": "America/Caracas", "LC_ALL": "C.UTF-8", "umask": "002", "folder": "b/of another length"},
)


def compare_two_builds(root: Path, words: list[str], say: Callable[[str], None]) -> int:
    """0 if each file is the same in two builds, 1 if one is not, after saying which. They differ in time, time zone,
    language, umask, home and folder. Raises WrongUse if a build fails.
    """
    if "--only" not in words:
        words = [*words, *(word for name in REPRODUCIBLE for word in ("--only", name))]
    with tempfile.TemporaryDirectory(prefix="codered-release-check-") as work:
        first, second = (_build(root, words, Path(work), conditions) for conditions in _CONDITIONS)
    differ = sorted(name for name in first | second if first.get(name) != second.get(name))
    for name in differ:
        say(f"{name} DIFFERS: {first.get(name, 'missing')} and {second.get(name, 'missing')}")
    if differ:
        return 1
    for name, digest in first.items():
        sys.stdout.write(f"{digest}  {name}\n")
    say(f"two builds gave the same {len(first)} files, byte for byte")
    return 0


def _build(root: Path, words: list[str], work: Path, conditions: dict[str, str]) -> dict[str, str]:
    """Name -> SHA-256 of what a build in a process of its own made."""
    top = work / conditions["folder"]
    home = top / "home"
    home.mkdir(parents=True)
    into = top / "release"
    command = [sys.executable, "-P", "-m", "scripts.build_release", *words, "--into", str(into)]
    more = {"TZ": conditions["TZ"], "LC_ALL": conditions["LC_ALL"], "HOME": str(home), "TMPDIR": str(top)}
    more["GIT_CONFIG_GLOBAL"] = os.path.expanduser("~/.gitconfig")  # git may have been told there that it may look here
    done = subprocess.run(  # noqa: S603 - our own words, as a list
        command, cwd=root, env=os.environ | more | {"PYTHONPATH": str(root)}, umask=int(conditions["umask"], 8),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=_SECONDS, check=False,
    )  # fmt: skip
    if done.returncode:
        raise WrongUse("one of the builds failed; what it said is above", advice="mend that, and repeat")
    return parse_sums((into / SUMS).read_bytes(), str(into / SUMS))
