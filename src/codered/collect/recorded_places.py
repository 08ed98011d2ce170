"""Opening the folders in which packages have their files: a link on the way is followed only inside of the root."""

import errno
import os

from codered.collect.links import Links
from codered.model.target import Target

_AT_LINKS = (errno.ELOOP, errno.ENOTDIR)


class RecordedPlaces:
    """Opens folders as packages name them. /usr/share/doc/x may be a link to the documentation of another package."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._links = Links(target, ())

    def open_folder(self, rel: bytes) -> int | None:
        """A descriptor of the folder; None if there is none. Raises OSError if that can't be told."""
        if b"\0" in rel:
            raise OSError("not a path: it holds a NUL")
        try:
            return self._target.open_dir(rel)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno not in _AT_LINKS:
                raise
        end = self._links.follow(b"", rel)
        if end.trouble:
            raise OSError(end.trouble)
        if end.status is None or b".." in rel.split(b"/"):
            return None
        try:
            return self._target.open_dir(b"/".join(end.parts))
        except (FileNotFoundError, NotADirectoryError):
            return None


def list_names(target: Target, rel: bytes, most: int) -> list[bytes]:
    """At most so many paths of what lies in a folder, in no order; none if it can't be listed."""
    try:
        folder = target.open_dir(rel)
    except OSError:
        return []
    try:
        with os.scandir(folder) as entries:
            return [rel + b"/" + os.fsencode(entry.name) for entry, _ in zip(entries, range(most), strict=False)]
    finally:
        os.close(folder)
