"""A bundle goes out signed and comes back once: forged, stale, foreign and repeated answers are refused."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from codered.model.errors import Refused, WrongUse
from codered.model.job import ANSWER_PURPOSE, JOB_PURPOSE, Answer, HostFacts, Job
from codered.signing.keys import name_key, public_bytes
from codered.signing.sealing import decode_sealed, encode_sealed, open_sealed, seal
from codered_hq.model.sweep import SweepJob
from codered_hq.sweeps.bundling import Carrying, Signer, Taken, cancel_bundle, make_bundle, merge_answer
from codered_hq.sweeps.making import Wish, plan_sweep
from codered_hq.sweeps.models import Bundle, SweptBlock
from codered_hq.sweeps.targets import find_targets
from tests.fixtures.inventories import HOUR, NOW, document_subnets
from tests.fixtures.sweeps import make_permit, make_result, swept

pytestmark = pytest.mark.django_db
HQ, THERE, OTHER = (Ed25519PrivateKey.generate() for _ in range(3))


class Made(NamedTuple):
    """A bundle that went out."""

    bundle: Bundle
    contents: dict[str, bytes]
    job: Job
    sha256: str

    def answer(self, key: Ed25519PrivateKey = THERE, purpose: str = ANSWER_PURPOSE, **changed: Any) -> bytes:
        """What comes back for it."""
        job = msgspec.json.decode(self.job.sweep, type=SweepJob)
        answer = Answer(
            format="codered/answer/1", job=self.job.id, job_sha256=self.sha256, host="there", word="sweep",
            started=NOW + HOUR, ended=NOW + HOUR, state="done", exit_code=0, facts=HostFacts(name="there"), tool="t",
            document=msgspec.json.encode(make_result(job, {"infected": ["10.1.0.9"]}, NOW + HOUR)),
        )  # fmt: skip
        return encode_sealed(seal(msgspec.structs.replace(answer, **changed), key, purpose))


@pytest.fixture
def send(tmp_path: Path) -> Callable[[], Made]:
    program = tmp_path / "point.pyz"
    program.write_bytes(b"the program")

    def make(zone: str = "plant", more: str = "") -> Made:
        permit = make_permit("windows: [{from: '00:00', to: '23:00'}]\n" + more, until="2026-12-24")
        planned = plan_sweep(Wish(find_targets(("10.1.0.0/24",)), packs=("codered",)), permit, "")
        carrying = Carrying(zone, program, timedelta(days=90))
        bundle, packed = make_bundle(planned, permit, Signer("hq", HQ), carrying, NOW)
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            contents = {name.removeprefix("codered-bundle/"): archive.read(name) for name in archive.namelist()}
        sealed = decode_sealed(contents["job.json"], "job")
        job = open_sealed(sealed, JOB_PURPOSE, Job, keys=frozenset([public_bytes(HQ)]), where="job")
        return Made(bundle, contents, job, hashlib.sha256(sealed.body).hexdigest())

    return make


def merge(raw: bytes, key: str = "", at: datetime = NOW + 2 * HOUR) -> Taken:
    return merge_answer(raw, "result.json", key, at)


def test_what_goes_out(send: Callable[[], Made]) -> None:
    made = send()
    assert set(made.contents) == {"codered-point.pyz", "job.json", "README.txt", "manifest.json"}
    manifest = json.loads(made.contents["manifest.json"])
    for name, (digest, size) in manifest["files"].items():
        assert (hashlib.sha256(made.contents[name]).hexdigest(), len(made.contents[name])) == (digest, size)
    assert manifest["key"] == name_key(public_bytes(HQ))
    assert made.job.expires == datetime.fromisoformat("2026-12-22T03:00Z")  # not longer than 30 days
    readme = made.contents["README.txt"].decode()
    assert "python3 codered-point.pyz answer job.json -o result.json" in readme
    assert ("00:00-23:00" in readme, "256 addresses" in readme, "{" in readme) == (True, True, False)
    assert hashlib.sha256(made.contents["job.json"]).hexdigest() in readme
    assert (made.bundle.sweep.state, made.bundle.state) == ("waiting", "issued")


def test_a_result_is_taken_once_and_its_key_remembered(send: Callable[[], Made]) -> None:
    made = send()
    raw = made.answer()
    taken = merge(raw)
    assert (taken.sweep.state, taken.new_key, taken.key) == ("done", True, name_key(public_bytes(THERE)))
    assert taken.sweep.counts == {"no_answer": 255, "infected": 1}
    with pytest.raises(Refused, match="was merged 2026-11-22 05:00 UTC; a result is taken once"):
        merge(raw)
    second = send()
    with pytest.raises(Refused, match="earlier results from there were signed by"):
        merge(second.answer(OTHER))
    assert merge(second.answer(OTHER), name_key(public_bytes(OTHER))).new_key is False
    third = send()
    assert merge(third.answer(OTHER)).new_key is False


def test_a_key_is_remembered_whatever_the_bundle_was_called(send: Callable[..., Made]) -> None:
    assert merge(send().answer()).new_key
    with pytest.raises(Refused, match="earlier results from there were signed by"):
        merge(send("10.1.0.0/24").answer(OTHER))
    Bundle.objects.all().delete()
    document_subnets("10.1.0.0/24", "10.2.0.0/24", zone="plant", zone_kind="protected")
    elsewhere = swept("10.2.0.0/24", at=NOW)
    Bundle.objects.create(
        uid="1", zone="x", sweep=elsewhere, issued=NOW, expires=NOW, state="merged", key="k", merged_at=NOW
    )
    with pytest.raises(Refused, match="earlier results from there were signed by k"):
        merge(send("10.1.0.0/24").answer())  # other addresses of the same zone


def test_an_authorisation_that_begins_later(send: Callable[..., Made]) -> None:
    made = send("plant", 'not_before: "2026-12-01"\n')
    assert made.job.issued == datetime.fromisoformat("2026-12-01T00:00Z")  # a host refuses one from the future
    assert "Not before 2026-12-01 00:00 UTC" in made.contents["README.txt"].decode()
    with pytest.raises(Refused, match="void from 2026-12-22 03:00 UTC, the authorisation holds from 2026-12-23"):
        send("plant", 'not_before: "2026-12-23"\n')
    document_subnets("10.1.0.0/25", zone="plant", zone_kind="protected")
    document_subnets("10.1.0.128/25", zone="dmz", zone_kind="protected")
    with pytest.raises(Refused, match=r"several closed zones \(dmz, plant\)"):
        send()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"job": "0" * 32}, "did not give out"),
        ({"job_sha256": "0" * 64}, "another job"),
        ({"word": "scan"}, "another job"),
        ({"state": "refused", "why": "\x1b[2J no"}, r"not made there \(refused\)"),
        ({"started": NOW + timedelta(days=31), "ended": NOW + timedelta(days=31)}, "time that can't be"),
        ({"started": NOW - HOUR}, "time that can't be"),
    ],
)
def test_answers_that_are_refused(send: Callable[[], Made], changed: dict[str, Any], said: str) -> None:
    made = send()
    with pytest.raises(Refused, match=said):
        merge(made.answer(**changed))
    assert (Bundle.objects.get().state, SweptBlock.objects.count()) == ("issued", 0)
    merge(made.answer())  # the honest one still can be taken


def test_forged_cut_late_and_foreign_ones(send: Callable[[], Made]) -> None:
    made = send()
    raw = made.answer()
    with pytest.raises(Refused, match="signature"):
        merge(made.answer(purpose="codered/baseline/1"))
    sealed = decode_sealed(raw, "x")
    body = sealed.body.replace(b'"exit_code":0', b'"exit_code":1')
    with pytest.raises(Refused, match="was changed since"):
        merge(encode_sealed(msgspec.structs.replace(sealed, body=body)))
    for cut in (raw[:-20], b"", b"[]", b"\xff" * 50):
        with pytest.raises(WrongUse, match="no sealed document"):
            merge(cut)
    with pytest.raises(Refused, match="not by ed25519:00"):
        merge(raw, "ed25519:00")
    late: dict[str, Any] = {"started": NOW + timedelta(days=31), "ended": NOW + timedelta(days=31)}
    with pytest.raises(Refused, match="was void since 2026-12-22"):
        merge(made.answer(**late), at=NOW + timedelta(days=32))
    for document in (b"", b"{}", b"[" * 10_000):
        with pytest.raises(WrongUse, match="holds no result of a sweep"):
            merge(made.answer(document=document))
    assert Bundle.objects.get().state == "issued"


def test_a_bundle_is_taken_back_once_and_its_result_is_refused(send: Callable[[], Made]) -> None:
    made = send()
    with pytest.raises(WrongUse, match="no such bundle"):
        cancel_bundle("", NOW)
    cancelled = cancel_bundle(made.bundle.uid[:8].upper(), NOW)
    cancelled.sweep.refresh_from_db()
    assert (cancelled.state, cancelled.sweep.state) == ("cancelled", "cancelled")
    assert cancelled.sweep.stopped == "the bundle was cancelled 2026-11-22 03:00 UTC"
    with pytest.raises(Refused, match="was cancelled; what it found is not taken"):
        merge(made.answer())
    with pytest.raises(WrongUse, match="is cancelled already"):
        cancel_bundle(made.bundle.uid, NOW)
    assert not SweptBlock.objects.exists()
