"""Reports that are due: written into headquarters' folder, told to the crisis team, and the next one set."""

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
from django.db import transaction

from codered.model.errors import CodeRedError, WrongUse
from codered.system.private_files import make_private_folder
from codered_hq.config import Config, headquarters_folder
from codered_hq.incidents.models import Incident
from codered_hq.incidents.outbox import EVERYBODY, queue_notice
from codered_hq.ledger.writing import enter
from codered_hq.model.crisis import Tlp
from codered_hq.model.notice import Notice
from codered_hq.opening import be_patient
from codered_hq.reporting.document import StatusReport
from codered_hq.reporting.gathering import make_status
from codered_hq.reporting.page import write_page
from codered_hq.reporting.printing import make_pdf
from codered_hq.reporting.text import write_text
from codered_hq.reporting.words import mark_tlp, name_number
from codered_hq.reporting.writing import write_bytes

FOLDER = "reports"  # of headquarters' folder
MOST_BYTES = 64 << 20  # of a report that is read again
_NAME = re.compile(r"[^A-Za-z0-9._-]")
STAMP = "%Y%m%dT%H%M%SZ"


class Made(NamedTuple):
    """A report that was made: of which incident, its files, and what could not be made."""

    incident: str
    files: tuple[Path, ...]
    problem: str = ""


def make_due(config: Config, at: datetime) -> list[Made]:
    """Write the report of each open incident whose time has come (at is aware), and queue it for everybody on duty. One
    that was missed while nobody worked is made once. Raises WrongUse if the folder can't be written.
    """
    del config  # the queue knows the ways
    due = be_patient(lambda: list(Incident.objects.filter(closed_at=None, next_report_at__lte=at).order_by("pk")))
    return [_make_one(incident, at) for incident in due]


def find_last(incident: Incident, before: datetime) -> StatusReport | None:
    """The newest report of an incident from before this time (aware) that can be read; None if there is none."""
    folder, start = headquarters_folder() / FOLDER, f"{spell_name(incident.name)}-"
    try:
        names = sorted((name for name in os.listdir(folder) if _is_report(name, start)), reverse=True)
    except OSError:
        return None
    for name in names[:20]:
        status = read_report(folder / name)
        if status is not None and status.incident == incident.name and status.at < before:
            return status
    return None


def _make_one(incident: Incident, at: datetime) -> Made:
    status = make_status(incident, at, find_last(incident, at))
    coming = at + timedelta(seconds=max(incident.report_every_seconds, 60))
    status = msgspec.structs.replace(status, next_report_at=coming)
    page, text = write_page(status), write_text(status)
    stem = f"{spell_name(incident.name)}-{at.astimezone(UTC):{STAMP}}"
    contents = {"json": msgspec.json.encode(status), "html": page.encode(), "txt": text.encode()}
    problem = ""
    try:
        contents["pdf"] = make_pdf(page)
    except CodeRedError as error:  # a host without the extra: the other forms are as good
        problem = str(error)
    paths = tuple(_open_folder() / f"{stem}.{ending}" for ending in contents)
    for path, content in zip(paths, contents.values(), strict=True):
        write_bytes(path, content)
    be_patient(lambda: _note(incident, status, text, coming))
    return Made(incident.name, paths, problem)


def _note(incident: Incident, status: StatusReport, text: str, coming: datetime) -> None:
    """The next report's time and the notices are set together: a crash before makes the report again."""
    with transaction.atomic():
        mine = Incident.objects.filter(pk=incident.pk, next_report_at=incident.next_report_at, closed_at=None)
        if not mine.update(next_report_at=coming):
            return  # another worker was quicker
        queue_notice(EVERYBODY, _make_notice(incident, status, text), status.at, incident)
        what = f"status report of {status.at:%Y-%m-%d %H:%M} UTC made, the next is due {coming:%Y-%m-%d %H:%M} UTC"
        detail = {"infected": status.numbers.infected, "not_reached": status.numbers.not_reached}
        enter("notice", "headquarters", what, status.at, incident=incident.name, detail=detail)


def _make_notice(incident: Incident, status: StatusReport, text: str) -> Notice:
    drill = "DRILL: " if incident.drill else ""
    light = mark_tlp(status).removeprefix("TLP:")
    if light == "RED":
        body = "A status report is ready at headquarters. It is TLP:RED: have it shown to you there."
        return Notice(to="", subject=f"{drill}A status report is ready", body=body, tlp="AMBER+STRICT")
    subject = f"{drill}Status of {incident.name}: {status.numbers.infected:,} {name_number('infected', status)}"
    return Notice(to="", subject=subject, body=text, tlp=msgspec.convert(light, Tlp))


def _open_folder() -> Path:
    folder = headquarters_folder() / FOLDER
    try:
        make_private_folder(folder)
    except OSError as error:
        advice = "see that the folder of headquarters is yours"
        raise WrongUse(f"can't be made: {error.strerror}", where=str(folder), advice=advice) from None
    return folder


def read_report(path: Path) -> StatusReport | None:
    """A report that was written as JSON; None if it can't be read. A link is not followed."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            return msgspec.json.decode(file.read(MOST_BYTES), type=StatusReport)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None  # one that can't be read is none: changes are told against the one before it


def _is_report(name: str, start: str) -> bool:
    """The time's form tells an incident from another whose name goes on with a dash."""
    stamp = name.removeprefix(start).removesuffix(".json")
    return name.startswith(start) and name.endswith(".json") and len(stamp) == len("20261123T010203Z")


def spell_name(name: str) -> str:
    """An incident's name as the names of its files begin."""
    return _NAME.sub("_", name).lstrip(".") or "incident"
