"""A sealed job as an order: who gave it, whether it is for this host and this hour, and for which change."""

import hashlib
import os
import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec

from codered.model.errors import Refused, WrongUse
from codered.model.job import JOB_FORMAT, JOB_PURPOSE, Job, Sealed
from codered.model.plan import PLAN_FORMAT, Plan, digest_plan
from codered.model.plan_reading import decode_plan
from codered.respond.carried_out import is_under_way
from codered.respond.trust_file import TrustedOrders
from codered.signing.keys import load_public_key, name_key
from codered.signing.sealing import MOST_SEALED, decode_sealed, open_sealed, read_body
from codered.system.descriptors import READ_FILE
from codered.system.state_folder import host_key_file

MOST_AHEAD = timedelta(minutes=10)
"""How far the clock of headquarters may be ahead of ours."""
MOST_VALID = timedelta(days=90)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")


class Order(NamedTuple):
    """A job as it came: what it says, unverified as yet, the sealed form, and the SHA-256 of its body."""

    job: Job
    sealed: Sealed
    sha256: str
    where: str


def read_order(path: Path) -> Order:
    """The job in a file, whoever sealed it. Raises WrongUse if it is none."""
    try:
        with open(os.open(path, READ_FILE), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise WrongUse("is no regular file", where=str(path), advice="give a job that headquarters sealed")
            raw = file.read(MOST_SEALED + 1)
    except OSError as error:
        what, advice = f"can't be read: {error.strerror}", "give a job that headquarters sealed; links are not followed"
        raise WrongUse(what, where=str(path), advice=advice) from None
    sealed = decode_sealed(raw, str(path))
    job = read_body(sealed, Job, str(path))
    if job.format != JOB_FORMAT or not _ID.fullmatch(job.id):
        raise WrongUse("is no job with an id", where=str(path), advice="give a job that headquarters sealed")
    if job.issued.tzinfo is None or job.expires.tzinfo is None:
        raise WrongUse("says a time without its zone", where=str(path), advice="give a job that headquarters sealed")
    return Order(job, sealed, hashlib.sha256(sealed.body).hexdigest(), str(path))


def check_orders_giver(order: Order, trusted: TrustedOrders | None) -> None:
    """That the signature is right, and that of somebody whom this host obeys. Raises Refused."""
    open_sealed(order.sealed, JOB_PURPOSE, Job, keys=trusted.keys if trusted else None, where=order.where)


def check_addressee(order: Order, trusted: TrustedOrders | None, now: datetime) -> None:
    """That a job is for this host, and for now. Raises Refused."""
    job = order.job
    for because, is_so in (
        (f"it expired at {job.expires.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC", job.expires <= now),
        ("it was issued more than 10 minutes ahead of this host's clock", job.issued > now + MOST_AHEAD),
        (f"it is valid for more than {MOST_VALID.days} days", job.expires - job.issued > MOST_VALID),
    ):
        if is_so:
            advice = "have a new one made; see that both clocks are right"
            raise Refused(f"the job is void here: {because}", where=job.id, advice=advice)
    if trusted is not None and job.host != trusted.trust.host:
        what = f"the job is for {job.host[:80]!a}, this host is {trusted.trust.host[:80]!a}"
        raise Refused(what, where=job.id, advice="send it to that host")
    own = name_own_key()
    if job.host_key and job.host_key != own:
        what = f"the job is for a host with the key {job.host_key[:80]!a}, this one has {own or 'none yet'}"
        raise Refused(what, where=job.id, advice="find out whether this is another host, or one set up anew")


def read_ordered_plan(job: Job) -> Plan:
    """The plan of a job, which must be the very one that its digest names. Raises Refused."""
    try:
        plan = decode_plan(job.plan)
    except msgspec.DecodeError as error:
        advice = "have the plan made anew"
        what = f"the job holds no {PLAN_FORMAT}: {ascii(str(error))[1:-1][:200]}"
        raise Refused(what, where=job.id, advice=advice) from None
    if {plan.digest, digest_plan(plan)} != {job.plan_digest}:
        advice = "find out who changed it, then have it approved anew"
        raise Refused("the plan in the job is not the one that its digest names", where=job.id, advice=advice)
    return plan


def check_order(order: Order, word: str, plan: Plan | None, trusted: TrustedOrders | None) -> None:
    """That this job orders this very change, and that `codered answer` is at it. Raises Refused."""
    check_orders_giver(order, trusted)
    check_addressee(order, trusted, datetime.now(UTC))
    job = order.job
    if job.word != word or plan is None or {plan.digest, digest_plan(plan)} != {job.plan_digest}:
        what = f"the job orders `{job.word}` of {ascii(job.plan_digest[:80]) or 'no plan'}, not this"
        raise Refused(what, where=job.id, advice="have headquarters send a job for it")
    if not is_under_way(job.id, order.sha256):
        advice = "give the job to `codered answer`, which carries it out once"
        raise Refused("the job is not being carried out now", where=job.id, advice=advice)


def name_own_key() -> str:
    """The name of this host's key, "" if it has none yet. Raises WrongUse, Refused."""
    path = host_key_file()
    public = path.with_name(path.name + ".pub")
    return name_key(load_public_key(public)) if public.exists() else ""
