"""The small Debian that Linux hosts of the laboratory run: some folders of this machine's, read-only, and a package
database that knows the packages behind them and nothing else: what this machine has besides is not the hosts'.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from lab.namespaces import CannotBuild

CONTENTS = Path(__file__).with_name("distribution.json")
_DATABASE = Path("/var/lib/dpkg")
_PROGRAMS = ("usr/bin", "usr/sbin")
_HELD = re.compile(r"Conffiles:\n(?: .*\n)*")


def read_contents() -> dict[str, list[str]]:
    """`folders` and `packages`."""
    contents: dict[str, list[str]] = json.loads(CONTENTS.read_text("utf-8"))
    return contents


def make_distribution(into: Path) -> None:
    """Programs of our packages in bin/ and sbin/, and in dpkg/ a database of these packages and of those of their files
    that a host has. Raises CannotBuild.
    """
    contents = read_contents()
    found = dict(_read_entries(set(contents["packages"])))
    if missing := sorted({"libc6", "bash", "openssh-server", "python3.11-minimal"} - found.keys()):
        raise CannotBuild(f"Debian packages are missing: {', '.join(missing)}; run scripts/setup-debian as root")
    for name in ("bin", "sbin", "dpkg/info", "dpkg/updates"):
        (into / name).mkdir(parents=True)
    (into / "dpkg/status").write_text("\n".join(_HELD.sub("", entry) for entry in found.values()))
    places = tuple(f"{folder}/" for folder in (*_PROGRAMS, *contents["folders"]))
    for path in sorted((_DATABASE / "info").iterdir()):
        if path.suffix in (".list", ".md5sums") and path.stem.partition(":")[0] in found:
            kept = [line for line in path.read_text("utf-8").splitlines() if _is_there(line, places)]
            (into / "dpkg/info" / path.name).write_text("".join(f"{line}\n" for line in kept))
            if path.suffix == ".list":
                _copy_programs(kept, into)
    (into / "bin/awk").symlink_to("mawk")


def _copy_programs(paths: list[str], into: Path) -> None:
    for path in paths:
        folder, _, name = path.removeprefix("/usr").removeprefix("/").rpartition("/")
        if folder in ("bin", "sbin") and not (into / folder / name).is_symlink() and os.path.isfile(path):
            shutil.copy2(path, into / folder / name, follow_symlinks=False)


def _is_there(line: str, places: tuple[str, ...]) -> bool:
    """Whether a line of a list or of sums names a file in our folders; older packages still say /bin for /usr/bin."""
    path = line.rpartition("  ")[2].removeprefix("/")
    return path.startswith(places) or f"usr/{path}".startswith(places)


def _read_entries(names: set[str]) -> Iterator[tuple[str, str]]:
    for entry in (_DATABASE / "status").read_text("utf-8").split("\n\n"):
        name = entry.partition("\n")[0].removeprefix("Package: ").strip()
        if name in names and "\nStatus: install ok installed" in entry:
            yield name, entry + "\n"
