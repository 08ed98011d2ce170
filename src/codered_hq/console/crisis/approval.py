"""One decision on one screen: all that somebody who votes has to know, and what became of it."""

from typing import Any, NamedTuple

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from codered.model.errors import WrongUse
from codered_hq.beating import find_beat, is_alive
from codered_hq.config import headquarters_folder
from codered_hq.console.acting import page
from codered_hq.console.crisis.answering import cut_page, mark
from codered_hq.console.viewing import Viewer
from codered_hq.containment.goals import HELD
from codered_hq.containment.views import view as view_containment
from codered_hq.gate.deadlines import is_late
from codered_hq.gate.glass import explain_glass
from codered_hq.gate.locking import tell_time
from codered_hq.gate.models import Decision
from codered_hq.gate.rules_in_force import find_rules
from codered_hq.gate.settling import OPEN, read_request
from codered_hq.gate.showing import view_decision
from codered_hq.gate.voting import explain_vote
from codered_hq.hosts.models import Host
from codered_hq.incidents.subjects import VITAL, make_subjects
from codered_hq.model.action import Subject


class Machine(NamedTuple):
    """A machine as it is now; `was` as it was asked for. `open_findings` -1: nobody knows it."""

    subject: Subject
    was: Subject
    owner: str = ""
    site: str = ""
    open_findings: int = -1

    @property
    def changed(self) -> bool:
        """Whether its marks, state or evidence are others than when it was asked for."""
        return self.subject != self.was

    @property
    def vital(self) -> bool:
        """Whether it is of those that need the most care."""
        return is_vital(self.subject) or is_vital(self.was)


@never_cache
@page
def show_approval(request: HttpRequest, viewer: Viewer, uid: str) -> HttpResponse:
    """The whole page."""
    return draw_approval(request, viewer, find_decision(uid))


@never_cache
@page
def show_approval_part(request: HttpRequest, viewer: Viewer, uid: str) -> HttpResponse:
    """The part of it that changes while one looks: state, votes, who is missing, what became of it."""
    return render(request, "console/crisis/approval_part.html", find_standing(viewer, find_decision(uid)))


def draw_approval(
    request: HttpRequest, viewer: Viewer, decision: Decision, status: int = 200, said: dict[str, str] | None = None
) -> HttpResponse:
    """The page as things are now; `said` is what was typed and what was wrong with it."""
    subjects = sorted(read_request(decision).subjects, key=lambda each: (not is_vital(each), each.name))
    machines = cut_page(request, subjects)
    context = find_standing(viewer, decision) | {
        "machines": machines, "rows": find_machines(tuple(machines)), "vital": list_vital(decision),
        "why_not": explain_vote(decision, viewer.speaker, viewer.at),
        "why_no_glass": explain_glass(decision, viewer.speaker, viewer.at), "glass_role": find_glass_role(viewer),
        "said": said or {}, "may_take_back": bool(viewer.speaker.person),
    }  # fmt: skip
    context["own"] = bool(viewer.speaker.person) and decision.requester_id == viewer.speaker.person.pk  # type: ignore[union-attr]
    return render(request, "console/crisis/approval.html", context, status=status)


def find_decision(uid: str) -> Decision:
    """The decision of this number. Raises WrongUse."""
    found = Decision.objects.select_related("requester").filter(uid=uid[:32]).first()
    if found is None:
        raise WrongUse("no such decision", where=uid[:40], advice="the list of approvals shows what there is")
    return found


def find_standing(viewer: Viewer, decision: Decision) -> dict[str, Any]:
    """Where it stands now: state, votes, and the containments that came of it."""
    rows = decision.containments.select_related("decision", "host", "follows").order_by("pk")
    late = decision.state in OPEN and is_late(decision, tell_time(viewer.at))
    beat = find_beat(headquarters_folder())
    return {
        "decision": decision, "view": view_decision(decision, viewer.at, 0), "late": late,
        "containments": [view_containment(each, viewer.at) for each in rows],
        "held": any(each.state in HELD for each in rows), "worker_alive": is_alive(beat, viewer.at),
        "seen": mark_decision(decision),
        "word": decision.order.get("word", ""), "run": str(decision.order.get("run", "")),
    }  # fmt: skip


def mark_decision(decision: Decision) -> str:
    """What somebody has seen who votes: state, votes and machines."""
    votes = list(decision.votes.order_by("pk").values_list("person", "yes"))
    return mark(decision.state, votes, decision.target_set, decision.rules_digest, decision.broke_glass)


def find_machines(subjects: tuple[Subject, ...]) -> list[Machine]:
    """These machines as they are now."""
    numbers = [each.host for each in subjects if each.host]
    hosts = {
        host.pk: host
        for host in Host.objects.filter(pk__in=numbers)
        .select_related("owner")
        .annotate(open_findings=Count("findings", filter=Q(findings__gone_at=None)))
    }
    now = {each.host: each for each in make_subjects(hosts.values())}
    return [_make_machine(each, now.get(each.host, each), hosts.get(each.host)) for each in subjects]


def list_vital(decision: Decision) -> list[str]:
    """The names of its machines that are vital, as they were asked for or as they are now."""
    subjects = read_request(decision).subjects
    hosts = Host.objects.filter(pk__in=[each.host for each in subjects[:500] if each.host])
    now = {each.host for each in make_subjects(hosts) if is_vital(each)}
    return [each.name for each in subjects if is_vital(each) or each.host in now]


def is_vital(subject: Subject) -> bool:
    """Whether a machine is vital."""
    return VITAL in subject.tags or subject.criticality == VITAL


def find_glass_role(viewer: Viewer) -> str:
    """The role that may break the glass by the rules in force; "" if none may."""
    rules = find_rules(viewer.at)
    return rules.book.break_glass.role if rules and rules.book.break_glass else ""


def _make_machine(was: Subject, now: Subject, host: Host | None) -> Machine:
    if host is None:
        return Machine(now, was)
    return Machine(now, was, str(host.owner or ""), host.site, int(getattr(host, "open_findings", 0)))
