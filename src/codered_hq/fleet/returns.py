"""What an engine returned of one host -> what became of it. Only a sealed answer to our own job counts; anything else
is a reason why there is none.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from django.db import transaction

from codered.export.writing.escaping import printable
from codered.model.errors import CodeRedError, Refused
from codered.model.job import ANSWER_PURPOSE, Answer, ScanWish
from codered.model.report import Report
from codered.signing.keys import name_key
from codered.signing.sealing import decode_sealed, open_sealed
from codered_hq.fleet.cases import Event, advance, has_open_findings
from codered_hq.fleet.ingesting import Origin, close_findings, ingest_answer, read_verification
from codered_hq.fleet.models import HostRun
from codered_hq.fleet.orders import find_pinned_key, read_wish
from codered_hq.fleet.plan_documents import read_plan_document
from codered_hq.hosts.models import TEXT, Identifier
from codered_hq.hosts.suspicion import settle_suspicion
from codered_hq.model.engine import Outcome, Return

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
"""Before the next try of a host that is off; the last one is kept to."""
MOST_TRIES = 3  # of what will hardly mend itself
_SETTLED = (
    "state", "outcome", "reason", "attempts", "next_try", "job", "plan", "plan_digest", "exit_code", "verdict", "key",
    "report", "ended",
)  # fmt: skip
OFF: frozenset[Outcome] = frozenset(["unreachable", "timed_out", "silent"])


class Opened(NamedTuple):
    """A verified answer: the document, the sealed body, the name of the key."""

    answer: Answer
    body: bytes
    key: str


def settle(task: HostRun, found: Return, at: datetime) -> HostRun | None:
    """Write down what became of a host in a run, at this time (aware); the row as it is then. None if the host turned
    out to be the same machine as another one of the run, whose row is left. May be done again as a whole.
    """
    with transaction.atomic():
        row = HostRun.objects.select_related("host", "run").filter(pk=task.pk).first()
        if row is None:
            return None
        row.attempts += 1
        row.outcome, row.next_try = found.outcome, None
        if found.outcome in ("garbled", "failed"):
            row.job = None  # whatever it did with that one: the next try is another job
        if found.outcome != "answered":
            _put_off(row, found, at)
        else:
            _judge(row, found, at)
        row.save(update_fields=_SETTLED)
        return row


def give_up(task: HostRun, reason: str, at: datetime) -> HostRun:
    """Note that a host of a run is not asked any more, and why."""
    task.state, task.reason, task.ended, task.next_try = "given_up", reason[:TEXT], at, None
    task.save(update_fields=["state", "reason", "ended", "next_try"])
    return task


def _judge(row: HostRun, found: Return, at: datetime) -> None:
    try:
        with transaction.atomic():
            opened = open_answer(row, found.output)
            _take(row, opened, at)
    except CodeRedError as error:
        row.state = "refused" if isinstance(error, Refused) else "failed"
        row.reason, row.ended, row.report, row.verdict = str(error)[:TEXT], at, None, ""


def open_answer(task: HostRun, output: bytes) -> Opened:
    """The answer to this task's job, from the host that it was for. Raises Refused and WrongUse."""
    where = task.host.label
    sealed = decode_sealed(output, where)
    answer = open_sealed(sealed, ANSWER_PURPOSE, Answer, keys=None, where=where)
    task.key = key = name_key(sealed.key)
    if answer.job != task.job_id or answer.job_sha256 != task.job_sha256 or answer.word != task.run.word:
        raise Refused("it answers another job", where=where, advice="run it again; if it stays so, look at the host")
    _check_key(task, key)
    return Opened(answer, sealed.body, key)


def _check_key(task: HostRun, key: str) -> None:
    pinned = find_pinned_key(task.host)
    if pinned and pinned != key:
        what = f"it answers with {key}, and is known by {pinned}"
        advice = f"look at the host; if it was made anew: codered fleet trust '#{task.host.pk}'"
        raise Refused(what, where=task.host.label, advice=advice)
    other = Identifier.objects.filter(kind="agent_key", value=key).exclude(host=task.host).first()
    if other is not None:
        what = f"it answers with the key of {other.host.label}"
        raise Refused(what, where=task.host.label, advice="a copied machine, or a wrong address: look at both")


def _take(task: HostRun, opened: Opened, at: datetime) -> None:
    answer = opened.answer
    _check_plan(task, answer)
    if answer.state == "done" and answer.word == "plan":
        task.plan, task.plan_digest = answer.document, read_plan_document(answer.document, task.host.label).digest
    narrow = _is_narrow(read_wish(task.run).scan)
    taken = ingest_answer(task.host, answer, Origin(opened.body, opened.key, at, narrow, task.address))
    task.report, task.exit_code, task.ended = taken.report, answer.exit_code, at
    task.verdict = "incomplete" if taken.verdict == "clean" and taken.gaps else taken.verdict
    task.state = {"done": "answered", "refused": "refused"}.get(answer.state, "failed")
    task.reason = printable(answer.why)[:TEXT]
    if answer.state == "done" and taken.gaps and not task.reason:
        task.reason = taken.missing[:TEXT]
    elif task.verdict == "incomplete" and not task.reason:
        task.reason = "its report says that not everything was looked at"
    task.joined = HostRun.objects.values_list("joined", flat=True).get(pk=task.pk)
    if task.joined:  # what it said of itself showed that it is another one of the run too
        task.tell_joined()
    if task.run.word == "verify" and task.verdict == "clean" and not taken.gaps and task.plan and task.document:
        _close_proven(task, at)
    if (event := find_event(task)) and not taken.repeated:
        if event == "clean" and not settle_suspicion(task.host, task.address):
            task.reason = task.reason or "it looked infected at another address, and is still suspect"
        else:
            advance(task.host, event, at, f"{answer.word} {task.run.uid[:8]}")


def _is_narrow(wish: ScanWish | None) -> bool:
    return wish is not None and bool(wish.fast or wish.packs or wish.paths)


def _check_plan(task: HostRun, answer: Answer) -> None:
    """That a verification is one of the plan that it was asked for. Raises Refused and WrongUse."""
    if task.run.word != "verify" or answer.state != "done" or not task.plan:
        return
    proof = read_verification(answer)
    if proof is None or proof.plan_id != read_plan_document(bytes(task.plan), task.host.label).id:
        advice = "run it again; if it stays so, look at the host"
        raise Refused("it verified another plan", where=task.host.label, advice=advice)


def _close_proven(task: HostRun, at: datetime) -> None:
    """What the plan removed was looked for and is not there: those findings, and no others, are gone."""
    plan = read_plan_document(bytes(task.plan or b""), task.host.label)
    removed = {name for action in plan.actions for name in action.findings}
    report = msgspec.json.decode(bytes(task.document or b""), type=Report)
    close_findings(task.host, [finding for finding in report.findings if finding.id in removed], at)


def find_event(task: HostRun) -> Event | None:
    """What an answered task says of its host's state; None = nothing. A look with gaps, or at some places only, never
    says clean; a verification speaks for its own plan, so a finding of another one that is open goes before it.
    """
    if task.run.word == "rollback" and task.state in ("answered", "failed"):
        return "infected"  # what was removed is there again, or some of it
    if task.state != "answered":
        return None
    whole = task.report is not None and not task.report.gaps
    match task.run.word:
        case "scan":
            found: dict[str, Event] = {"infected": "infected", "suspicious": "suspect"}
            everything = whole and task.report is not None and not task.report.partial
            return found.get(task.verdict) or ("clean" if task.verdict == "clean" and everything else None)
        case "apply":
            return "cleaned" if task.exit_code == 0 else None
        case "verify":
            again = task.verdict in ("residual", "reinfected")
            proven = task.verdict == "clean" and whole and not has_open_findings(task.host)
            return "infected" if again else "verified" if proven else None
    return None


def _put_off(task: HostRun, found: Return, at: datetime) -> None:
    """A host that is off is tried again until the run ends; what will not mend itself is given up."""
    task.reason = (found.reason or found.outcome)[:TEXT]
    task.exit_code = found.exit_code
    if found.outcome == "refused":
        task.state, task.ended = "refused", at
        return
    pause = PAUSES[min(task.attempts, len(PAUSES)) - 1]
    if at + pause >= task.run.expires or (found.outcome not in OFF and task.attempts >= MOST_TRIES):
        task.state, task.ended = "given_up", at
    else:
        task.state, task.next_try = "queued", at + pause
