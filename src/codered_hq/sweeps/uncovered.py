"""Why addresses are not covered: blocked, not authorised, a lab that is not attached, a scan point or a bundle that is
missing, too long ago, never.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count

from codered_hq.hosts.models import Zone
from codered_hq.probing.sockets import BROADCAST
from codered_hq.sweeps.intervals import Interval, Intervals, count, intersect, merge, read_intervals, subtract
from codered_hq.sweeps.models import Bundle, Sweep, SweptAddress
from codered_hq.sweeps.tallying import FILTERED, NOT_ASKED, Kind, View, tally_interval
from codered_hq.sweeps.targets import TOO_LARGE
from codered_hq.sweeps.zoning import is_closed

CATEGORIES = (
    "answered", "silent", "refused", "blocked", "not_authorised", "not_asked", "lab_not_attached", "scan_point_missing",
    "bundle_out", "stale", "never_swept",
)  # fmt: skip
MOST_REFUSED = 4
"""For each address that answers so many may be refused, until the subnet as a whole is taken to be blocked."""
_MOST_SWEEPS = 200  # whose left-out ranges are still told of
_MOST_BROKEN_OFF = 20
_UNKNOWN_SENDER = "nothing could be sent: excluded, ended before its turn, or no route from here"


class Reasons(NamedTuple):
    """What is known of why something is not covered: ranges that a bundle is out for, ranges that were left out of
    sweeps, each with the reason; scan points by zone and what became of them.
    """

    at: datetime
    bundles: tuple[tuple[Intervals, str], ...]
    left_out: tuple[tuple[Intervals, str], ...]
    points: dict[int, str]
    broken_off: tuple[tuple[Intervals, str], ...] = ()


class Known(NamedTuple):
    """How many addresses of a subnet the inventory knows hosts at, but for `routers`, where its router may be."""

    hosts: int
    routers: int = 0


class Row(NamedTuple):
    """A subnet to be judged: its zone, its addresses, how many of them hosts are known at, and where its router may be:
    that one answers also where nothing behind it can be reached.
    """

    zone: Zone | None
    own: Intervals
    known: Known
    gateways: Intervals = ()


class Judged:
    """Addresses by category, adding up to all; why they are not covered; and when one was last heard of."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.reasons: dict[str, str] = {}
        self.newest: datetime | None = None

    def add(self, category: str, number: int, reason: str = "") -> None:
        """So many addresses more."""
        if number:
            self.counts[category] += number
            if reason and category not in self.reasons:
                self.reasons[category] = reason


class _Piece(NamedTuple):
    """A part of a subnet with its tally: `swept` addresses of `size`; why the others get nothing."""

    category: str
    why: str
    size: int
    counts: Counter[Kind]


def find_reasons(at: datetime) -> Reasons:
    """What the database knows of bundles, left-out ranges and scan points now."""
    bundles = []
    for bundle in Bundle.objects.filter(state="issued").select_related("sweep").order_by("-issued"):
        over = f", void since {bundle.expires:%Y-%m-%d %H:%M}" if bundle.expires <= at else ""
        why = f"bundle {bundle.uid[:8]} issued {bundle.issued:%Y-%m-%d %H:%M}{over}, not back"
        bundles.append((read_intervals(bundle.sweep.wanted), why))
    return Reasons(at, tuple(bundles), _gather_left_out(), _find_points(), tuple(_find_broken_off()))


def _find_broken_off() -> Iterator[tuple[Intervals, str]]:
    """What sweeps that ended early were to ask: what of it nobody asked is missing for their reason."""
    rows = Sweep.objects.filter(state="stopped", blocks__isnull=False).distinct().select_related("point")
    for sweep in rows.order_by("-started")[:_MOST_BROKEN_OFF]:
        by = f" of scan point {sweep.point.name}" if sweep.point else " of a bundle" if sweep.bundle else ""
        yield read_intervals(sweep.wanted), f"sweep {sweep.uid[:8]}{by} ended early: {sweep.stopped}"


def _explain_not_asked(own: Intervals) -> str:
    """What the sweeps themselves say of addresses that they did not ask: the reason of most of them."""
    first, last = f"{own[0].first:032x}", f"{own[-1].last:032x}"
    rows = SweptAddress.objects.filter(state="not_asked", number__gte=first, number__lte=last).exclude(reason="")
    told = rows.exclude(reason__startswith=BROADCAST).values("reason").annotate(times=Count("id"))
    most = told.order_by("-times", "reason").first()
    return str(most["reason"]) if most else ""


def _gather_left_out() -> tuple[tuple[Intervals, str], ...]:
    """What sweeps left out, by reason; of several reasons for one address the newest sweep's counts."""
    gathered: defaultdict[str, list[Interval]] = defaultdict(list)
    taken: Intervals = ()
    known: set[str] = set()
    for left_out in Sweep.objects.order_by("-started").values_list("left_out", flat=True)[:_MOST_SWEEPS]:
        ranges: defaultdict[str, list[str]] = defaultdict(list)
        for text, why in left_out:
            if text not in known:
                ranges[why].append(text)
        new = {why: subtract(read_intervals(texts), taken) for why, texts in ranges.items()}
        for why, found in new.items():
            gathered[why].extend(found)
            known.update(ranges[why])
        if new:
            taken = merge([*taken, *(interval for found in new.values() for interval in found)])
    return tuple((merge(found), why) for why, found in gathered.items())


def judge_row(row: Row, view: View, reasons: Reasons) -> Judged:
    """The addresses of one subnet by category; the counts add up to all of them."""
    judged = Judged()
    closed = is_closed(row.zone)
    pieces, stale = [], None
    for own, category, why in _cut(row.own, reasons):
        counts: Counter[Kind] = Counter()
        for interval in own:
            tally = tally_interval(interval, view, closed)
            counts.update(tally.counts)
            judged.newest = max(filter(None, (judged.newest, tally.newest)), default=None)
            stale = max(filter(None, (stale, tally.stale)), default=None)
        pieces.append(_Piece(category, why, count(own), counts))
    counts = sum((piece.counts for piece in pieces), Counter())
    routers = 0
    for interval in intersect(row.own, row.gateways) if counts else ():
        told = tally_interval(interval, view, closed).counts
        answered = {kind: number for kind, number in told.items() if kind.state > FILTERED}
        counts.subtract(answered)
        routers += sum(number for kind, number in answered.items() if kind.fresh)
    lasting = _Verdicts(row, reasons, closed, counts, routers)
    for piece in pieces:
        lasting.judge(piece, judged, f"last heard of {stale:%Y-%m-%d %H:%M}" if stale else "")
    if "not_asked" in judged.reasons:
        judged.reasons["not_asked"] = _explain_not_asked(row.own) or judged.reasons["not_asked"]
    return judged


class _Verdicts:
    """What silence and absence mean in one subnet; `counts` leave its router out: `routers` of it answered."""

    def __init__(self, row: Row, reasons: Reasons, closed: bool, counts: Counter[Kind], routers: int) -> None:
        self._closed = closed
        self._zone = row.zone
        fresh = {kind: number for kind, number in counts.items() if kind.fresh}
        answered = sum(number for kind, number in fresh.items() if kind.state > FILTERED)
        lab = row.zone is not None and row.zone.kind == "lab"
        filtered = sum(number for kind, number in fresh.items() if kind.state == FILTERED)
        self._heard = 0 < filtered <= MOST_REFUSED * answered
        self._detached = (row.zone.blocked or "nothing in it answers") if lab and row.zone and not answered else ""
        known = row.known.hosts + (0 if routers else row.known.routers)
        self._deaf = f"silent although {known:,} hosts are known there" if known and not answered else ""
        self._point = reasons.points.get(row.zone.pk, "") if row.zone else ""

    def judge(self, piece: _Piece, judged: Judged, stale: str) -> None:
        """Add a piece's addresses to what is judged."""
        for kind, number in piece.counts.items():
            judged.add(*self._name(kind, piece, number, stale))
        judged.add(*self._name_unswept(piece, piece.size - piece.counts.total()))

    def _name(self, kind: Kind, piece: _Piece, number: int, stale: str) -> tuple[str, int, str]:
        if not kind.fresh:
            return "stale", number, stale
        if kind.state > FILTERED:
            return "answered", number, ""
        if piece.category == "bundle_out" and not kind.inside:
            return piece.category, number, piece.why
        if self._detached and not kind.inside:
            return "lab_not_attached", number, self._detached
        if kind.state == FILTERED:
            return self._name_filtered(kind, number)
        if kind.state == NOT_ASKED:
            return "not_asked", number, _UNKNOWN_SENDER
        return self._name_silent(kind, number)

    def _name_filtered(self, kind: Kind, number: int) -> tuple[str, int, str]:
        """Where others answer, a host's own firewall says so, or a rule for this one host."""
        if self._heard and (kind.inside or not self._closed):
            return "refused", number, ""
        return "blocked", number, "something on the way refuses, and says so"

    def _name_silent(self, kind: Kind, number: int) -> tuple[str, int, str]:
        if self._closed and not kind.inside:
            told = (
                self._zone.blocked if self._zone else ""
            ) or "a closed zone: silence heard from outside says nothing"
            return "blocked", number, f"{told}; {self._point}" if self._point else told
        if self._deaf:
            return "blocked", number, self._deaf
        return "silent", number, ""

    def _name_unswept(self, piece: _Piece, number: int) -> tuple[str, int, str]:
        if piece.category:
            return piece.category, number, piece.why
        if self._detached:
            return "lab_not_attached", number, self._detached
        if self._zone is not None and self._zone.kind == "protected":
            return "scan_point_missing", number, self._point
        return "never_swept", number, "no sweep has asked it"


def _cut(own: Intervals, reasons: Reasons) -> list[tuple[Intervals, str, str]]:
    """A subnet's addresses in parts: those a bundle is out for, those that sweeps left out, the rest."""
    parts, rest = [], own
    for found, why in reasons.bundles:
        parts.append((intersect(rest, found), "bundle_out", why))
        rest = subtract(rest, found)
    for found, why in reasons.left_out:
        parts.append((intersect(rest, found), "never_swept" if why == TOO_LARGE else "not_authorised", why))
        rest = subtract(rest, found)
    for found, why in reasons.broken_off:
        parts.append((intersect(rest, found), "never_swept", why))
        rest = subtract(rest, found)
    return [part for part in (*parts, (rest, "", "")) if part[0]]


def _find_points() -> dict[int, str]:
    """What keeps the scan points of each zone from telling (zone number -> words)."""
    told: dict[int, str] = {}
    for zone in Zone.objects.exclude(kind="open").prefetch_related("scan_points"):
        points = list(zone.scan_points.all())
        told[zone.pk] = (
            "no scan point is set up there" if not points else f"its scan point {points[0].name} has not swept it"
        )
        for point in points:
            asked = Sweep.objects.filter(point=point).order_by("-started").first()
            if asked is not None and (asked.state == "waiting" or not asked.blocks.exists()):
                why = f" ({asked.stopped})" if asked.stopped else ""
                told[zone.pk] = f"scan point {point.name} has not answered since {asked.started:%Y-%m-%d %H:%M}{why}"
    return told
