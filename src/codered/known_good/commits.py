"""What a git commit holds. git only names it; we read and compare files ourselves, so nothing that the checkout's
settings or attributes name is run, and nothing that they hide is passed over.
"""

import hashlib
import os
import stat
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

_GIT = ("/usr/bin/git", "/usr/local/bin/git")
_SECONDS = 20
FILES: Final = ("100644", "100755")
"""Modes of regular files."""
LINK: Final = "120000"
# Nothing of the user's or the system's settings counts, nothing is fetched, and no object stands in for another.
_ENVIRONMENT: Final = {
    "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent", "GIT_OPTIONAL_LOCKS": "0",
    "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1", "GIT_NO_REPLACE_OBJECTS": "1", "GIT_TERMINAL_PROMPT": "0",
}  # fmt: skip


class Entry(NamedTuple):
    """What a commit has of a name: its mode, its object's id (hex) and size in bytes (-1: not known)."""

    mode: str
    id: str
    size: int


def list_committed(root: Path, *below: str) -> dict[str, Entry] | None:
    """Name -> entry of the checkout's commit below these folders (none: all of it); None if git can't tell, as of a
    checkout that belongs to somebody else, or if others than its owner may have a say in what it tells: they may write
    in `.git` or its objects, or these lie elsewhere. The objects themselves are believed.
    """
    git = next((path for path in _GIT if os.access(path, os.X_OK)), None)
    root = Path(os.path.realpath(root))
    if sys.platform == "win32" or git is None or not _is_its_owners(root):
        return None
    words = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-pager", "ls-tree", "--full-tree"]
    try:
        done = subprocess.run(  # noqa: S603 - git by its full path, no shell
            [git, "-C", str(root), *words, "-r", "-l", "-z", "HEAD", "--", *below],
            env=_ENVIRONMENT | {"GIT_CEILING_DIRECTORIES": str(root.parent)},  # no repository further up answers
            stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode:
        return None
    committed = {}
    for line in done.stdout.split(b"\0")[:-1]:
        head, _, name = line.partition(b"\t")
        mode, _, id_, size = head.decode().split()
        committed[os.fsdecode(name)] = Entry(mode, id_, int(size) if size.isdecimal() else -1)
    return committed


def _is_its_owners(root: Path) -> bool:
    """Whether only the owner of a checkout says what its commit holds."""
    if os.pathsep in str(root):  # git would read it as two ceilings
        return False
    git = root / ".git"
    try:
        modes = [os.lstat(folder).st_mode for folder in (git, git / "objects")]
    except OSError:
        return False
    elsewhere = (git / "commondir", git / "objects/info/alternates")
    return all(stat.S_ISDIR(mode) and not mode & 0o022 for mode in modes) and not any(map(os.path.lexists, elsewhere))


def name_object(size: int, blocks: Iterable[bytes], like: str) -> str:
    """The id that git gives a content of so many bytes, by the hash that the id `like` was made with."""
    made = hashlib.sha256() if len(like) == 64 else hashlib.sha1(usedforsecurity=False)
    made.update(b"blob %d\0" % size)
    for block in blocks:
        made.update(block)
    return made.hexdigest()
