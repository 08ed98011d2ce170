"""What `codered incident notify` and `message` do."""

from typing import Any

from codered.cli.output import say
from codered.model.errors import ExitCode
from codered_hq.cli.incident_marks import Listing, answer, begin_reading, begin_writing, read_text, show_all
from codered_hq.cli.tables import count
from codered_hq.incidents import messages
from codered_hq.incidents.views import MESSAGES_FORMAT, MessageView, view_message


def notify(given: dict[str, Any]) -> int:
    """A draft. Raises WrongUse, Refused."""
    body = read_text(given["body"], given["path"], "--body")
    incident, speaker, now = begin_writing(given)
    words = messages.Words(given["audience"], given["subject"], body, given["tlp"], given["replaces"])
    view = view_message(messages.draft(incident, words, speaker, now))
    answer(given, view, _tell(view))
    _tell_following(view)
    return ExitCode.CLEAN


def approve(given: dict[str, Any]) -> int:
    """Approve these words; exits with 5 while somebody is missing. Raises Refused, WrongUse."""
    incident, speaker, now = begin_writing(given)
    found = messages.find_message(incident, given["number"])
    view = view_message(messages.approve(found, given["role"], speaker, now))
    answer(given, view, _tell(view))
    _tell_following(view)
    return ExitCode.AWAITING_APPROVAL if view.missing else ExitCode.CLEAN


def withdraw(given: dict[str, Any]) -> int:
    """Withdraw it. Raises Refused, WrongUse."""
    incident, speaker, now = begin_writing(given)
    found = messages.find_message(incident, given["number"])
    messages.withdraw(found, given["why"], speaker, now)
    found.refresh_from_db()
    answer(given, view_message(found), _tell(view_message(found)))
    return ExitCode.CLEAN


def send(given: dict[str, Any]) -> int:
    """Queue it. Raises AwaitingApproval, Refused, WrongUse."""
    incident, speaker, now = begin_writing(given)
    found = messages.find_message(incident, given["number"])
    queued = messages.send(found, given["way"], given["by_hand"], speaker, now)
    found.refresh_from_db()
    how = "told by hand" if given["by_hand"] else f"{count(queued, 'notice')} queued; codered work sends them"
    answer(given, view_message(found), f"message {found.pk} to {found.audience}: {how}")
    return ExitCode.CLEAN


def list_all(given: dict[str, Any]) -> int:
    """Every message."""
    incident, _now = begin_reading(given["incident"])
    views = tuple(view_message(each) for each in incident.messages.order_by("pk"))
    rows = (
        (f"{view.number}", view.audience, view.state, view.tlp, _tell_approvers(view), view.subject) for view in views
    )
    titles = ("#", "to", "state", "TLP", "who must approve", "subject")
    show_all(given, incident, Listing(MESSAGES_FORMAT, "message", views, titles, rows))
    return ExitCode.CLEAN


def _tell(view: MessageView) -> str:
    waits = f", waits for {' and '.join(view.missing)}" if view.missing and view.state == "draft" else ""
    free = "" if view.needs or view.state != "approved" else f", what {view.audience} are told needs nobody's approval"
    return f"message {view.number} to {view.audience} ({view.state}, TLP:{view.tlp}{waits}{free}): {view.subject}"


def _tell_approvers(view: MessageView) -> str:
    return " ".join(view.missing) or ("-" if view.needs else "nobody must")


def _tell_following(view: MessageView) -> None:
    word = "approve" if view.missing else "send"
    say(f"codered: next: codered incident message {word} {view.number}")
