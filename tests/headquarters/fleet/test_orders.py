"""A job is bound to its host, word, key and time; one that is still valid is given again."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from codered.model.job import JOB_PURPOSE, Job, ScanWish
from codered.signing.keys import public_bytes
from codered.signing.sealing import decode_sealed, open_sealed
from codered_hq.fleet.orders import CHANGE_VALID, LOOK_VALID, Giver, Ordered, Wish, find_pinned_key, order, read_wish
from codered_hq.fleet.running import PlanDocument, begin_run
from tests.fixtures.inventories import NOW, make_host

pytestmark = pytest.mark.django_db
GIVER = Giver("hq", Ed25519PrivateKey.generate())


def read(ordered: Ordered) -> Job:
    keys = frozenset([public_bytes(GIVER.key)])
    return open_sealed(decode_sealed(ordered.sealed, "x"), JOB_PURPOSE, Job, keys=keys, where="x")


def test_looks_and_changes() -> None:
    host = make_host("web-1", "10.1.0.1", agent_key="ed25519:" + "7" * 32)
    assert find_pinned_key(host) == "ed25519:" + "7" * 32
    wish = Wish(scan=ScanWish(packs=("nimda",)), incident="i-1")
    run = begin_run("scan", [host], wish, NOW)
    assert read_wish(run) == wish
    task = run.hosts.get()
    first = order(task, wish, GIVER, NOW)
    job = read(first)
    assert (job.headquarters, job.host, job.word, job.scan, job.incident) == ("hq", "web-1", "scan", wish.scan, "i-1")
    assert (job.issued, job.expires, job.host_key) == (NOW, NOW + LOOK_VALID, "ed25519:" + "7" * 32)
    assert order(task, wish, GIVER, NOW + LOOK_VALID / 2) == first
    assert read(order(task, wish, GIVER, NOW + LOOK_VALID)).id != job.id
    assert read(order(run.hosts.get(), wish, GIVER, run.expires - timedelta(minutes=1))).expires == run.expires

    documents = {host.pk: PlanDocument(b"plan", "sha256:x", b"report")}
    task = begin_run("apply", [host], Wish(), NOW, documents).hosts.get()
    job = read(order(task, Wish(), GIVER, NOW))
    assert (job.plan, job.plan_digest, job.report, job.sweep) == (b"plan", "sha256:x", b"report", b"")
    assert job.expires == NOW + CHANGE_VALID
    task = begin_run("sweep", [host], Wish(), NOW, {host.pk: PlanDocument(b"", "", b"sweep")}).hosts.get()
    job = read(order(task, Wish(), GIVER, NOW))
    assert (job.sweep, job.report, job.plan) == (b"sweep", b"", b"")
