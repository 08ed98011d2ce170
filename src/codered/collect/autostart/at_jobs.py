"""Jobs of `at` and `batch` that wait in their spool."""

import re
from collections.abc import Iterator

from codered.collect.autostart.entries import make_entry
from codered.collect.autostart.places import read_folder, resolve_folders
from codered.collect.autostart.reading import Reader, as_text
from codered.collect.autostart.tables import table
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart

_UID = re.compile(rb"^# atrun uid=(\d{1,10})", re.MULTILINE)
_BEFORE_COMMAND = b"\n}\n"  # the job's own `cd … || {…}` comes last of what at writes itself


def collect_at_jobs(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """Every waiting job, one a file."""
    for folder in resolve_folders(reader, table("at-folders")):
        for file, _ in read_folder(reader, folder):
            name = file.rel.rpartition(b"/")[2]
            if name.startswith(b"."):
                continue  # .SEQ and locks
            uid = _UID.search(file.data[:4096])
            _, found, command = file.data.partition(_BEFORE_COMMAND)
            yield make_entry(
                reader, packages, file, "at", entry=as_text(name, 255), user=uid[1].decode() if uid else "",
                command=as_text(command if found else file.data).strip(),
            )  # fmt: skip
