"""What `codered incident rumour` and `lessons` do."""

from datetime import datetime
from typing import Any

from codered.model.errors import ExitCode
from codered_hq.cli.incident_marks import Listing, answer, begin_reading, begin_writing, read_moment, show_all
from codered_hq.cli.tables import show_time
from codered_hq.incidents import lessons, rumours
from codered_hq.incidents.models import Lesson
from codered_hq.incidents.views import LESSONS_FORMAT, RUMOURS_FORMAT, view_lesson, view_rumour


def add_rumour(given: dict[str, Any]) -> int:
    """Note one. Raises WrongUse."""
    incident, speaker, now = begin_writing(given)
    made = rumours.add_rumour(incident, given["text"], given["heard_from"], speaker, now)
    answer(given, view_rumour(made), f"rumour {made.pk}: {made.heard}")
    return ExitCode.CLEAN


def check_rumour(given: dict[str, Any]) -> int:
    """Say what is true. Raises WrongUse, Refused."""
    incident, speaker, now = begin_writing(given)
    found = rumours.find_rumour(incident, given["number"])
    checked = rumours.check_rumour(found, given["true"], given["answer"], speaker, now)
    answer(given, view_rumour(checked), f"rumour {checked.pk} is {checked.state}: {checked.answer}")
    return ExitCode.CLEAN


def list_rumours(given: dict[str, Any]) -> int:
    """Every one; exits with 3 while one is open."""
    incident, _now = begin_reading(given["incident"])
    views = tuple(view_rumour(each) for each in incident.rumours.order_by("pk"))
    rows = (
        (f"{view.number}", view.state, show_time(view.at), view.heard_from or "-", view.heard, view.answer or "-")
        for view in views
    )
    titles = ("#", "state", "heard (UTC)", "from", "what is said", "what is true")
    show_all(given, incident, Listing(RUMOURS_FORMAT, "rumour", views, titles, rows))
    return ExitCode.INCOMPLETE if any(view.state == "open" for view in views) else ExitCode.CLEAN


def add_lesson(given: dict[str, Any]) -> int:
    """Write one down. Raises WrongUse."""
    incident, speaker, now = begin_writing(given)
    made = lessons.add_lesson(incident, given["text"], _read_said(given, now), speaker, now)
    return _tell(given, made, now)


def change_lesson(given: dict[str, Any]) -> int:
    """What is new about one. Raises WrongUse, Refused."""
    incident, speaker, now = begin_writing(given)
    found = lessons.change_lesson(incident, given["number"], _read_said(given, now), speaker, now)
    return _tell(given, found, now)


def close_lesson(given: dict[str, Any]) -> int:
    """Close one. Raises WrongUse, Refused with what is missing."""
    incident, speaker, now = begin_writing(given)
    found = lessons.close_lesson(incident, given["number"], _read_said(given, now), speaker, now)
    return _tell(given, found, now)


def list_lessons(given: dict[str, Any]) -> int:
    """Every one; exits with 3 while one is late."""
    incident, now = begin_reading(given["incident"])
    views = tuple(view_lesson(each, now) for each in incident.lessons.order_by("pk"))
    rows = (
        (
            f"{view.number}", f"{view.state}{' LATE' if view.late else ''}", view.owner or "nobody",
            show_time(view.due_at) or "-", show_time(view.recheck_at) or "-", view.control or "-", view.text,
        )
        for view in views
    )  # fmt: skip
    titles = ("#", "state", "owner", "due (UTC)", "looked at again", "control", "what was learned")
    show_all(given, incident, Listing(LESSONS_FORMAT, "lesson", views, titles, rows))
    return ExitCode.INCOMPLETE if any(view.late for view in views) else ExitCode.CLEAN


def _read_said(given: dict[str, Any], now: datetime) -> lessons.Said:
    return lessons.Said(
        owner=given["owner"], due_at=read_moment(given["due"], "--due", now), control=given["control"],
        proof=given["proof"], recheck_at=read_moment(given["recheck"], "--recheck", now),
    )  # fmt: skip


def _tell(given: dict[str, Any], lesson: Lesson, now: datetime) -> int:
    owner = lesson.owner or "nobody yet"
    answer(given, view_lesson(lesson, now), f"lesson {lesson.pk} ({lesson.state}, owner {owner}): {lesson.text}")
    return ExitCode.CLEAN
