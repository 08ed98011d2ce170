"""Sealed jobs for hosts: bound to one host, one word, one plan and an expiry. Every change to a host begins here."""

import hashlib
import uuid
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from codered.model.job import JOB_FORMAT, JOB_PURPOSE, Job, JobWord, ScanWish
from codered.signing.sealing import encode_sealed, seal
from codered_hq.fleet.models import FleetRun, HostRun
from codered_hq.hosts.models import Host, Identifier

CHANGING: frozenset[JobWord] = frozenset(["apply", "rollback"])
LOOK_VALID = timedelta(hours=4)
CHANGE_VALID = timedelta(minutes=30)


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a run asks of each of its hosts."""

    scan: ScanWish | None = None
    incident: str = ""
    seconds: float = 1800.0


class Ordered(NamedTuple):
    """A sealed job as it is sent, and the SHA-256 of its body."""

    sealed: bytes
    sha256: str


class Giver(NamedTuple):
    """Who gives orders: headquarters by name, and its key."""

    name: str
    key: Ed25519PrivateKey


def find_pinned_key(host: Host) -> str:
    """The name of the key that a host answers with; "" = it has not answered yet."""
    pinned = Identifier.objects.filter(host=host, kind="agent_key").order_by("-last_seen").first()
    return pinned.value if pinned else ""


def order(task: HostRun, wish: Wish, giver: Giver, at: datetime) -> Ordered:
    """The job of one host in a run, at this time (aware); remembered in its row, which is not saved. A change carries
    exactly the plan that is stored for this host. One that is still valid is given again: the host does it once.
    """
    if task.job and task.job_expires and task.job_expires > at:
        return Ordered(bytes(task.job), task.job_sha256)
    word: JobWord = task.run.word  # type: ignore[assignment]
    task.job_id = uuid.uuid4().hex
    valid = CHANGE_VALID if word in CHANGING else LOOK_VALID
    plan, document = bytes(task.plan or b""), bytes(task.document or b"")
    report, sweep = (b"", document) if word == "sweep" else (document, b"")
    job = Job(
        format=JOB_FORMAT, id=task.job_id, headquarters=giver.name, host=task.host.label, word=word, issued=at,
        expires=min(at + valid, task.run.expires), host_key=find_pinned_key(task.host), incident=wish.incident,
        scan=wish.scan, plan=plan, plan_digest=task.plan_digest, report=report, sweep=sweep,
    )  # fmt: skip
    sealed = seal(job, giver.key, JOB_PURPOSE)
    task.job_sha256 = hashlib.sha256(sealed.body).hexdigest()
    task.job, task.job_expires = encode_sealed(sealed), job.expires
    return Ordered(task.job, task.job_sha256)


def read_wish(run: FleetRun) -> Wish:
    """What the run was asked for."""
    return msgspec.convert(run.wish, Wish)
