"""What the rules say of changes on hosts, and asking the gate for them: one decision for each kind and answer."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from msgspec.structs import replace

from codered.model.errors import Refused
from codered_hq.fleet.models import FleetRun
from codered_hq.fleet.plan_documents import read_plan_document
from codered_hq.fleet.plan_kinds import DESTROYING, list_kinds, name_target
from codered_hq.gate.asking import ask
from codered_hq.gate.deadlines import is_late
from codered_hq.gate.locking import tell_time
from codered_hq.gate.models import Decision
from codered_hq.gate.settling import OPEN, end_decision
from codered_hq.gate.target_sets import hash_target_set
from codered_hq.gate.weighing import weigh
from codered_hq.hosts.models import Host
from codered_hq.incidents.current import find_incident_if_any
from codered_hq.incidents.people import Speaker
from codered_hq.incidents.subjects import make_subjects
from codered_hq.model.action import ActionKind, ActionRequest, Subject, Verdict

ChangingWord = Literal["apply", "rollback"]
Judge = Callable[[ActionKind, Subject], Verdict]


class Change(NamedTuple):
    """A word that changes hosts, and the digest of each host's plan and what kinds of action it comes to, by the host's
    number.
    """

    word: ChangingWord
    digests: Mapping[int, str]
    kinds: Mapping[int, tuple[ActionKind, ...]]


class Asker(NamedTuple):
    """Who wants it, why, for which incident ("" = none), and when (aware)."""

    speaker: Speaker
    reason: str
    incident: str
    at: datetime


class Foreseen(NamedTuple):
    """What the rules say of one host: of every kind that is to be done there, or the first one that they refuse."""

    subject: Subject
    verdicts: tuple[tuple[ActionKind, Verdict], ...]

    @property
    def strictest(self) -> Verdict:
        """The verdict that decides."""
        return max(
            (verdict for _, verdict in self.verdicts), key=lambda each: ("yes", "needs", "no").index(each.answer)
        )


class Bundle(NamedTuple):
    """Hosts of which the rules say the same, and the decisions about them, one for each kind."""

    hosts: tuple[int, ...]
    decisions: tuple[Decision, ...]

    @property
    def run(self) -> str:
        """The number of the run that they are for."""
        return str(self.decisions[0].order["run"])

    @property
    def stopped(self) -> Decision | None:
        """The decision that keeps these hosts from being changed, if one does."""
        return next((each for each in self.decisions if each.state not in (*OPEN, "taken")), None)


def read_change(word: ChangingWord, plans: Mapping[int, tuple[str, bytes, str]]) -> Change:
    """The change that these plans are (host's number -> what it is called, plan, digest). Raises Refused, WrongUse."""
    digests: dict[int, str] = {}
    kinds: dict[int, tuple[ActionKind, ...]] = {}
    for number, (label, raw, digest) in plans.items():
        plan = read_plan_document(raw, label)
        if plan.digest != digest:
            advice = "have it made anew: codered fleet plan"
            raise Refused("the stored plan is not the one that was made", where=label, advice=advice)
        digests[number], kinds[number] = digest, list_kinds(word, plan, label)
    return Change(word, digests, kinds)


def foresee(change: Change, hosts: Sequence[Host], asker: Asker) -> tuple[Foreseen, ...]:
    """What the rules say of each host now; caps are not counted and nothing is written."""
    judge = _make_judge(change, asker)
    return tuple(_foresee(change, subject, judge) for subject in make_subjects(hosts))


def ask_for(change: Change, hosts: Sequence[Host], asker: Asker, run: str) -> tuple[Bundle, ...]:
    """Ask the gate, for a run of this number; only within a transaction."""
    groups: dict[tuple[object, ...], list[Foreseen]] = {}
    for foreseen in foresee(change, hosts, asker):
        groups.setdefault(_sign(foreseen), []).append(foreseen)
    return tuple(_ask_group(change, group, asker, run) for group in groups.values())


def mark_evidence(kind: ActionKind, subject: Subject) -> Subject:
    """A machine as it is asked about: what keeps on the host whatever it takes needs no evidence saved before."""
    return subject if kind in DESTROYING else replace(subject, evidence_saved=True)


def end_bundle(bundle: Bundle, because: str, who: str, at: datetime) -> None:
    """What else was allowed for these hosts is not needed: nothing of it is done."""
    for decision in bundle.decisions:
        if decision.state in OPEN:
            end_decision(decision, "void", because, who, tell_time(at))


def find_bundles(run: str) -> tuple[Bundle, ...]:
    """The decisions about the hosts of a run."""
    found: dict[tuple[int, ...], list[Decision]] = {}
    for decision in Decision.objects.filter(order__run=run).order_by("pk"):
        found.setdefault(tuple(decision.order["hosts"]), []).append(decision)
    return tuple(Bundle(hosts, tuple(decisions)) for hosts, decisions in found.items())


def settle_incident(name: str) -> str:
    """The incident that a change belongs to: the one that is named, else the only one that is open, "" if none is.
    Raises WrongUse for one that is not known, and where several are open: a drill is never taken for the real thing.
    """
    found = find_incident_if_any(name)
    return found.name if found else ""


def _make_judge(change: Change, asker: Asker) -> Judge:
    """A verdict for each kind and machine; machines that are alike to the rules are judged once."""
    now = tell_time(asker.at)
    known: dict[tuple[ActionKind, Subject], Verdict] = {}

    def judge(kind: ActionKind, subject: Subject) -> Verdict:
        alike = kind, replace(subject, host=0, name="")
        if alike not in known:
            known[alike] = weigh(_request(change, kind, (subject,), asker), now).verdict
        return known[alike]

    return judge


def _foresee(change: Change, subject: Subject, judge: Judge) -> Foreseen:
    verdicts = [(kind, judge(kind, mark_evidence(kind, subject))) for kind in change.kinds[subject.host]]
    refused = [(kind, verdict) for kind, verdict in verdicts if verdict.answer == "no"]
    return Foreseen(subject, tuple(refused[:1] or verdicts))


def _sign(foreseen: Foreseen) -> tuple[object, ...]:
    """What hosts must have in common to be asked about together."""
    return tuple(
        (kind, verdict.answer, verdict.rule if verdict.answer == "no" else verdict.needs)
        for kind, verdict in foreseen.verdicts
    )


def _request(change: Change, kind: ActionKind, subjects: tuple[Subject, ...], asker: Asker) -> ActionRequest:
    return ActionRequest(
        kind=kind, target=name_target(change.word, {each.host: change.digests[each.host] for each in subjects}),
        subjects=tuple(mark_evidence(kind, subject) for subject in subjects), at=asker.at,
        requested_by=asker.speaker.name, reason=asker.reason, incident=asker.incident,
    )  # fmt: skip


def _ask_group(change: Change, group: Sequence[Foreseen], asker: Asker, run: str) -> Bundle:
    subjects = tuple(sorted((each.subject for each in group), key=lambda subject: subject.host))
    hosts = tuple(subject.host for subject in subjects)
    order = {
        "word": "fleet", "run": run, "change": change.word, "hosts": list(hosts),
        "plans": {str(number): change.digests[number] for number in hosts},
    }  # fmt: skip
    requests = [_request(change, kind, subjects, asker) for kind, _ in group[0].verdicts]
    if asked := _find_asked(requests[0]):
        return asked
    decisions: list[Decision] = []
    for request in requests:
        decisions.append(ask(request, order, asker.speaker))
        if decisions[-1].state not in OPEN:
            break
    bundle = Bundle(hosts, tuple(decisions))
    if bundle.stopped is not None:
        end_bundle(bundle, "another part of it was refused", asker.speaker.name, asker.at)
    return bundle


def _find_asked(request: ActionRequest) -> Bundle | None:
    """The decisions of another run about the same, which may still come to something there: nobody is woken twice."""
    same = Decision.objects.filter(
        target_set=hash_target_set(request), kind=request.kind, incident=request.incident, state__in=OPEN,
        order__word="fleet",
    )  # fmt: skip
    for decision in same.order_by("-pk"):
        if is_late(decision, tell_time(request.at)):
            continue
        run = str(decision.order["run"])
        (bundle,) = (each for each in find_bundles(run) if decision.pk in {one.pk for one in each.decisions})
        if bundle.stopped is None and FleetRun.objects.filter(uid=run).exclude(state="done").exists():
            return bundle
    return None
