"""A sealed answer that came by itself, not through an engine: proved as every answer is."""

import hashlib
from datetime import datetime
from typing import Literal

import msgspec

from codered.model.errors import Refused, WrongUse
from codered.model.job import ANSWER_PURPOSE, Answer
from codered.signing.sealing import decode_sealed, open_sealed
from codered_hq.fleet.models import HostRun, StoredReport
from codered_hq.fleet.returns import open_answer, settle
from codered_hq.model.engine import Return

_WAITED_FOR = ("queued", "running", "given_up")
_WHERE = "the answer"


class TakenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it: the host's number, its task's state (answered, refused, failed) and verdict, and why."""

    state: Literal["taken", "taken already"]
    host: int
    task: str
    verdict: str
    reason: str


def take_answer(raw: bytes, at: datetime) -> TakenAnswer:
    """Take an answer to a job of ours, at this time (aware). Raises WrongUse for what is none, Refused for one that is
    forged, of another host, or not waited for; then nothing is stored.
    """
    sealed = decode_sealed(raw, _WHERE)
    told = open_sealed(sealed, ANSWER_PURPOSE, Answer, keys=None, where=_WHERE)
    rows = HostRun.objects.select_related("host", "run").filter(job_id=told.job[:32])
    task = rows.first() if told.job else None
    if task is None:
        raise WrongUse("answers no job of this headquarters", where=_WHERE, advice="post it to who gave the job")
    known = StoredReport.objects.filter(uid=hashlib.sha256(sealed.body).hexdigest()).first()
    if known is not None:
        return _tell(task, "taken already")
    if task.state not in _WAITED_FOR:
        raise Refused(f"is not waited for: its task is {task.state}", where=task.host.label)
    open_answer(task, raw)
    row = settle(task, Return(host=task.host.label, outcome="answered", output=raw), at)
    return _tell(row or task, "taken")


def _tell(task: HostRun, state: Literal["taken", "taken already"]) -> TakenAnswer:
    return TakenAnswer(
        state=state, host=task.host.pk, task=task.state, verdict=task.verdict, reason=task.reason
    )  # fmt: skip
