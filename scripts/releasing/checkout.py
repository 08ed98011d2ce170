"""The checkout that a release is made from: its commit, its version, and a copy of exactly what git knows of it."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from codered.model.errors import WrongUse

VERSION_FILE = Path("src/codered/__init__.py")
_VERSION = re.compile(r'^__version__ = "([0-9][0-9a-z.+]*)"$', re.MULTILINE)
_SECONDS = 120


class Checkout(NamedTuple):
    """Where it is, and what the release is called: `epoch` is the commit's time in seconds since 1970."""

    root: Path
    commit: str
    epoch: int
    version: str
    changed: bool


def open_checkout(root: Path, *, dirty: bool = False) -> Checkout:
    """The checkout; with `dirty` one with uncommitted changes too, whose version says so. Raises WrongUse."""
    commit = _ask_git(root, "rev-parse", "HEAD").strip()
    epoch = int(_ask_git(root, "show", "-s", "--format=%ct", "HEAD"))
    changes = _ask_git(root, "status", "--porcelain", "--untracked-files=all").splitlines()
    if changes and not dirty:
        what = f"has {len(changes)} uncommitted change{'s' * (len(changes) > 1)}, the first is {changes[0][3:]!a}"
        raise WrongUse(what, where=str(root), advice="commit them, or say --dirty to try it")
    version = _read_version(root / VERSION_FILE) + ("+dirty" if changes else "")
    return Checkout(root, commit, epoch, version, bool(changes))


def copy_tree(checkout: Checkout, into: Path) -> Path:
    """A copy of what git knows (and of what it does not ignore, if it is dirty) in the new folder `into`; nothing else
    that lies about here can get into a release by way of it. Raises WrongUse and OSError.
    """
    also = ("--others",) if checkout.changed else ()
    names = _ask_git(checkout.root, "ls-files", "-z", "--cached", *also, "--exclude-standard").split("\0")
    into.mkdir()
    for name in filter(None, sorted(set(names))):
        here, there = checkout.root / name, into / name
        if not here.is_symlink() and not here.exists():  # taken away, and not committed yet
            continue
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(here, there, follow_symlinks=False)
        if not here.is_symlink():
            there.chmod(0o755 if here.stat().st_mode & 0o100 else 0o644)
    if checkout.changed:
        file = into / VERSION_FILE
        file.write_text(_VERSION.sub(f'__version__ = "{checkout.version}"', file.read_text("utf-8")), "utf-8")
    return into


def _read_version(file: Path) -> str:
    match = _VERSION.search(file.read_text("utf-8")) if file.is_file() else None
    if match is None:
        raise WrongUse("names no version", where=str(file), advice="give a checkout of CodeRed")
    return match[1]


def _ask_git(root: Path, *words: str) -> str:
    command = ["git", "-C", str(root), *words]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 - a list, no shell
    except FileNotFoundError:
        raise WrongUse("git is missing", advice="install it (Debian: apt-get install git)") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        what = f"git can't read it: {said[0] if said else done.returncode}"
        raise WrongUse(what, where=str(root), advice="run this in a git checkout of CodeRed")
    return done.stdout.decode(errors="surrogateescape")
