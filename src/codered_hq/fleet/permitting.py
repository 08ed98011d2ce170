"""Who may be changed now: permits are taken right before anything is sent, and the rules of now are asked again."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from msgspec.structs import replace

from codered.model.errors import AwaitingApproval, CodeRedError, Refused
from codered_hq.fleet.asking import (
    Asker,
    Bundle,
    Change,
    ChangingWord,
    Foreseen,
    end_bundle,
    find_bundles,
    foresee,
    mark_evidence,
    read_change,
)
from codered_hq.fleet.models import FleetRun, HostRun
from codered_hq.fleet.plan_kinds import name_target
from codered_hq.gate.caps import count_again
from codered_hq.gate.locking import lock_gate
from codered_hq.gate.models import Decision
from codered_hq.gate.settling import read_request
from codered_hq.gate.taking import release_reservation, take
from codered_hq.gate.target_sets import name_machine
from codered_hq.gate.voters import find_missing_votes
from codered_hq.gate.weighing import find_unbreakable
from codered_hq.hosts.models import TEXT
from codered_hq.incidents.people import Speaker
from codered_hq.incidents.subjects import make_subjects
from codered_hq.ledger.writing import enter
from codered_hq.model.action import ActionRequest

AWAITING = "awaiting"
BY_RULES = "by_rules"
"""The outcome of a host that the rules refused: nothing was asked of it."""


def admit(run: FleetRun, at: datetime) -> None:
    """Take the permits of a changing run that can be had at this time (aware): those hosts may be sent their jobs. Who
    was refused by now gets that as its reason, and who waits for approval the names of those who are missing.
    """
    for bundle in find_bundles(run.uid):
        rows = run.hosts.filter(state=AWAITING, host__in=bundle.hosts)
        if not rows.exists():
            continue
        if (stopped := bundle.stopped) is not None:
            end_bundle(bundle, "another part of it ended", "gate", at)
            refuse(rows, tell_end(stopped), at)
        elif any(decision.state == AWAITING for decision in bundle.decisions):
            rows.update(reason=tell_missing(bundle, at))
        else:
            _take_bundle(bundle, rows, at)


def has_news(run: FleetRun) -> bool:
    """Whether a host of the run that waited need not wait any more, for whatever reason."""
    return any(
        bundle.stopped is not None or all(each.state != AWAITING for each in bundle.decisions)
        for bundle in find_bundles(run.uid)
        if run.hosts.filter(state=AWAITING, host__in=bundle.hosts).exists()
    )


def find_waiting(decision: Decision) -> list[Decision]:
    """What else must be approved before the hosts of this decision may be changed."""
    near = [bundle for bundle in find_bundles(str(decision.order["run"])) if _holds(bundle, decision)]
    return [one for bundle in near for one in bundle.decisions if one.state == AWAITING]


def reopen(decision: Decision) -> None:
    """The glass was broken for hosts that a rule had refused: they wait for their permits again."""
    run = FleetRun.objects.filter(uid=str(decision.order["run"])).first()
    near = [bundle for bundle in find_bundles(str(decision.order["run"])) if _holds(bundle, decision)]
    if run is None or any(bundle.stopped is not None for bundle in near):
        return
    rows = run.hosts.filter(state="refused", outcome=BY_RULES, host__in=decision.order["hosts"])
    if rows.update(state=AWAITING, outcome="", reason="", ended=None) and run.state == "done":
        run.state, run.ended = AWAITING, None
        run.save(update_fields=["state", "ended"])


def stop_forbidden(run: FleetRun, tasks: Sequence[HostRun], at: datetime) -> list[HostRun]:
    """Of hosts that are about to be sent a change, those that may be: a taken decision holds for each with exactly this
    plan, the rules of now do not ask for more, and their caps have room at this time (aware), which may be long after
    the permit. The others are refused, with the reason.
    """
    taken = {
        number: bundle
        for bundle in find_bundles(run.uid)
        if all(decision.state == "taken" for decision in bundle.decisions)
        for number in bundle.hosts
    }
    groups: dict[tuple[int, ...], list[HostRun]] = {}
    for task in tasks:
        bundle = taken.get(task.host.pk)
        groups.setdefault(bundle.hosts if bundle else (), []).append(task)
    whys: dict[int, str] = {}
    for group in groups.values():
        whys |= _find_reasons(run, group, taken.get(group[0].host.pk), at)
    for task in tasks:
        if why := whys.get(task.pk):
            _stop(task, why, at)
    return [task for task in tasks if task.pk not in whys]


def refuse(rows: "QuerySet[HostRun]", why: str, at: datetime) -> None:
    """These hosts are not changed, by the rules."""
    rows.update(state="refused", outcome=BY_RULES, reason=why[:TEXT], ended=at, next_try=None)


def tell_end(decision: Decision) -> str:
    """Why a decision does not let anybody be changed, in a line."""
    if decision.state == "expired":
        return f"its approval expired (decision {decision.uid[:8]}); ask again"
    return f"rule {decision.rule}: {decision.why} (decision {decision.uid[:8]}, {decision.state})"


def tell_missing(bundle: Bundle, at: datetime) -> str:
    """Who must say yes yet, in a line."""
    waiting = [decision for decision in bundle.decisions if decision.state == AWAITING]
    told = (f"{' and '.join(find_missing_votes(one, one.needs, at))} (decision {one.uid[:8]})" for one in waiting)
    return f"awaits approval by {'; '.join(told)}"[:TEXT]


def note_change(task: HostRun, at: datetime) -> None:
    """Enter in the ledger what became of a host in a changing run; nothing while it is tried again."""
    run = task.run
    if task.state in ("queued", "running", AWAITING):
        return
    kind = "undo" if run.word == "rollback" else "action"
    what = f"fleet {run.word} on {task.host.label} (#{task.host.pk}): {task.state.replace('_', ' ')}"
    what += f" ({task.reason})" if task.reason else ""
    detail = {
        "run": run.uid, "host": task.host.pk, "plan": task.plan_digest, "job": task.job_id, "state": task.state,
        "exit_code": task.exit_code, "reason": task.reason,
    }  # fmt: skip
    done = task.state == "answered"
    enter(kind if done else "failed", "headquarters", what, at, incident=run.incident, detail=detail)


def _holds(bundle: Bundle, decision: Decision) -> bool:
    return any(each.pk == decision.pk for each in bundle.decisions)


def _take_bundle(bundle: Bundle, rows: "QuerySet[HostRun]", at: datetime) -> None:
    """Take what is not taken yet. Crash-proof: rows whose decisions are all taken, and that were not freed, are freed
    the next time; each is judged once more when it is sent.
    """
    try:
        for decision in bundle.decisions:
            if decision.state != "taken":
                take(decision, _ask_again(decision, list(rows), at), at)
    except AwaitingApproval:
        rows.update(reason=tell_missing(bundle, at))
    except Refused as error:
        for decision in bundle.decisions:
            if decision.state == "taken":
                release_reservation(decision)
        end_bundle(bundle, "another part of it ended", "gate", at)
        refuse(rows, str(error), at)
    else:
        rows.update(state="queued", reason="")


def _ask_again(decision: Decision, rows: Sequence[HostRun], at: datetime) -> ActionRequest:
    """The request of a decision as it is now: the plans that would be sent, and the machines as they are."""
    old = read_request(decision)
    digests = {row.host_id: row.plan_digest for row in rows}
    subjects = tuple(mark_evidence(old.kind, each) for each in make_subjects([row.host for row in rows]))
    return replace(old, target=name_target(str(decision.order["change"]), digests), subjects=subjects, at=at)


def _stop(task: HostRun, why: str, at: datetime) -> None:
    rows = HostRun.objects.filter(pk=task.pk)
    if task.state == "running":
        reason = f"it was sent before, and what became of that is not known; not asked again: {why}"
        rows.update(state="given_up", reason=reason[:TEXT], ended=at, next_try=None)
    else:
        refuse(rows, why, at)
    task.refresh_from_db()
    note_change(task, at)


def _find_reasons(run: FleetRun, tasks: Sequence[HostRun], bundle: Bundle | None, at: datetime) -> dict[int, str]:
    """Why hosts of one bundle must not be changed now, by the number of the row; none for those that may be."""
    if bundle is None:
        return {task.pk: "no approved decision is about it" for task in tasks}
    word: ChangingWord = run.word  # type: ignore[assignment]
    first = bundle.decisions[0]
    whys: dict[int, str] = {}
    plans: dict[int, tuple[str, bytes, str]] = {}
    for task in tasks:
        host = task.host
        plan = {host.pk: (host.label, bytes(task.plan or b""), task.plan_digest)}
        if first.order["change"] != word or first.order["plans"].get(str(host.pk)) != task.plan_digest:
            whys[task.pk] = "what was decided is about another plan"
            continue
        try:
            read_change(word, plan)
        except CodeRedError as error:
            whys[task.pk] = str(error)
        else:
            plans |= plan
    left = {task.host.pk: task for task in tasks if task.pk not in whys}
    asker = Asker(Speaker(None, first.requested_by, None), first.reason, first.incident, at)
    change = read_change(word, plans)
    new: list[Foreseen] = []
    for foreseen in foresee(change, [task.host for task in left.values()], asker):
        task = left[foreseen.subject.host]
        if why := _find_stricter(change, foreseen, bundle):
            whys[task.pk] = why
        elif task.state != "running":  # that one was counted when it was sent
            new.append(foreseen)
    return whys | {left[number].pk: why for number, why in _count_sent(bundle, new, at).items()}


def _count_sent(bundle: Bundle, sent: Sequence[Foreseen], at: datetime) -> dict[int, str]:
    """Count these machines from now on. Why there is no room for some under a cap, by the number of the host."""
    whys: dict[int, str] = {}
    with transaction.atomic():
        now = lock_gate(at)
        for decision in bundle.decisions:
            verdicts = {one.subject: verdict for one in sent for kind, verdict in one.verdicts if kind == decision.kind}
            machines = {name_machine(subject): subject.host for subject in verdicts}
            caps = {
                name_machine(subject): () if decision.broke_glass else verdict.caps
                for subject, verdict in verdicts.items()
            }
            for machine, (rule, why) in count_again(decision, caps, now).items():
                whys[machines[machine]] = f"rule {rule}: {why}"
    return whys


def _find_stricter(change: Change, foreseen: Foreseen, bundle: Bundle) -> str:
    decided = {decision.kind: decision for decision in bundle.decisions}
    if missing := set(change.kinds[foreseen.subject.host]) - set(decided):
        return f"no approved decision is about {', '.join(sorted(missing))}"
    for kind, verdict in foreseen.verdicts:
        decision = decided[kind]
        if decision.broke_glass:
            request = replace(read_request(decision), subjects=(foreseen.subject,))
            if why := find_unbreakable(request):
                return why
        elif verdict.answer == "no":
            return f"rule {verdict.rule}: {verdict.why}"
        elif more := Counter(verdict.needs) - Counter(decision.needs):
            return f"rule {verdict.rule} asks for the yes of {' and '.join(more)} as well now; ask again"
    return ""
