"""Asking the `rpm` program about a copy of a target's package database. The database is hostile: it is copied with a
limit into a folder of our own, and asked as nobody, without any settings of this host or of the target.
"""

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from codered.model.target import Target

NO_PROGRAM = "an rpm database, and no rpm program here: install rpm to have its packages looked at"
TOO_LARGE = "the rpm database is larger than can be looked at"
TOO_LONG = "rpm gave no answer in time: its packages are not known"
UNREADABLE = "rpm can't read this database: its packages are not known"
FOLDERS = (b"usr/lib/sysimage/rpm", b"var/lib/rpm")
BACKENDS = ((b"rpmdb.sqlite", "sqlite"), (b"Packages.db", "ndb"), (b"Packages", "bdb_ro"))
_BESIDE = (b"rpmdb.sqlite-wal", b"rpmdb.sqlite-shm", b"Index.db")
MOST_BYTES = 1 << 30
MOST_ANSWER = 512 << 20
SECONDS = 120.0
_NOBODY = 65534
_PLACES = "/usr/bin:/bin:/usr/local/bin"


class RpmTrouble(Exception):
    """Why a database that is there could not be asked, in words for the user."""


class RpmPlace(NamedTuple):
    """Where a target has its database: the folder and the file below the root, and how it is made."""

    folder: bytes
    name: bytes
    backend: str


def find_database(target: Target) -> RpmPlace | None:
    """Where the target's rpm database is; None if it has none."""
    for folder in FOLDERS:
        for name, backend in BACKENDS:
            try:
                descriptor = target.open_file(folder + b"/" + name)
            except OSError:
                continue
            os.close(descriptor)
            return RpmPlace(folder, name, backend)
    return None


def ask_rpm(target: Target, place: RpmPlace, query: str) -> bytes:
    """What `rpm -qa --qf QUERY` says of the target's packages. Raises RpmTrouble."""
    program = shutil.which("rpm", path=_PLACES)
    if program is None:
        raise RpmTrouble(NO_PROGRAM)
    with _copy_database(target, place) as folder:
        command = [
            program, "--rcfile", "/dev/null", "--macros", "/dev/null", "--define", f"_db_backend {place.backend}",
            "--dbpath", folder, "--nosignature", "--nodigest", "-qa", "--qf", query,
        ]  # fmt: skip
        return _run(command, folder)


@contextmanager
def _copy_database(target: Target, place: RpmPlace) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="codered-rpm-") as folder:
        left = MOST_BYTES
        for name in (place.name, *_BESIDE):
            into = os.path.join(os.fsencode(folder), name)
            try:
                left -= _copy(target.open_file(place.folder + b"/" + name), into, left)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise RpmTrouble(f"the rpm database can't be read ({error.strerror or error})") from None
            if os.geteuid() == 0:
                os.chown(into, _NOBODY, _NOBODY)
        if os.geteuid() == 0:
            os.chown(folder, _NOBODY, _NOBODY)
        yield folder


def _copy(descriptor: int, into: bytes, most: int) -> int:
    copied = 0
    with os.fdopen(descriptor, "rb") as source, open(into, "xb") as copy:
        if not stat.S_ISREG(os.fstat(source.fileno()).st_mode):
            raise RpmTrouble(UNREADABLE)
        while piece := source.read(1 << 20):
            copied += len(piece)
            if copied > most:
                raise RpmTrouble(TOO_LARGE)
            copy.write(piece)
    return copied


def _run(command: list[str], folder: str) -> bytes:
    nobody = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryFile() as answer:
        process = subprocess.Popen(  # noqa: S603 - a list, and the program comes from the system's own folders
            command, stdin=subprocess.DEVNULL, stdout=answer, stderr=subprocess.DEVNULL, cwd=folder,
            env={"PATH": _PLACES, "HOME": folder, "LC_ALL": "C"}, **nobody,
        )  # type: ignore[call-overload]  # fmt: skip
        try:
            code = process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            raise RpmTrouble(TOO_LONG) from None
        finally:
            process.kill()
            process.wait()
        size = os.fstat(answer.fileno()).st_size
        if code or size > MOST_ANSWER:
            raise RpmTrouble(UNREADABLE if code else TOO_LARGE)
        answer.seek(0)
        return answer.read()
