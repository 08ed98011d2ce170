"""Sweeps for zones with no way in: a signed job is carried there with the program that does it, and its signed result
is carried back and merged once.
"""

import hashlib
import io
import zipfile
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction

from codered.model.errors import Refused, WrongUse
from codered.model.job import ANSWER_PURPOSE, JOB_PURPOSE, Answer, Job
from codered.signing.keys import name_key
from codered.signing.sealing import decode_sealed, encode_sealed, open_sealed, seal
from codered_hq.hosts.models import TEXT
from codered_hq.model.sweep import SweepResult
from codered_hq.opening import be_patient
from codered_hq.sweeps.authorising import Permit
from codered_hq.sweeps.intervals import intersect, read_intervals
from codered_hq.sweeps.making import Planned, estimate, keep_sweep, read_job
from codered_hq.sweeps.merging import MOST_AHEAD, merge_result
from codered_hq.sweeps.models import Bundle, Sweep
from codered_hq.sweeps.zoning import check_one_zone, read_zones

PROGRAM_NAME, JOB_NAME, README_NAME, MANIFEST_NAME = "codered-point.pyz", "job.json", "README.txt", "manifest.json"
BUNDLE_FORMAT = "codered/sweep-bundle/1"
LONGEST = timedelta(days=30)
_MADE = (1980, 1, 1, 0, 0, 0)
_ADVICE = "do not trust this file; have the bundle run again, or make a new one"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """manifest.json of a bundle: SHA-256 and size of every other file in it."""

    format: str
    bundle: str
    expires: datetime
    key: str
    files: dict[str, tuple[str, int]]


class Signer(NamedTuple):
    """Headquarters, as a job names it."""

    name: str
    key: Ed25519PrivateKey


class Carrying(NamedTuple):
    """What is carried where: the zone or ranges by name, the program's file, and how long the job is good."""

    zone: str
    program: Path
    valid: timedelta


class Taken(NamedTuple):
    """A merged result: its sweep, the name of the key that signed it, and whether that key was new to us."""

    sweep: Sweep
    key: str
    new_key: bool


class _Offered(NamedTuple):
    """What was brought back: its answer, who signed it, its digest and its name."""

    answer: Answer
    signed_by: str
    digest: str
    where: str


def make_bundle(
    planned: Planned, permit: Permit, signer: Signer, carrying: Carrying, at: datetime
) -> tuple[Bundle, bytes]:
    """A bundle as kept and the bytes of its zip. Raises WrongUse for a program that can't be read, Refused
    if it would be void before it may be run, or is of several closed zones.
    """
    try:
        program = carrying.program.read_bytes()
    except OSError as error:
        what, advice = f"can't be read: {error.strerror}", "have it made again"
        raise WrongUse(what, where=str(carrying.program), advice=advice) from None
    begins, expires = max(at, permit.not_before or at), min(at + min(carrying.valid, LONGEST), permit.until)
    if expires <= begins:
        void, first = (f"{time:%Y-%m-%d %H:%M}" for time in (expires, begins))
        what = f"the bundle would be void from {void} UTC, the authorisation holds from {first} UTC"
        raise Refused(what, where=permit.where, advice="make it later, or give more --hours")
    check_one_zone(read_intervals(planned.job.ranges))
    with transaction.atomic():
        sweep = keep_sweep(planned, permit, at)
        job = Job(
            format="codered/job/1", id=sweep.uid, headquarters=signer.name, host=carrying.zone[:TEXT], word="sweep",
            issued=begins, expires=expires, sweep=bytes(sweep.job),
        )  # fmt: skip
        sealed = seal(job, signer.key, JOB_PURPOSE)
        sweep.state, sweep.bundle = "waiting", sweep.uid
        sweep.save()
        bundle = Bundle.objects.create(
            uid=sweep.uid, zone=carrying.zone[:TEXT], sweep=sweep, issued=at, expires=expires,
            job_sha256=hashlib.sha256(sealed.body).hexdigest(),
        )  # fmt: skip
    raw = encode_sealed(sealed)
    contents = {PROGRAM_NAME: program, JOB_NAME: raw, README_NAME: _write_readme(bundle, planned, permit, raw)}
    digests = {name: (hashlib.sha256(data).hexdigest(), len(data)) for name, data in contents.items()}
    manifest = Manifest(
        format=BUNDLE_FORMAT, bundle=bundle.uid, expires=expires, key=name_key(sealed.key), files=digests
    )
    return bundle, _pack(
        {**contents, MANIFEST_NAME: msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"}
    )


def cancel_bundle(uid: str, at: datetime) -> Bundle:
    """Take a bundle back whose result is not here: it is waited for no more, and would be refused. Raises WrongUse."""
    begun = uid.strip().lower()
    with transaction.atomic():
        found = list(Bundle.objects.select_for_update().filter(uid__startswith=begun)[:2]) if begun else []
        if len(found) != 1:
            what = "several bundles begin so" if found else "no such bundle"
            raise WrongUse(what, where=uid[:40], advice="codered sweep --list shows them")
        bundle = found[0]
        if bundle.state != "issued":
            raise WrongUse(f"is {bundle.state} already", where=bundle.uid, advice="cancel one that is not back")
        bundle.state = "cancelled"
        bundle.save(update_fields=["state"])
        stopped = f"the bundle was cancelled {at:%Y-%m-%d %H:%M} UTC"
        Sweep.objects.filter(pk=bundle.sweep_id).update(state="cancelled", stopped=stopped, ended=at)
    return bundle


def merge_answer(raw: bytes, where: str, key: str, at: datetime) -> Taken:
    """Take the sealed answer to a bundle's job, once. `key` is the name of the key that must have signed it ("" = on
    first use it is noted which one did). Raises Refused if anything about it is not as it must be, WrongUse for what is
    no sealed answer.
    """
    sealed = decode_sealed(raw, where)
    answer = open_sealed(sealed, ANSWER_PURPOSE, Answer, keys=None, where=where)
    offered = _Offered(answer, name_key(sealed.key), hashlib.sha256(raw).hexdigest(), where)
    return be_patient(lambda: _merge(offered, key, at))


def _merge(offered: _Offered, key: str, at: datetime) -> Taken:
    answer, signed_by, digest, where = offered
    with transaction.atomic():
        bundle = Bundle.objects.select_for_update().select_related("sweep").filter(uid=answer.job).first()
        if bundle is None:
            what = "answers a job that this headquarters did not give out as a bundle"
            raise Refused(what, where=where, advice="merge it where the bundle was made")
        _check_answer(answer, bundle, where, at)
        earlier = _find_earlier(bundle)
        _check_key(earlier, signed_by, key, where)
        result = _read_result(answer, where)
        sweep = merge_result(result, bundle.sweep, at)
        bundle.state, bundle.key, bundle.merged_at = "merged", signed_by[:64], at
        bundle.result_sha256 = digest
        bundle.save()
    return Taken(sweep, signed_by, earlier is None and not key)


def _check_answer(answer: Answer, bundle: Bundle, where: str, at: datetime) -> None:
    """That it is the answer to exactly this bundle's job, for the first time. Raises Refused."""
    if answer.job_sha256 != bundle.job_sha256 or answer.word != "sweep":
        raise Refused("answers another job of the same name", where=where, advice=_ADVICE)
    if bundle.state == "cancelled":
        what = f"bundle {bundle.uid[:8]} was cancelled; what it found is not taken"
        raise Refused(what, where=where, advice="for a new look at the zone make a new bundle")
    if bundle.state != "issued":
        when = f" {bundle.merged_at:%Y-%m-%d %H:%M} UTC" if bundle.merged_at else ""
        what = f"bundle {bundle.uid[:8]} was merged{when}; a result is taken once"
        raise Refused(what, where=where, advice="for a new look at the zone make a new bundle")
    if answer.ended > at + MOST_AHEAD or answer.started < bundle.issued - MOST_AHEAD:
        raise Refused("was made at a time that can't be", where=where, advice=f"set the clock there; {_ADVICE}")
    if answer.started > bundle.expires:
        what = f"the job was void since {bundle.expires:%Y-%m-%d %H:%M} UTC when it was run"
        raise Refused(what, where=where, advice="make a new bundle")
    if answer.state != "done":
        told = ascii(answer.why[:200])
        raise Refused(
            f"the sweep was not made there ({answer.state}): {told}", where=where, advice="mend that, run it again"
        )


def _find_earlier(bundle: Bundle) -> Bundle | None:
    """The newest bundle that came back from there: with addresses of the same zones, or the same addresses."""
    zones = read_zones()
    own = read_intervals(read_job(bundle.sweep).ranges)
    names = {zone.name for zone in zones.find(own)}
    merged = Bundle.objects.filter(state="merged").exclude(key="").select_related("sweep")
    for each in merged.order_by("-merged_at", "-pk").iterator():
        ranges = read_intervals(read_job(each.sweep).ranges)
        if each.zone == bundle.zone or intersect(own, ranges) or any(zone.name in names for zone in zones.find(ranges)):
            return each
    return None


def _check_key(earlier: Bundle | None, signed_by: str, key: str, where: str) -> None:
    if key and signed_by != key:
        raise Refused(f"is signed by {signed_by}, not by {key}", where=where, advice=_ADVICE)
    if not key and earlier is not None and earlier.key != signed_by:
        what = f"is signed by {signed_by}; earlier results from there were signed by {earlier.key}"
        advice = f"ask there which machine it was made on; if that is right, give --key {signed_by}"
        raise Refused(what, where=where, advice=advice)


def _read_result(answer: Answer, where: str) -> SweepResult:
    try:
        return msgspec.json.decode(answer.document, type=SweepResult)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        story = ascii(str(error))[1:-1][:200]
        raise WrongUse(f"holds no result of a sweep: {story}", where=where, advice=_ADVICE) from None


def _write_readme(bundle: Bundle, planned: Planned, permit: Permit, job: bytes) -> bytes:
    text = (files("codered_hq.sweeps") / "bundle_readme.txt").read_text(encoding="utf-8")
    title = f"Sweep bundle {bundle.uid}"
    begins = permit.not_before
    start = f"  Not before {begins:%Y-%m-%d %H:%M} UTC.\n" if begins and begins > bundle.issued else ""
    windows = ", ".join(f"{' '.join(each.days)} {each.begin}-{each.end}" for each in permit.said.windows)
    hours = f"  Only in these hours ({permit.said.time_zone}): {windows}.\n" if windows else ""
    ports = ", ".join(map(str, (*planned.job.ports, *planned.job.tls_ports)))
    return text.format(
        uid=bundle.uid, line="=" * len(title), what=bundle.zone, addresses=f"{planned.addresses:,}", ports=ports,
        expires=f"{bundle.expires:%Y-%m-%d %H:%M}", allowed=permit.said.allowed_by, hours=start + hours,
        digest=hashlib.sha256(job).hexdigest(), minutes=max(1, round(estimate(planned).most_seconds / 60)),
    ).encode()  # fmt: skip


def _pack(contents: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents.items():
            archive.writestr(zipfile.ZipInfo(f"codered-bundle/{name}", _MADE), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
