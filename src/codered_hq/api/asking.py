"""POST actions: a containment or a release is asked for; the gate answers, the worker carries it out."""

import hashlib
import math
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse

from codered.model.errors import Refused, WrongUse
from codered_hq.accounts.models import AskedKey
from codered_hq.api import reading
from codered_hq.api.bodies import MOST_ASKED_BYTES, read_body, read_json, show_json
from codered_hq.api.describing import describe, header
from codered_hq.api.documents import Asked, AskedAction
from codered_hq.api.errors import ApiError, NotThere, show_problem
from codered_hq.api.proving import BearerToken, Caller
from codered_hq.api.reading import demand_known, get_caller, view_action
from codered_hq.config import headquarters_folder, read_config
from codered_hq.containment.aiming import Surroundings, aim
from codered_hq.containment.asking import find_held, make_release_request, make_request
from codered_hq.containment.choosing import find_rows
from codered_hq.containment.goals import Goal, Wish, write_order
from codered_hq.gate.asking import ask
from codered_hq.gate.models import Decision
from codered_hq.hosts.finding import find_host
from codered_hq.incidents.current import find_incident_if_any, is_beside
from codered_hq.model.action import ActionRequest

KEY = "Idempotency-Key"
_KEY_FORM = r"^[!-~]{1,64}$"
_REFUSED = ("refused", "vetoed", "void", "expired")
router = reading.router
_HEADERS = (header(KEY, "the same key with the same body asks once", _KEY_FORM),)


class NotNow(ApiError):
    """It can't be asked for as things are: the incident is over, the key was used for something else."""


@router.post(
    "/actions",
    auth=BearerToken("actions:ask"),
    **describe(
        "ask_action", {200: Asked, 201: Asked, 202: Asked}, "400 404 409 413 415", body=AskedAction, headers=_HEADERS
    ),
)
def ask_action(request: HttpRequest) -> HttpResponse:
    """201: the rules allow it, the worker carries it out; 202: others must say yes; 200: it is so already; 403: a rule
    says no.
    """
    demand_known(request, None)
    caller, wanted = get_caller(request), read_json(request, AskedAction, MOST_ASKED_BYTES)
    mark = _take_key(request, caller)
    if mark and mark.decisions:
        return _show(_find_marked(mark), caller)
    try:
        host = find_host(wanted.host)
        incident = find_incident_if_any(wanted.incident)
    except WrongUse as error:
        raise NotThere(error.what, where=error.where, advice=error.advice) from None
    if incident is not None and incident.closed_at is not None:
        raise NotNow("is closed", where=incident.name, advice="name one that is open")
    name, drill = (incident.name, is_beside(incident)) if incident else ("", False)
    wish = Wish(seconds=math.ceil(wanted.seconds or 0), reason=wanted.reason, incident=name, drill=drill)
    if wanted.do == "release":
        return _release(host.pk, wish, caller, mark)
    goal = Goal(do="host", host=host.pk, quarantine=wanted.quarantine)
    if held := find_held(goal):
        return _show(list({row.decision_id: row.decision for row in held}.values()), caller, already=True)
    found = aim(goal, Surroundings(read_config(headquarters_folder())))
    return _ask([(make_request(found, wish, caller.name, caller.at), goal)], caller, mark)


def _release(host: int, wish: Wish, caller: Caller, mark: AskedKey | None) -> HttpResponse:
    asked = []
    try:
        groups = find_rows([f"#{host}"])
    except WrongUse as error:
        raise NotThere(error.what, where=error.where, advice="GET actions lists what is contained") from None
    for rows in groups:
        goal = Goal(do="release", uids=tuple(row.uid for row in rows))
        decision = rows[0].decision
        own = msgspec.structs.replace(wish, incident=wish.incident or decision.incident, drill=decision.drill)
        asked.append((make_release_request(rows, goal, own, caller.name, caller.at), goal))
    if not asked:
        raise NotThere("is not contained any more", where=f"host {host}", advice="GET actions lists what is")
    return _ask(asked, caller, mark)


def _ask(asked: Sequence[tuple[ActionRequest, Goal]], caller: Caller, mark: AskedKey | None) -> HttpResponse:
    speaker = caller.make_speaker()
    decisions = [ask(request, write_order(goal), speaker) for request, goal in asked]
    if mark:
        AskedKey.objects.filter(pk=mark.pk).update(decisions=[each.uid for each in decisions])
    return _show(decisions, caller)


def _take_key(request: HttpRequest, caller: Caller) -> AskedKey | None:
    """The idempotency key as it was first used by this token; None without one. Raises WrongUse, and NotNow if
    something else was asked with it.
    """
    key = request.headers.get(KEY)
    if key is None or caller.token is None:
        return None
    if not (0 < len(key) <= 64 and key.isascii() and key.isprintable() and " " not in key):
        raise WrongUse("is no key", where=KEY, advice="1 to 64 printable ASCII signs")
    body = hashlib.sha256(read_body(request, MOST_ASKED_BYTES)).hexdigest()
    given = {"body": body, "made_at": caller.at}
    known, _made = AskedKey.objects.get_or_create(token=caller.token, key=key, defaults=given)
    if known.body != body:
        raise NotNow("this key was used with another body", where=KEY, advice="use a new key for each wish")
    return known


def _find_marked(mark: AskedKey) -> list[Decision]:
    """What was decided for this key."""
    return list(Decision.objects.filter(uid__in=mark.decisions).select_related("requester").order_by("pk"))


def _show(decisions: Sequence[Decision], caller: Caller, *, already: bool = False) -> HttpResponse:
    for each in decisions:
        if each.state in _REFUSED and not already:
            error = Refused(each.why or f"it is {each.state}", where=each.target, advice="see docs/api.md, actions")
            return show_problem(HTTPStatus.FORBIDDEN, error, each.rule)
    waits = any(each.state == "awaiting" for each in decisions)
    state: Any = "already" if already else "awaiting" if waits else "allowed"
    status = {"already": HTTPStatus.OK, "awaiting": HTTPStatus.ACCEPTED, "allowed": HTTPStatus.CREATED}[state]
    actions = tuple(view_action(each, caller) for each in decisions)
    return show_json(Asked(state=state, actions=actions), status)
