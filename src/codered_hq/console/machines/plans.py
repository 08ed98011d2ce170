"""Plans that hosts made: what they would change, who read them, and asking to have them carried out or undone."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from codered.export.plans import render_plan
from codered.model.errors import CodeRedError, Refused, WrongUse
from codered.model.plan import Plan
from codered_hq.console.acting import STATUSES, action, page
from codered_hq.console.machines.looking_ahead import Role, name_roles
from codered_hq.console.machines.paging import cut, read_rows
from codered_hq.console.machines.plan_diffs import MOST_ACTIONS, list_changes
from codered_hq.console.machines.showing import go_to, show
from codered_hq.console.viewing import Viewer
from codered_hq.fleet.asking import Asker, ChangingWord, Foreseen, foresee, read_change
from codered_hq.fleet.models import HostRun
from codered_hq.fleet.ordering import order_change
from codered_hq.fleet.orders import Wish
from codered_hq.fleet.plan_documents import read_plan_document
from codered_hq.fleet.planning import find_plans
from codered_hq.fleet.reviewing import find_reviews, review

LONGEST_REASON = 2_000
_WORDS: tuple[ChangingWord, ...] = ("apply", "rollback")


class Answered(NamedTuple):
    """What the rules say to a word about one host (`foreseen`), with who must say yes; or why it can't be asked."""

    foreseen: Foreseen | None
    roles: tuple[Role, ...] = ()
    problem: CodeRedError | None = None


@page
def plans(request: HttpRequest, _viewer: Viewer) -> HttpResponse:
    """The list, the newest first."""
    found = _find_rows().order_by("-pk")
    if text := request.GET.get("fits", "").strip()[:255]:
        found = found.filter(host__label__icontains=text)

    def read(numbers: list[int]) -> list[dict[str, Any]]:
        return [_view(row) for row in read_rows(_find_rows().select_related("run", "host"))(numbers)]

    return show(request, "plans.html", {"page": cut(found, request.GET, read), "fits": text})


@page
def plan(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """One plan, with the rules' answer to carrying it out."""
    return show(request, "plan.html", _gather(demand_plan(pk), viewer))


@action
def review_plan(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """Somebody has read it."""
    viewer.demand_team()
    row = _demand_same(request, pk)
    new = review(row, request.POST.get("note", ""), viewer.speaker, viewer.at)
    messages.success(request, "noted in the ledger: you reviewed this plan" if new else "you had reviewed it already")
    return go_to(reverse("plan", args=[pk]))


@action
def ask_plan(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """Ask the gate to have exactly this plan carried out, or what was applied undone; the worker sends it."""
    viewer.demand_team()
    row, word, reason = _demand_same(request, pk), request.POST.get("word", ""), request.POST.get("reason", "").strip()
    if word not in _WORDS:
        raise WrongUse("is nothing to do with a plan", where=word[:40], advice="apply or rollback")
    if not reason:
        problem = WrongUse("why?", advice="say it in a sentence: it is for people and the ledger")
        return show(request, "plan.html", _gather(row, viewer) | {"problem": problem}, STATUSES[WrongUse])
    change: ChangingWord = "apply" if word == "apply" else "rollback"
    given = find_plans([row.host], "plan" if change == "apply" else "rollback")
    document = given.documents.get(row.host_id)
    if document is None or document.digest != row.plan_digest:
        why = given.left_out[0].why if given.left_out else "another plan of this host is newer"
        raise Refused(why, where=row.host.label, advice="go on with the newest plan of the host")
    asker = _make_asker(viewer, reason[:LONGEST_REASON])
    run = order_change(change, [row.host], {row.host_id: document}, Wish(incident=asker.incident), asker)
    task = run.hosts.get(host=row.host)
    told = f"{word} of {row.host.label}: {task.state.replace('_', ' ')}" + (f": {task.reason}" if task.reason else "")
    messages.add_message(request, messages.ERROR if task.state == "refused" else messages.SUCCESS, told)
    return go_to(reverse("run", args=[run.uid]))


def demand_plan(pk: int) -> HostRun:
    """Raises WrongUse if there is none."""
    row = _find_rows().select_related("run", "host").filter(pk=pk).first()
    if row is None:
        raise WrongUse("there is no such plan", where=f"#{pk}", advice="the list of plans has those there are")
    return row


def ask_rules(word: ChangingWord, row: HostRun, viewer: Viewer) -> Answered:
    """What the rules would answer; nothing is asked for or kept."""
    try:
        change = read_change(word, {row.host_id: (row.host.label, bytes(row.plan or b""), row.plan_digest)})
        (found,) = foresee(change, [row.host], _make_asker(viewer, ""))
    except CodeRedError as error:
        return Answered(None, (), error)
    return Answered(found, name_roles(found.strictest.needs, viewer.incident, viewer))


def _gather(row: HostRun, viewer: Viewer) -> dict[str, Any]:
    made = read_plan_document(bytes(row.plan or b""), row.host.label)
    done = HostRun.objects.filter(host=row.host, plan_digest=row.plan_digest, run__word__in=_WORDS)
    done = done.select_related("run").defer("job", "plan", "document").order_by("-pk")
    newest = _find_rows().filter(host=row.host).order_by("-pk").first()
    applied = any(each.run.word == "apply" and each.state in ("answered", "failed") for each in done)
    return {
        "row": row, "plan": made, "changes": list_changes(made), "more": max(0, len(made.actions) - MOST_ACTIONS),
        "text": render_plan(made), "reviews": find_reviews(row), "done": done, "applied": applied,
        "newer": newest if newest and newest.pk != row.pk else None,
        "apply": ask_rules("apply", row, viewer), "rollback": ask_rules("rollback", row, viewer) if applied else None,
    }  # fmt: skip


def _view(row: HostRun) -> dict[str, Any]:
    """A row of the list; a plan that can't be read says so."""
    made: Plan | None = None
    problem = ""
    try:
        made = read_plan_document(bytes(row.plan or b""), row.host.label)
    except CodeRedError as error:
        problem = str(error)
    done = HostRun.objects.filter(host=row.host_id, plan_digest=row.plan_digest, run__word__in=_WORDS)
    latest = done.select_related("run").defer("job", "plan", "document").order_by("-pk").first()
    return {"row": row, "plan": made, "problem": problem, "reviews": find_reviews(row), "latest": latest}


def _find_rows() -> "QuerySet[HostRun]":
    return HostRun.objects.filter(run__word="plan", state="answered").exclude(plan=None).exclude(plan=b"")


def _demand_same(request: HttpRequest, pk: int) -> HostRun:
    row = demand_plan(pk)
    if request.POST.get("seen", "") != row.plan_digest:
        raise CodeRedError("it is another plan than the one you read; nothing was done", where=row.host.label)
    return row


def _make_asker(viewer: Viewer, reason: str) -> Asker:
    open_one = viewer.incident if viewer.incident and viewer.incident.closed_at is None else None
    return Asker(viewer.speaker, reason, open_one.name if open_one else "", viewer.at)
