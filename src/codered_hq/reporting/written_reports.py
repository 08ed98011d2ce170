"""Status reports that were written into headquarters' folder: which there are, and their files as they lie there."""

import os
import re
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from codered.model.errors import WrongUse
from codered_hq.config import headquarters_folder
from codered_hq.incidents.models import Incident
from codered_hq.reporting.hourly import FOLDER, MOST_BYTES, STAMP, read_report, spell_name

ENDINGS = ("html", "pdf", "txt", "json")
_FILE = re.compile(r"(?P<stem>.+-(?P<at>\d{8}T\d{6}Z))\.(?P<ending>html|pdf|txt|json)", re.ASCII)
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_ADVICE = "choose one of the list"


class WrittenReport(NamedTuple):
    """A report that lies there: when it was made (aware), and its files by ending."""

    at: datetime
    files: dict[str, str]


def list_written(incident: Incident) -> list[WrittenReport]:
    """The reports of an incident, the newest first. Links, and what was not written by us, are passed over."""
    start, found = f"{spell_name(incident.name)}-", dict[str, dict[str, str]]()
    try:
        with os.scandir(headquarters_folder() / FOLDER) as entries:
            for entry in entries:
                named = _FILE.fullmatch(entry.name)
                if named and named["stem"] == start + named["at"] and entry.is_file(follow_symlinks=False):
                    found.setdefault(named["at"], {})[named["ending"]] = entry.name
    except OSError:
        return []
    return [WrittenReport(_read_stamp(stamp), files) for stamp, files in sorted(found.items(), reverse=True)]


def read_written(incident: Incident, name: str) -> tuple[bytes, str]:
    """The bytes of one of its files, and its ending. Raises WrongUse for a name that is not in the list, a link, and a
    file whose JSON does not say that it is of this incident.
    """
    named = _FILE.fullmatch(name)
    if named is None or named["stem"] != f"{spell_name(incident.name)}-{named['at']}":
        raise WrongUse("is no report of this incident", where=name[:80], advice=_ADVICE)
    folder = headquarters_folder() / FOLDER
    status = read_report(folder / f"{named['stem']}.json")
    if status is None or status.incident != incident.name:
        raise WrongUse("is no report of this incident", where=name[:80], advice=_ADVICE)
    return _read(folder / name), named["ending"]


def _read(path: Path) -> bytes:
    try:
        with open(os.open(path, _FLAGS), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise WrongUse("is no file", where=path.name, advice=_ADVICE)
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise WrongUse(f"can't be read: {error.strerror}", where=path.name, advice=_ADVICE) from None
    if len(content) > MOST_BYTES:
        raise WrongUse("is too large", where=path.name, advice="read it at headquarters")
    return content


def _read_stamp(stamp: str) -> datetime:
    return datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
