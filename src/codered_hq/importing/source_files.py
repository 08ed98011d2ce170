"""A hostile file, line by line: capped in bytes, in lines and in the length of a line, never through a link."""

import codecs
import errno
import io
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from codered.model.errors import WrongUse
from codered.system.descriptors import READ_FILE

MOST_BYTES = 256 << 20
MOST_LINES = 8_000_000
MOST_LINE = 1 << 16
SAMPLE_BYTES = 1 << 16
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class SourceFile:
    """An open file. `name` is what people call it; `modified` when it was written; `odd` counts lines that were not
    UTF-8 and read as Windows-1252.
    """

    def __init__(self, file: BinaryIO, name: str, modified: datetime) -> None:
        self.name = name
        self.modified = modified
        self.odd = 0
        self._file = file
        self._encoding, self._mark = "utf-8", b""
        start = file.read(4)
        for mark, encoding in _MARKS:
            if start.startswith(mark):
                self._encoding, self._mark = encoding, mark
        file.seek(0)

    def close(self) -> None:
        """Let go of it."""
        self._file.close()

    def sample(self) -> list[str]:
        """The first lines, at most SAMPLE_BYTES of them; the file is at its start again."""
        self._file.seek(len(self._mark))
        data = self._file.read(SAMPLE_BYTES)
        self._file.seek(0)
        return data.decode(self._encoding, errors="replace").splitlines()[:400]

    def whole(self, most: int) -> bytes:
        """All of it as UTF-8 without a byte order mark. Raises WrongUse if it is larger than `most` bytes."""
        self._file.seek(len(self._mark))
        data = self._file.read(most + 1)
        if len(data) > most:
            raise WrongUse(f"larger than {most} bytes", where=self.name, advice="split it")
        return data if self._encoding == "utf-8" else data.decode(self._encoding, errors="replace").encode()

    def lines(self) -> Iterator[tuple[int, str | None]]:
        """Number and text of each line without its end; None for a line that is too long. Raises WrongUse."""
        chunks = self._plain_lines() if self._encoding == "utf-8" else self._wide_lines()
        for number, chunk in enumerate(chunks, 1):
            if number > MOST_LINES:
                raise WrongUse(f"more than {MOST_LINES} lines", where=self.name, advice="split it")
            yield number, chunk

    def _plain_lines(self) -> Iterator[str | None]:
        self._file.seek(len(self._mark))
        while data := self._file.readline(MOST_LINE):
            if not data.endswith(b"\n") and len(data) == MOST_LINE:
                while (rest := self._file.readline(MOST_LINE)) and not rest.endswith(b"\n"):
                    pass
                yield None
                continue
            try:
                yield data.decode().rstrip("\r\n")
            except UnicodeDecodeError:
                self.odd += 1
                yield data.decode("cp1252", errors="replace").rstrip("\r\n")

    def _wide_lines(self) -> Iterator[str | None]:
        self._file.seek(len(self._mark))
        text = io.TextIOWrapper(self._file, self._encoding, errors="replace", newline="\n")
        try:
            while line := text.readline(MOST_LINE):
                if not line.endswith("\n") and len(line) == MOST_LINE:
                    while (rest := text.readline(MOST_LINE)) and not rest.endswith("\n"):
                        pass
                    yield None
                    continue
                yield line.rstrip("\r\n")
        finally:
            text.detach()


def open_source(path: Path) -> SourceFile:
    """The file, to be closed by the caller. Raises WrongUse if it can't be read, is no plain file or too large."""
    try:
        descriptor = os.open(path, READ_FILE)
    except OSError as error:
        advice = "give the file itself, not a link to it" if error.errno == errno.ELOOP else "see that it is there"
        raise WrongUse(f"can't be read ({error.strerror})", where=str(path), advice=advice) from None
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        os.close(descriptor)
        raise WrongUse("is no plain file", where=str(path), advice="save what it says into a file")
    file = os.fdopen(descriptor, "rb")
    try:
        if facts.st_size > MOST_BYTES:
            raise WrongUse(f"larger than {MOST_BYTES >> 20} MiB", where=str(path), advice="split it")
        return SourceFile(file, path.name, datetime.fromtimestamp(facts.st_mtime, UTC))
    except WrongUse:
        file.close()
        raise
