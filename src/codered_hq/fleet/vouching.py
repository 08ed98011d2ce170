"""The report of a look at a host from outside (its disk image, its volume), on the word of a person of the team.

No machine answers for it: who brings it says that it is of this host, and stands in the ledger with its SHA-256.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

import msgspec
import zstandard
from django.db import transaction
from django.db.models import Max

from codered.model.errors import Refused, WrongUse
from codered.model.report import Report
from codered_hq.fleet.cases import Event, advance, find_open_case
from codered_hq.fleet.ingesting import MOST_FINDINGS, read_time, store_findings
from codered_hq.fleet.models import StoredFinding, StoredReport
from codered_hq.hosts.models import TEXT, Host
from codered_hq.hosts.suspicion import settle_suspicion
from codered_hq.incidents.people import Speaker
from codered_hq.ledger.writing import enter
from codered_hq.opening import be_patient

FORMAT: Final = "codered/fleet-take/1"
MOST_BYTES = 64 << 20
"""Of a report that is brought."""
BY_A_PERSON = "a person"
"""Stands where reports of hosts have the name of their key."""
FROM_OUTSIDE = frozenset(["disk_image", "offline_root"])
_EVENTS: dict[str, Event] = {"infected": "infected", "suspicious": "suspect"}
_CURED = ("infected", "contained", "cleaned")
_ILL = ("infected", "suspicious", "residual", "reinfected")
_LEVEL = 3


class Vouched(msgspec.Struct, frozen=True, kw_only=True):
    """What a report that was brought came to. `verdict` of a whole look is never "clean" with gaps; `findings` that the
    host has open now; `state` of the host afterwards; `sha256` of the report as it was brought.
    """

    format: Literal["codered/fleet-take/1"] = FORMAT
    host: str
    number: int
    verdict: str
    gaps: int
    findings: int
    state: str
    sha256: str
    repeated: bool = False


class Brought(NamedTuple):
    """A report that was read, as it came, its SHA-256 (hexadecimal), who brings it, for which incident."""

    report: Report
    raw: bytes
    sha256: str
    who: str
    incident: str


def take_report(host: Host, raw: bytes, speaker: Speaker, at: datetime, incident: str = "") -> Vouched:
    """Take a report (JSON) of a look at the host from outside, at this time (aware), for an incident ("" = none). A
    whole clean one ends its infection or suspicion, and proves its watch. Raises WrongUse for what is no such report,
    Refused unless a person of the team brings it, and for a clean look that is older than what was found.
    """
    if speaker.person is None:
        advice = "say who you are: --as NAME --key FILE (codered incident roster add)"
        raise Refused("nobody of the team vouches that it is of this host", where=host.label, advice=advice)
    report = _read(raw)
    brought = Brought(report, raw, hashlib.sha256(raw).hexdigest(), speaker.name, incident)
    return be_patient(lambda: _take(host, brought, at))


def _read(raw: bytes) -> Report:
    try:
        report = msgspec.json.decode(raw, type=Report)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        what = f"is no report: {ascii(str(error))[1:-1][:120]}"
        raise WrongUse(what, where="REPORT", advice="codered scan -o report.json writes one") from None
    if report.target.kind not in FROM_OUTSIDE:
        what = f"is of a {report.target.kind.replace('_', ' ')}, not of a disk image or a mounted volume"
        raise WrongUse(what, where="REPORT", advice="a running host answers for itself: codered fleet scan")
    if len(report.findings) > MOST_FINDINGS:
        raise WrongUse(f"has more than {MOST_FINDINGS:,} findings", where="REPORT", advice="scan with fewer packs")
    return report


@transaction.atomic
def _take(host: Host, brought: Brought, at: datetime) -> Vouched:
    report = brought.report
    known = StoredReport.objects.filter(uid=brought.sha256).select_related("host").first()
    if known is not None and known.host_id != host.pk:
        raise Refused(f"this report was brought for {known.host.label}", where=host.label, advice="look at this host")
    if known is None:
        _store(host, brought, at)
        _move_on(host, brought, at)
    host.refresh_from_db()
    told = Vouched(
        host=host.label, number=host.pk, verdict=report.verdict, gaps=_count_gaps(report),
        findings=StoredFinding.objects.filter(host=host, gone_at=None).count(), state=host.state,
        sha256=brought.sha256, repeated=known is not None,
    )  # fmt: skip
    if known is None:
        what = f"a look at {host.label} from outside: {told.verdict}, {told.gaps:,} gaps; it is {host.state} now"
        enter("evidence", brought.who, what, at, incident=brought.incident, detail=msgspec.to_builtins(told))
    return told


def _count_gaps(report: Report) -> int:
    return len(report.gaps()) + report.interrupted


def _is_partial(report: Report) -> bool:
    """Whether only some places of it were looked at: a whole image or volume is asked for by its own name."""
    return report.scope not in ((), ("/",), (report.target.root,))


def _store(host: Host, brought: Brought, at: datetime) -> None:
    report = brought.report
    stored = StoredReport.objects.create(
        uid=brought.sha256, host=host, word="scan", verdict=report.verdict, gaps=_count_gaps(report),
        partial=_is_partial(report), key=BY_A_PERSON, taken_at=read_time(report.started, at), received_at=at,
        document=zstandard.ZstdCompressor(_LEVEL).compress(brought.raw),
    )  # fmt: skip
    store_findings(host, report.findings, stored, at)


def _move_on(host: Host, brought: Brought, at: datetime) -> None:
    report = brought.report
    event = _EVENTS.get(report.verdict)
    if report.verdict == "clean" and not _count_gaps(report) and not _is_partial(report):
        case = find_open_case(host)
        _check_age(host, report)
        StoredFinding.objects.filter(host=host, gone_at=None).update(gone_at=at)
        for address in list(host.suspected_at):
            settle_suspicion(host, address)
        event = "anew" if host.state in _CURED and case is not None else "clean"
    if event is not None:
        advance(host, event, at, f"a look from outside, brought by {brought.who}"[:TEXT])


def _check_age(host: Host, report: Report) -> None:
    """A clean look from before the last one that found something proves nothing, whichever was brought first."""
    ended = report.started + timedelta(seconds=report.seconds)
    ill = StoredReport.objects.filter(host=host, verdict__in=_ILL).aggregate(at=Max("taken_at"))["at"]
    times = [ill, host.state_since if host.state == "suspect" else None]
    if any(time is not None and ended < time for time in times):
        what = f"this clean look ended at {ended:%Y-%m-%d %H:%M:%S} UTC, before something was found"
        raise Refused(what, where=host.label, advice="look at the disk as it is now")
