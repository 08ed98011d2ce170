"""The authorisation of a sweep: a strict YAML file that says who allows it, of what, and when. Without it nothing is
sent.
"""

import hashlib
import math
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from codered.model.errors import Refused, WrongUse
from codered.packs.decoding import decode_document
from codered.packs.strict_yaml import Document, parse_document, read_bytes, shorten, show_path
from codered_hq.model.sweep import Limits
from codered_hq.sweeps.intervals import Intervals, read_intervals, subtract

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_RANGES = 20_000
_MOST_END = timedelta(days=7)
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Window(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hours ("20:00") of some days in which a sweep may run; one that begins later than it ends runs over midnight and
    belongs to the day on which it begins.
    """

    begin: str = msgspec.field(name="from")
    end: str = msgspec.field(name="to")
    days: tuple[Day, ...] = DAYS  # type: ignore[assignment]


class Ceiling(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The limits that may not be exceeded, with the names of Limits; 0 = nothing said."""

    per_second: float = 0.0
    per_subnet: float = 0.0
    per_host: float = 0.0
    at_once: int = 0
    most_bytes: int = 0
    tries: int = 0


class Authorisation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file as it is written."""

    format: Literal["codered/authorisation/1"]
    allowed_by: str
    until: str
    ranges: tuple[str, ...]
    ports: tuple[int, ...]
    contact: str = ""
    reason: str = ""
    not_before: str = ""
    never: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    time_zone: str = "UTC"
    windows: tuple[Window, ...] = ()
    fragile: tuple[str, ...] = ()
    fragile_tags: tuple[str, ...] = ()
    limits: Ceiling = Ceiling()


class Permit(NamedTuple):
    """An authorisation that was read and makes sense. `raw` is the file, `where` its name; times are in UTC."""

    said: Authorisation
    raw: bytes
    where: str
    not_before: datetime | None
    until: datetime
    allowed: Intervals
    never: Intervals
    zone: ZoneInfo

    @property
    def sha256(self) -> str:
        """The digest of the file."""
        return hashlib.sha256(self.raw).hexdigest()


def _decode(raw: bytes, where: str) -> tuple[Document, Authorisation]:
    try:
        document = parse_document(raw, where)
        return document, decode_document(document, Authorisation)
    except WrongUse as error:
        advice = error.advice.replace("see docs/pack-format.md", "see codered sweep --make-authorisation")
        raise WrongUse(error.what, where=error.where, advice=advice) from None


def read_permit(path: Path) -> Permit:
    """The authorisation in this file. Raises WrongUse with file and line if it is unreadable or contradicts itself."""
    return parse_permit(read_bytes(path), show_path(path))


def parse_permit(raw: bytes, where: str) -> Permit:
    """The same from bytes. Raises WrongUse."""
    document, said = _decode(raw, where)
    not_before = _read_time(document, "not_before", said.not_before) if said.not_before else None
    until = _read_time(document, "until", said.until)
    allowed, never = _read_ranges(document, "ranges", said.ranges), _read_ranges(document, "never", said.never)
    _read_ranges(document, "fragile", said.fragile)
    try:
        zone = ZoneInfo(said.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _explain(
            document, "time_zone", f"`{shorten(said.time_zone)}` is no time zone", "UTC or Europe/Berlin"
        ) from None
    _check_sense(document, said)
    if not_before is not None and not_before >= until:
        raise _explain(document, "until", "it ends before it begins", "correct `until` or `not_before`")
    if not subtract(allowed, never):
        raise _explain(document, "never", "nothing is left of `ranges`", "correct one of the two")
    return Permit(said, raw, where, not_before, until, allowed, never, zone)


def check_now(permit: Permit, now: datetime) -> None:
    """That the authorisation holds at this time (aware). Raises Refused."""
    if told := explain_time(permit, now):
        raise Refused(told, where=permit.where, advice=f"ask {shorten(permit.said.allowed_by)} for another one")


def explain_time(permit: Permit, now: datetime) -> str:
    """Why nothing may be sent at this time, "" if it may be."""
    if now >= permit.until:
        return f"the authorisation ended {permit.until:%Y-%m-%d %H:%M} UTC"
    if permit.not_before is not None and now < permit.not_before:
        return f"the authorisation begins only {permit.not_before:%Y-%m-%d %H:%M} UTC"
    if permit.said.windows and not any(_is_open(window, now.astimezone(permit.zone)) for window in permit.said.windows):
        hours = ", ".join(f"{' '.join(each.days)} {each.begin}-{each.end}" for each in permit.said.windows[:7])
        return f"outside of the authorised hours ({hours}, {permit.said.time_zone})"
    return ""


def find_end(permit: Permit, now: datetime) -> datetime:
    """Until when sending is authorised without a break from this time (aware) on, a week at most. Raises Refused."""
    check_now(permit, now)
    minute = timedelta(minutes=1)
    end, most = now.replace(second=0, microsecond=0) + minute, min(permit.until, now + _MOST_END)
    while end < most and not explain_time(permit, end):
        end += minute
    return min(end, most)


def check_fits(permit: Permit, now: datetime, seconds: float) -> datetime:
    """That a sweep of at most this length fits into what is authorised from now (aware) on; the end of that. Raises
    Refused: one that is made elsewhere can't be stopped from here.
    """
    end = find_end(permit, now)
    if seconds > (end - now).total_seconds() and end < now + _MOST_END:
        what = f"it may take {seconds / 60:,.0f} min, and is authorised until {end:%Y-%m-%d %H:%M} UTC only"
        raise Refused(what, where=permit.where, advice="sweep less at once, or ask for more time")
    return end


def lower_limits(permit: Permit, wanted: Limits) -> Limits:
    """The limits wanted, none of them above what is authorised. 0 wanted connections a second mean "no limit"."""
    ceiling = msgspec.structs.asdict(permit.said.limits)
    lowered = {
        name: min(value, most) if value else most
        for name, most in ceiling.items()
        if most and (value := getattr(wanted, name)) is not None
    }
    return msgspec.structs.replace(wanted, **lowered)


def check_ports(permit: Permit, ports: tuple[int, ...]) -> None:
    """That all of these ports may be asked. Raises Refused."""
    if denied := [port for port in ports if port not in permit.said.ports]:
        what = f"port {', '.join(map(str, denied[:10]))} is not authorised"
        raise Refused(what, where=permit.where, advice="leave it out with --ports and --tls-ports, or have it allowed")


def check_packs(permit: Permit, packs: tuple[str, ...]) -> None:
    """That the probes of these packs may be sent. Raises Refused."""
    if permit.said.packs and (denied := [name for name in packs if name not in permit.said.packs]):
        what = f"pack {', '.join(denied[:10])} is not authorised"
        raise Refused(what, where=permit.where, advice="choose others with --packs, or have it allowed")


def read_sample() -> str:
    """A sample of the file, with comments."""
    return (files("codered_hq.sweeps") / "authorisation_sample.yaml").read_text(encoding="utf-8")


def _is_open(window: Window, now: datetime) -> bool:
    begin, end, time = window.begin, window.end, f"{now:%H:%M}"
    today, yesterday = DAYS[now.weekday()] in window.days, DAYS[(now - timedelta(days=1)).weekday()] in window.days
    if begin < end:
        return today and begin <= time < end
    return (today and time >= begin) or (yesterday and time < end)


def _check_sense(document: Document, said: Authorisation) -> None:
    if not said.allowed_by.strip():
        raise _explain(document, "allowed_by", "nobody allows it", "name who does, and how to reach them")
    if not said.ranges:
        raise _explain(document, "ranges", "no range is allowed", "name ranges or addresses")
    if not said.ports or any(not 0 < port < 65536 for port in said.ports):
        raise _explain(document, "ports", "no list of ports", "name ports from 1 to 65535")
    for name, value in msgspec.structs.asdict(said.limits).items():
        if value < 0 or not math.isfinite(value) or (value == 0 and name in _keys(document)):
            raise _explain(document, "limits", f"`{name}` is no limit", "write a number above 0, or leave it out")
    for number, window in enumerate(said.windows):
        for text in (window.begin, window.end):
            if len(text) != 5 or text[2] != ":" or not (text[:2] + text[3:]).isdecimal() or text > "24:00":
                raise _explain(document, "windows", f"window {number + 1} has no such hour", "write '20:00'")
            if int(text[3:]) > 59:
                raise _explain(document, "windows", f"window {number + 1} has no such hour", "write '20:00'")
        if window.begin == window.end or not window.days:
            raise _explain(document, "windows", f"window {number + 1} is empty", "say from when to when, and the days")


def _keys(document: Document) -> frozenset[str]:
    limits = document.value.get("limits") if isinstance(document.value, dict) else None
    return frozenset(limits) if isinstance(limits, dict) else frozenset()


def _read_ranges(document: Document, key: str, ranges: tuple[str, ...]) -> Intervals:
    if len(ranges) > MOST_RANGES:
        raise _explain(document, key, f"more than {MOST_RANGES:,} ranges", "join neighbours")
    for number, text in enumerate(ranges):
        try:
            read_intervals((text,))
        except WrongUse:
            what = f"`{shorten(text)}` is no address or range"
            place = document.place_of(key, number)
            raise WrongUse(what, where=place, advice="write 10.1.0.0/16, 10.1.2.3 or fd00:1::/112") from None
    return read_intervals(ranges)


def _read_time(document: Document, key: str, text: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        what = f"`{shorten(text)}` is no time"
        raise _explain(document, key, what, "write 2026-11-29T18:00 (UTC) or 2026-11-29T18:00+01:00") from None


def _explain(document: Document, key: str, what: str, advice: str) -> WrongUse:
    return WrongUse(what, where=document.place_of(key), advice=advice)
