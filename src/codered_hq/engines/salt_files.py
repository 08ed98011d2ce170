"""What minions fetch from their master: a folder below its file roots for one run, gone afterwards.

The master serves it to every accepted minion that knows, or lists, its name: what lies there is signed, not secret.
"""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from codered.model.errors import WrongUse

FOLDER = "codered-fleet"
_ADVICE = "run headquarters on the master, and give file_roots a folder that is there and may be written to"


class ServedFolder:
    """A folder that the master serves; `url` is how minions name it."""

    def __init__(self, path: Path, owner: tuple[int, int]) -> None:
        self._path = path
        self._owner = owner
        self.url = f"salt://{FOLDER}/{path.name}"

    def put(self, name: str, content: bytes) -> None:
        """A file with this content, for the master alone to read."""
        self._seal(name, content)

    def copy(self, name: str, source: str) -> None:
        """A copy of a file. Raises WrongUse if it can't be read."""
        try:
            self._seal(name, Path(source).read_bytes())
        except FileNotFoundError:
            raise WrongUse("is not there", where=source, advice="build the host file again") from None

    def _seal(self, name: str, content: bytes) -> None:
        with open(os.open(self._path / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            os.fchown(out.fileno(), *self._owner)
            out.write(content)


@contextmanager
def serve_folder(file_roots: Any) -> Iterator[ServedFolder]:  # noqa: ANN401 - it is Salt's
    """A new folder below the first root of "base" that may be written to. Raises WrongUse if there is none."""
    root = _choose_root(file_roots)
    found = root.stat()
    owner = (found.st_uid, found.st_gid) if os.geteuid() == 0 else (-1, -1)
    shared = root / FOLDER
    path = shared / secrets.token_hex(16)
    try:
        shared.mkdir(mode=0o700, exist_ok=True)
        path.mkdir(mode=0o700)
        for folder in (shared, path):
            os.chown(folder, *owner, follow_symlinks=False)
    except OSError as error:
        raise WrongUse(f"can't be written to: {error.strerror}", where=str(shared), advice=_ADVICE) from None
    try:
        yield ServedFolder(path, owner)
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _choose_root(file_roots: Any) -> Path:  # noqa: ANN401
    base = file_roots.get("base") if isinstance(file_roots, dict) else None
    for root in base if isinstance(base, list) else ():
        if (
            isinstance(root, str)
            and root.startswith("/")
            and os.path.isdir(root)
            and os.access(root, os.W_OK | os.X_OK)
        ):
            return Path(root)
    raise WrongUse("the Salt master serves no folder that can be written to here", where="file_roots", advice=_ADVICE)
