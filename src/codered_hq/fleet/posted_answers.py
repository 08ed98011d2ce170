"""A sealed answer that came by itself, not through an engine: proved as every answer is."""

import hashlib
from datetime import datetime
from typing import Literal

import msgspec

from codered.model.errors import Refused, WrongUse
from codered.model.job import ANSWER_PURPOSE, Answer
from codered.signing.keys import name_key
from codered.signing.sealing import decode_sealed, open_sealed
from codered_hq.accounts.models import AgentKey
from codered_hq.fleet.models import HostRun, StoredReport
from codered_hq.fleet.orders import find_pinned_key
from codered_hq.fleet.returns import open_answer, settle
from codered_hq.hosts.telling import is_known_as
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
    forged, of another host, under a key that nobody has confirmed, or not waited for; then nothing is stored.
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
    _check_key_known(task, sealed.key)
    row = settle(task, Return(host=task.host.label, outcome="answered", output=raw), at)
    return _tell(row or task, "taken")


def _check_key_known(task: HostRun, key: bytes) -> None:
    """An engine knows whom it asked, so that the first key of a host can be believed; a post may be of anybody who saw
    the job. Raises Refused unless the host has answered with this key, or a person entered it under the host's name;
    and for one that was revoked.
    """
    entered = AgentKey.objects.filter(public_key=key.hex()).first()
    if entered is not None and entered.revoked_at is not None:
        advice = "look at the host; it needs another key before it may post again"
        raise Refused(f"its key {name_key(key)} was revoked", where=task.host.label, advice=advice)
    if find_pinned_key(task.host):
        return  # then it is this one: opened so
    if entered is None or entered.collector or not is_known_as(task.host, entered.name):
        where = task.host.label
        advice = f"bring host.pub from the host itself, then: codered account agent add {where} --public-key host.pub"
        raise Refused(f"nobody has confirmed its key {name_key(key)}", where=where, advice=advice)


def _tell(task: HostRun, state: Literal["taken", "taken already"]) -> TakenAnswer:
    return TakenAnswer(
        state=state, host=task.host.pk, task=task.state, verdict=task.verdict, reason=task.reason
    )  # fmt: skip
