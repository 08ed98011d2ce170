"""What of a checkout is not as it was committed. git only names what the commit holds; we read and compare ourselves,
so nothing that the checkout's settings or attributes name is run, and nothing that they hide is passed over.
"""

import hashlib
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Final

from codered.self_check.installation import PACKS, list_checkout
from codered.system.descriptors import READ_FILE

_GIT = ("/usr/bin/git", "/usr/local/bin/git")
_SECONDS = 20
_FILES = ("100644", "100755")
_LINK = "120000"
# Nothing of the user's or the system's settings counts, nothing is fetched, and no object stands in for another.
_ENVIRONMENT: Final = {
    "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent", "GIT_OPTIONAL_LOCKS": "0",
    "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1", "GIT_NO_REPLACE_OBJECTS": "1", "GIT_TERMINAL_PROMPT": "0",
}  # fmt: skip


def find_changes(root: Path) -> list[str] | None:
    """Files of source and packs that are not as committed, or in no commit; None if git can't tell what is committed.
    Only what Python makes of a source by itself is left out: its compiled file.
    """
    committed = _list_committed(root)
    if committed is None:
        return None
    changed = {name for name, wanted in committed.items() if not _is_as(root / name, *wanted)}
    there = {os.path.normpath(f"src/{name}") for name in list_checkout(root / "src")}
    return sorted(changed | (there - committed.keys()))


def _list_committed(root: Path) -> dict[str, tuple[str, str]] | None:
    """Name -> mode and id of each entry below src and packs."""
    git = next((path for path in _GIT if os.access(path, os.X_OK)), None)
    if sys.platform == "win32" or git is None or not (root / ".git").exists():
        return None
    words = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-pager", "ls-tree", "--full-tree"]
    try:
        done = subprocess.run(  # noqa: S603 - git by its full path, no shell
            [git, "-C", str(root), *words, "-r", "-z", "HEAD", "--", "src", PACKS],
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


def _is_as(path: Path, mode: str, id_: str) -> bool:
    try:
        if mode == _LINK:
            return _name_object(os.fsencode(os.readlink(path)), id_) == id_
        with open(os.open(path, READ_FILE), "rb") as file:
            kind = os.fstat(file.fileno()).st_mode
            return mode in _FILES and stat.S_ISREG(kind) and _name_object(file.read(), id_) == id_
    except OSError:
        return False


def _name_object(body: bytes, like: str) -> str:
    """The id that git gives this content, by the hash that another id was made with."""
    made = hashlib.sha256() if len(like) == 64 else hashlib.sha1(usedforsecurity=False)
    made.update(b"blob %d\0" % len(body))
    made.update(body)
    return made.hexdigest()
