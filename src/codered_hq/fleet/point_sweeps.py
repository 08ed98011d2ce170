"""A sweep from inside a zone: the fleet engine carries its job to a scan point and the result back."""

from datetime import datetime, timedelta

import msgspec

from codered.model.errors import CodeRedError, WrongUse
from codered_hq.fleet.ingesting import read_document
from codered_hq.fleet.models import HostRun
from codered_hq.fleet.orders import LOOK_VALID, Wish
from codered_hq.fleet.returns import give_up
from codered_hq.fleet.running import Means, PlanDocument, begin_run, carry_on
from codered_hq.hosts.finding import find_host_at
from codered_hq.hosts.models import Host, Identifier, ScanPoint
from codered_hq.hosts.recording import record_hosts
from codered_hq.model.inventory import HostRecord, Source
from codered_hq.model.sweep import SweepResult
from codered_hq.sweeps.merging import fail_point_sweep, make_point_job, merge_result
from codered_hq.sweeps.models import Sweep

LEAST_SECONDS = 600.0
SPARE = timedelta(minutes=2)


def find_point(name: str) -> ScanPoint:
    """The scan point of this name. Raises WrongUse."""
    point = ScanPoint.objects.filter(name=name).first()
    if point is None:
        known = ", ".join(ScanPoint.objects.order_by("name").values_list("name", flat=True)[:10]) or "none"
        raise WrongUse("no such scan point", where=name[:80], advice=f"known are: {known}")
    return point


def sweep_from_point(sweep: Sweep, means: Means, at: datetime, seconds: float, until: datetime) -> HostRun:
    """Have the point of a kept sweep make it, and merge what it brings; the point's row in its run, which says what
    became of it. `until` is the end of its authorisation, at which the point stops. A point that gives no answer, or
    not the result of this sweep, leaves a sweep that says so. Raises WrongUse if there is no way to it or its engine is
    missing.
    """
    if sweep.point is None:
        raise WrongUse("is no sweep of a scan point", where=sweep.uid, advice="make it from here")
    try:
        host = _find_host(sweep.point, at)
        most = min((LOOK_VALID - SPARE).total_seconds(), (until - at).total_seconds() + SPARE.total_seconds())
        wish = Wish(seconds=min(max(seconds, LEAST_SECONDS), most))
        document = PlanDocument(b"", "", make_point_job(sweep))
        run = begin_run("sweep", [host], wish, at, {host.pk: document})
        run.expires = min(run.expires, until)  # no job outlasts its run: the point ends the sweep then
        run.save(update_fields=["expires"])
        carry_on(run, means, lambda _task: None)
    except CodeRedError as error:
        fail_point_sweep(sweep, str(error), at)
        raise
    row = run.hosts.select_related("host", "report").get()
    _merge(sweep, row, at)
    if row.state == "queued":  # a sweep is asked for again by hand, from the whole of its job
        give_up(row, row.reason, at)
        run.state, run.ended = "done", at
        run.save(update_fields=["state", "ended"])
    return row


def _merge(sweep: Sweep, row: HostRun, at: datetime) -> None:
    if row.state != "answered" or row.report is None:
        fail_point_sweep(sweep, row.reason or row.outcome, at)
        return
    try:
        result = msgspec.json.decode(read_document(row.report), type=SweepResult)
        # Its clock may be minutes off; what it says of the future is refused there.
        merge_result(result, sweep, max(at, row.ended or at))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        fail_point_sweep(sweep, f"its result can't be read: {ascii(str(error))[1:-1][:120]}", at)
    except CodeRedError as error:
        fail_point_sweep(sweep, str(error), at)


def _find_host(point: ScanPoint, at: datetime) -> Host:
    """The machine that the point is, made known if it is not."""
    if not (point.minion or point.address):
        advice = "give it an address, or its name at Salt (minion), in the inventory"
        raise WrongUse("there is no way to it", where=point.name, advice=advice)
    known = Identifier.objects.filter(kind="minion", value=point.minion).first() if point.minion else None
    host = known.host if known else find_host_at(point.address) if point.address else None
    if host is None or (point.minion and known is None):
        record = HostRecord(address=point.address, minion=point.minion, seen_at=at)
        host = record_hosts([record], Source(kind="yaml", name="scan points"), at)[0]
    if host.engine != point.engine:
        host.engine = point.engine
        host.save(update_fields=["engine"])
    return host
