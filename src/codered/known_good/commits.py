"""What a git commit holds. git only names it; we read and compare files ourselves, so nothing that the checkout's
settings or attributes name is run, and nothing that they hide is passed over.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

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


def list_committed(root: Path, *below: str) -> dict[str, tuple[str, str]] | None:
    """Name -> mode and id of each entry of the checkout's commit below these folders (none: all of it); None if git
    can't tell, as of a checkout that belongs to somebody else.
    """
    git = next((path for path in _GIT if os.access(path, os.X_OK)), None)
    if sys.platform == "win32" or git is None or not (root / ".git").exists():
        return None
    words = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-pager", "ls-tree", "--full-tree"]
    try:
        done = subprocess.run(  # noqa: S603 - git by its full path, no shell
            [git, "-C", str(root), *words, "-r", "-z", "HEAD", "--", *below],
            env=_ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode:
        return None
    committed = {}
    for line in done.stdout.split(b"\0")[:-1]:
        head, _, name = line.partition(b"\t")
        mode, _, id_ = head.decode().split(" ")
        committed[os.fsdecode(name)] = (mode, id_)
    return committed


def name_object(size: int, blocks: Iterable[bytes], like: str) -> str:
    """The id that git gives a content of so many bytes, by the hash that the id `like` was made with."""
    made = hashlib.sha256() if len(like) == 64 else hashlib.sha1(usedforsecurity=False)
    made.update(b"blob %d\0" % size)
    for block in blocks:
        made.update(block)
    return made.hexdigest()
