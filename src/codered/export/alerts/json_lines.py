"""Alerts as JSON lines in a file, each on the disk before the next."""

import os
import stat

import msgspec

from codered.model.errors import WrongUse
from codered.model.monitoring import MonitorEvent


class JsonLines:
    """Appends to a file, which only its owner may read; it may be renamed away at any time (logrotate)."""

    def __init__(self, path: str) -> None:
        """Raises WrongUse if it can't be written."""
        self._path = os.path.abspath(path)
        self._failed: dict[str, int] = {}
        self._torn = False
        try:
            os.close(self._open())
        except OSError as error:
            what, advice = (
                f"can't be written: {error.strerror or error}",
                "name a regular file in a folder that is there",
            )
            raise WrongUse(what, where=self._path, advice=advice) from None

    def send(self, event: MonitorEvent) -> None:
        """Take an alert."""
        try:
            descriptor = self._open()
            try:
                line = b"\n" * self._torn + msgspec.json.encode(event) + b"\n"
                written = os.write(descriptor, line)
                self._torn = written < len(line)  # a disk that is full takes a part
                if self._torn:
                    raise OSError("only a part of it could be written")
                os.fdatasync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            why = error.strerror or str(error)
            self._failed[why] = self._failed.get(why, 0) + 1

    def troubles(self) -> tuple[str, ...]:
        """What could not be written."""
        found = tuple(f"{self._path}: {count} alerts not written: {why}" for why, count in self._failed.items())
        self._failed = {}
        return found

    def close(self) -> None:
        """Nothing waits."""

    def _open(self) -> int:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(self._path, flags, 0o600)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError("not a regular file")
        return descriptor
