"""Messages to audiences: all of them, and one with who approved its very words and where it went."""

from http import HTTPStatus
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from codered.export.writing.escaping import legible
from codered.model.errors import CodeRedError, WrongUse
from codered_hq.config import headquarters_folder, read_config
from codered_hq.console.acting import page
from codered_hq.console.crisis.answering import cut_page
from codered_hq.console.speaking.forms import SendForm, WhyForm
from codered_hq.console.viewing import Viewer
from codered_hq.incidents.audiences import find_audience, may_tell, read_audiences
from codered_hq.incidents.messages import OPEN, digest_words, find_message, find_missing
from codered_hq.incidents.models import Message

STATES = ("draft", "approved", "queued", "withdrawn")


class Approval(NamedTuple):
    """Who approved in which role, when (as it was entered), and whether these very words."""

    role: str
    name: str
    at: str
    same: bool


@page
def show_messages(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All messages of the incident."""
    return render(request, "console/speaking/messages.html", _list_context(request, viewer))


@page
def show_messages_part(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Their table alone."""
    return render(request, "console/speaking/messages_part.html", _list_context(request, viewer))


@page
def show_message(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """One message."""
    return render_message(request, viewer, number)


@page
def show_message_part(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """Its approvals and where it went."""
    message = find_message_of(viewer, number)
    return render(request, "console/speaking/message_part.html", _tell_message(message, viewer))


def render_message(
    request: HttpRequest, viewer: Viewer, number: int, problem: CodeRedError | None = None, **forms: Any
) -> HttpResponse:
    """The page of a message as it is now; with a `problem` it answers 409."""
    message = find_message_of(viewer, number)
    ways = tuple(way.name for way in read_config(headquarters_folder()).notify if may_tell(way, message.audience))
    status = forms.pop("status", HTTPStatus.OK)
    context = _tell_message(message, viewer) | {
        "problem": problem,
        "body_lines": [legible(line, len(line)) for line in message.body.splitlines()],
        "why_form": WhyForm(auto_id="why_%s"), "send_form": SendForm(auto_id="send_%s", ways=ways),
        "ways": ways, **forms,
    }  # fmt: skip
    return render(request, "console/speaking/message.html", context, status=HTTPStatus.CONFLICT if problem else status)


def find_message_of(viewer: Viewer, number: int) -> Message:
    """A message of the incident that is looked at; of any if none is chosen. Raises WrongUse."""
    if viewer.incident is not None:
        return find_message(viewer.incident, number)
    found = Message.objects.select_related("incident").filter(pk=number).first()
    if found is None:
        raise WrongUse("no such message", where=f"{number}", advice="the list shows them")
    return found


def mark_seen(message: Message) -> str:
    """What a form was made from: these very words, and what has become of them."""
    return f"{message.state}:{digest_words(message)}"


def _list_context(request: HttpRequest, viewer: Viewer) -> dict[str, Any]:
    audience, state = request.GET.get("audience", ""), request.GET.get("state", "")
    rows = _find_rows(viewer)
    if audience in read_audiences():
        rows = rows.filter(audience=audience)
    if state in STATES:
        rows = rows.filter(state=state)
    paged = cut_page(request, rows.order_by("-pk"))
    shown = [(each, find_missing(each) if each.state in OPEN else ()) for each in paged]
    rumours = viewer.incident.rumours.filter(state="open").count() if viewer.incident else 0
    return {
        "page": paged, "rows": shown, "audience": audience, "state": state, "states": STATES,
        "audiences": tuple(read_audiences()), "open_rumours": rumours, "query": request.GET.urlencode(),
    }  # fmt: skip


def _find_rows(viewer: Viewer) -> "QuerySet[Message, Message]":
    rows = Message.objects.filter(incident=viewer.incident) if viewer.incident else Message.objects.none()
    return rows.annotate(
        sent=Count("outgoing", filter=Q(outgoing__state="sent")),
        waiting=Count("outgoing", filter=Q(outgoing__state="queued")),
        lost=Count("outgoing", filter=Q(outgoing__state="given_up")),
    )


def _tell_message(message: Message, viewer: Viewer) -> dict[str, Any]:
    digest, missing = digest_words(message), find_missing(message)
    approvals = [
        Approval(role, name, at[:16].replace("T", " "), seen == digest) for role, name, at, seen in message.approved
    ]
    approved = any(each.same and each.name == viewer.name for each in approvals)
    mine = [] if approved or message.state not in OPEN else [role for role in missing if role in viewer.roles]
    return {
        "message": message, "digest": digest, "missing": missing, "approvals": approvals, "mine": mine,
        "seen": mark_seen(message), "is_open": message.state in OPEN, "needs": find_audience(message.audience).needs,
        "outgoing": message.outgoing.order_by("pk"), "replaced_by": message.replaced_by.order_by("pk"),
    }  # fmt: skip
