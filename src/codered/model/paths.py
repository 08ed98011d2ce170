"""File names as text: Linux names are bytes, reports are UTF-8, and neither may lose the other."""

import os

import msgspec


class FilePath(msgspec.Struct, frozen=True, omit_defaults=True):
    """An absolute path on the machine that runs the tool.

    `text` is what people read; it is exact when `raw` is None. A name that is not UTF-8 keeps its bytes in `raw`,
    and its `text` shows the odd bytes as \\xNN.
    """

    text: str
    raw: bytes | None = None

    def to_bytes(self) -> bytes:
        """The exact bytes of the path, as the kernel knows it."""
        return self.raw if self.raw is not None else self.text.encode()


def path_from_bytes(path: bytes) -> FilePath:
    """The FilePath of a path the kernel gave us."""
    try:
        return FilePath(path.decode())
    except UnicodeDecodeError:
        return FilePath(path.decode(errors="backslashreplace"), path)


def path_from_text(path: str) -> FilePath:
    """The FilePath of a path that came from the command line (which may hold surrogate escapes)."""
    return path_from_bytes(os.fsencode(path))
