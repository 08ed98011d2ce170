"""Many files into a folder, all or none: written beside it first, and moved there when the last one is on disk."""

import contextlib
import errno
import os
import shutil
import tempfile
from pathlib import Path

from codered.export.indicators.exported import ExportFile
from codered.model.errors import CodeRedError, NotRolledBack, RolledBack, WrongUse

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def write_files(folder: Path, files: list[ExportFile]) -> None:
    """The files below the folder, which is made where it is missing. Raises RolledBack (a full disk) or WrongUse with
    everything as it was, NotRolledBack where that can't be had.
    """
    made = _Made(folder)
    try:
        with tempfile.TemporaryDirectory(dir=_choose_place(folder), prefix=".codered-export-") as beside:
            new, old = Path(beside, "new"), Path(beside, "old")
            for file in files:
                _write(new / file.name, file.data)
            try:
                for file in files:
                    made.put(new / file.name, folder / file.name, old / file.name)
            except BaseException:
                made.undo()
                raise
    except OSError as error:
        raise _explain(error, folder) from None


def _explain(error: OSError, folder: Path) -> CodeRedError:
    what = error.strerror or str(error)
    if error.errno in _FULL:
        return RolledBack(f"{what}; nothing was written", where=str(folder), advice="make room")
    return WrongUse(what, where=str(folder), advice="choose a folder that you can write to")


def _choose_place(folder: Path) -> Path:
    """Where files can wait that are moved into the folder: beside it, or inside where that is another disk or shut."""
    above = folder.absolute().parent
    while not above.is_dir() and above != above.parent:
        above = above.parent
    if folder.is_dir() and (os.stat(folder).st_dev != os.stat(above).st_dev or not os.access(above, os.W_OK)):
        return folder
    return above


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "xb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    os.chmod(path, 0o644)


class _Made:
    """What was done to the folder, to take it back."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folders: list[Path] = []
        self._moved: list[tuple[Path, Path | None]] = []

    def put(self, new: Path, place: Path, old: Path) -> None:
        """Move a file to its place, and what was there to `old`."""
        missing = [parent for parent in place.parents if not parent.exists()]
        for parent in reversed(missing):
            parent.mkdir()
            self._folders.append(parent)
        kept = None
        if place.exists():
            old.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(place, old)
            kept = old
        os.replace(new, place)
        self._moved.append((place, kept))

    def undo(self) -> None:
        """Everything as it was. Raises NotRolledBack."""
        try:
            for place, kept in reversed(self._moved):
                if kept is None:
                    place.unlink()
                else:
                    os.replace(kept, place)
        except OSError as error:
            what = f"{error.strerror or error}; some files are new, others are not"
            raise NotRolledBack(what, where=str(self._folder), advice="make room and export again") from None
        for folder in reversed(self._folders):
            with contextlib.suppress(OSError):  # somebody else put something there
                folder.rmdir()
