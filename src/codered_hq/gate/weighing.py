"""What rules and facts of now say of a request: the one judgement that asking and taking share."""

from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from codered.model.errors import Refused
from codered_hq.config import is_exercise
from codered_hq.gate.opposing import find_opposite
from codered_hq.gate.rules_in_force import InForce, find_rules
from codered_hq.incidents.models import Incident
from codered_hq.model.action import LOOKING, ActionRequest, Verdict
from codered_hq.rules.judging import judge

NEVER_TOUCH = "never_touch"
_NO_RULES = "No rules of engagement are in force: only looking is allowed until they are (codered rules use)."


class Weighed(NamedTuple):
    """The verdict, the request as it was judged (its time and drill are the gate's own), and by which rules."""

    verdict: Verdict
    request: ActionRequest
    rules: InForce | None


def weigh(request: ActionRequest, now: datetime) -> Weighed:
    """Judge a request at this time of the gate. An incident that is a drill makes it one, but not in a headquarters
    that is a drill's own: nothing real can be touched from there. An opposite wish of another incident needs an
    executive as well.
    """
    drill = request.drill or (not is_exercise() and Incident.objects.filter(name=request.incident, drill=True).exists())
    request = replace(request, at=now, drill=drill)
    try:
        rules = find_rules(now)
    except Refused as error:
        return Weighed(_judge_without_rules(request, str(error)), request, None)
    if rules is None:
        return Weighed(_judge_without_rules(request, _NO_RULES), request, None)
    verdict = replace(judge(rules.book, request), version=rules.version, digest=rules.digest)
    return Weighed(_weigh_opposite(verdict, request, now), request, rules)


def find_unbreakable(request: ActionRequest) -> str:
    """Why no glass may be broken for this request, whatever the emergency; "" if it may."""
    if request.guard:
        return request.guard
    if request.drill:
        return "this is a drill"
    touched = [subject.name for subject in request.subjects if NEVER_TOUCH in subject.tags]
    return f"{touched[0]} is never to be touched" if touched and request.kind not in LOOKING else ""


def _judge_without_rules(request: ActionRequest, why: str) -> Verdict:
    answer = Verdict(answer="yes" if request.kind in LOOKING else "no", rule="no-rules", why=why)
    if request.guard:
        return replace(answer, answer="no", rule="guard", why=request.guard)
    return answer


def _weigh_opposite(verdict: Verdict, request: ActionRequest, now: datetime) -> Verdict:
    if verdict.answer == "no" or not (opposite := find_opposite(request, now)):
        return verdict
    why = (
        f"Incident {opposite.incident} wants the opposite of {opposite.machine} ({opposite.kind}, decision"
        f" {opposite.uid[:8]}): an executive decides between them."
    )
    needs = verdict.needs if "executive" in verdict.needs else (*verdict.needs, "executive")
    return replace(verdict, answer="needs", rule="two-incidents", why=why, needs=needs, subject=opposite.machine)
