"""What is done with messages: written, approved in a role, sent, withdrawn."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from codered.model.errors import AwaitingApproval, WrongUse
from codered_hq.config import headquarters_folder, read_config
from codered_hq.console.acting import action, page
from codered_hq.console.crisis.answering import SEEN, Changed, need_incident, send_on
from codered_hq.console.speaking.filling import fill
from codered_hq.console.speaking.forms import MessageForm, SendForm, WhyForm
from codered_hq.console.speaking.messages import find_message_of, mark_seen, render_message
from codered_hq.console.viewing import Viewer
from codered_hq.incidents import messages
from codered_hq.incidents.audiences import may_tell
from codered_hq.incidents.models import Message

_PLACES = {"--subject": "subject", "--body": "body", "--audience": "audience", "--tlp": "tlp"}
_CHANGED = "somebody changed it since you saw it: this is how it is now"


@page
def show_draft(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The form of a new message; `replaces` an earlier one, or answers a `rumour`."""
    return _render_draft(request, viewer, MessageForm(initial=_find_initial(request, viewer)))


@action
def write_draft(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Write it."""
    viewer.demand_team()
    incident, form = need_incident(viewer), MessageForm(request.POST)

    def work(said: dict[str, Any]) -> Message:
        words = messages.Words(said["audience"], said["subject"], said["body"], said["tlp"], said["replaces"] or 0)
        return messages.draft(incident, words, viewer.speaker, viewer.at)

    made, status = fill(form, work, _PLACES)
    if made is None:
        return _render_draft(request, viewer, form, status)
    missing = " and ".join(messages.find_missing(made))
    next_step = f"approved by {missing} it can be sent" if missing else "it can be sent"
    return send_on(request, f"message {made.pk} to {made.audience} written: {next_step}", "message", made.pk)


@action
def approve(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """Approve the words that were seen, in a role; a second click finds it done."""
    viewer.demand_team()
    need_incident(viewer)
    message = find_message_of(viewer, number)
    if any(name == viewer.name and seen == _read_digest(request) for _r, name, _at, seen in message.approved):
        return send_on(request, f"you approved message {number} already", "message", number)
    if (problem := _find_change(request, message)) is not None:
        return render_message(request, viewer, number, problem)
    role = request.POST.get("role", "")[:64]
    try:
        done = messages.approve(message, role, viewer.speaker, viewer.at, _read_digest(request))
    except messages.OtherWords:
        return render_message(request, viewer, number, _make_change(number))
    missing = " and ".join(messages.find_missing(done))
    return send_on(
        request, f"approved; {f'still missing: {missing}' if missing else 'it can be sent'}", "message", number
    )


@action
def send(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """Put it into the queue, or note how it was told by hand."""
    viewer.demand_team()
    need_incident(viewer)
    message = find_message_of(viewer, number)
    if (problem := _find_change(request, message)) is not None:
        return render_message(request, viewer, number, problem)
    ways = tuple(way.name for way in read_config(headquarters_folder()).notify if may_tell(way, message.audience))
    form = SendForm(request.POST, auto_id="send_%s", ways=ways)

    def work(said: dict[str, Any]) -> int:
        return messages.send(message, said["way"], said["by_hand"].strip(), viewer.speaker, viewer.at)

    try:
        queued, status = fill(form, work, {"--way": "way"})
    except AwaitingApproval as error:
        return render_message(request, viewer, number, error)
    if queued is None:
        return render_message(request, viewer, number, send_form=form, status=status)
    how = f"{queued} notices in the queue: the worker sends them" if queued else "noted as told by hand"
    return send_on(request, f"message {number}: {how}", "message", number)


@action
def withdraw(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """Never send it, or say that what was sent does not hold any more."""
    viewer.demand_team()
    need_incident(viewer)
    message = find_message_of(viewer, number)
    if (problem := _find_change(request, message)) is not None:
        return render_message(request, viewer, number, problem)
    form = WhyForm(request.POST, auto_id="why_%s")

    def work(said: dict[str, Any]) -> bool:
        messages.withdraw(message, said["why"], viewer.speaker, viewer.at)
        return True

    done, status = fill(form, work, {"--why": "why"})
    if done is None:
        return render_message(request, viewer, number, why_form=form, status=status)
    return send_on(request, f"message {number} withdrawn", "message", number)


def _render_draft(
    request: HttpRequest, viewer: Viewer, form: MessageForm, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    replaces = form.data.get("replaces") or form.initial.get("replaces")
    context = {"form": form, "replaces": replaces, "writable": viewer.incident and not viewer.incident.closed_at}
    return render(request, "console/speaking/message_new.html", context, status=status)


def _find_initial(request: HttpRequest, viewer: Viewer) -> dict[str, object]:
    """What a new message begins with: the words of the one it replaces, or the answer to a rumour."""
    replaces, rumour = (request.GET.get(name, "") for name in ("replaces", "rumour"))
    if replaces.isdecimal() and len(replaces) < 12:
        old = find_message_of(viewer, int(replaces))
        return {"audience": old.audience, "tlp": old.tlp, "subject": old.subject, "body": old.body, "replaces": old.pk}
    if rumour.isdecimal() and len(rumour) < 12 and viewer.incident is not None:
        found = viewer.incident.rumours.filter(pk=int(rumour)).exclude(state="open").first()
        if found is None:
            raise WrongUse("no rumour that was looked into has this number", where=rumour)
        return {"audience": "staff", "subject": "What is true", "body": found.answer}
    return {}


def _read_digest(request: HttpRequest) -> str:
    return request.POST.get(SEEN, "").rpartition(":")[2]


def _find_change(request: HttpRequest, message: Message) -> Changed | None:
    return None if request.POST.get(SEEN, "") == mark_seen(message) else _make_change(message.pk)


def _make_change(number: int) -> Changed:
    return Changed(_CHANGED, where=f"message {number}", advice="read it again, then decide")
