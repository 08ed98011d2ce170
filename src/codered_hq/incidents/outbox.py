"""The queue of notices. A notice is written to the database first and sent afterwards, so that a network that is down
or a crash costs time, never the notice. It goes out at least once; its id is the same each time.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Final, get_args

import msgspec
from django.db import transaction
from django.db.models import Q, QuerySet

from codered.model.errors import WrongUse
from codered_hq.config import Config, NotifyConfig, headquarters_folder, read_config
from codered_hq.hosts.models import TEXT
from codered_hq.incidents.audiences import is_team_way
from codered_hq.incidents.models import Duty, Incident, Message, Outgoing
from codered_hq.ledger.writing import enter
from codered_hq.model.crisis import ROLES, Tlp
from codered_hq.model.notice import Notice
from codered_hq.opening import be_patient
from codered_hq.sending.delivering import NEVER_RED, deliver
from codered_hq.sending.not_sent import NotSent

EVERYBODY: Final = "everybody"
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(hours=24)
MOST_IN_A_ROW = 2  # failures of a way as a whole, before it is left alone
_MINUTE = timedelta(minutes=1)


class Worked(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one pass over the queue; `waiting` are still in it."""

    sent: int = 0
    failed: int = 0
    given_up: int = 0
    waiting: int = 0


def queue_notice(
    receiver: str, notice: Notice, at: datetime, incident: Incident | None = None, message: Message | None = None
) -> list[Outgoing]:
    """Put a notice into the queue, for a [[notify]] by name, a role, or EVERYBODY; a `to` in the notice is the only
    receiver then. Where nobody can be reached, a row says so. Raises WrongUse for a receiver that is none of these.
    """
    config = read_config(headquarters_folder())
    targets = list(dict.fromkeys(_find_targets(config, receiver, notice.to, incident)))
    error = "" if targets else f"no [[notify]] of headquarters.toml reaches {receiver}"
    if notice.tlp == "RED":
        error = NEVER_RED
    made = [
        Outgoing(
            incident=incident, message=message, way=way[:64], to=to[:TEXT], subject=_clean(notice.subject)[:TEXT],
            body=_clean(notice.body), tlp=notice.tlp, urgent=notice.urgent, queued_at=at, next_try=at,
            state="given_up" if error else "queued", error=error[:TEXT],
        )
        for way, to in targets or [("", receiver)]
    ]  # fmt: skip
    return Outgoing.objects.bulk_create(made)


def work_outbox(config: Config, at: datetime) -> Worked:
    """Send what is due, urgent ones first, as many a minute as each way lets through. A way that does not work is left
    alone until its pause is over; what could not be sent for a day is given up, and the status report tells it.
    """
    ways = {way.name: way for way in config.notify}
    worked = Worked()
    names = be_patient(lambda: list(_find_due(at).values_list("way", flat=True).order_by("way").distinct()))
    for name in names:
        worked = _add(worked, _work_way(name, ways.get(name), at))
    left = be_patient(lambda: Outgoing.objects.filter(state="queued").count())
    return msgspec.structs.replace(worked, waiting=left)


def make_id(row: Outgoing) -> str:
    """The id of a notice: the same whenever it is sent, another for every other notice."""
    told = f"{row.pk} {row.queued_at.timestamp():.6f} {row.way} {row.to}"
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _clean(text: str) -> str:
    """Text that every database takes."""
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\x00")


def _find_targets(config: Config, receiver: str, to: str, incident: Incident | None) -> Iterator[tuple[str, str]]:
    """Way and receiver, for each one that this reaches."""
    named = [way for way in config.notify if way.name == receiver]
    ours = [way for way in config.notify if is_team_way(way)]
    if not named and receiver != EVERYBODY and receiver not in ROLES:
        advice = f"name a [[notify]] of headquarters.toml, a role or {EVERYBODY}"
        raise WrongUse("nobody is called so", where=receiver[:60], advice=advice)
    for way in named or ours:
        if named or receiver == EVERYBODY or not way.for_roles or receiver in way.for_roles:
            yield from ((way.name, each) for each in ((to,) if to else way.to or _bare(way)))
    if named or to:
        return
    for way in ours:
        wanted = set(way.for_roles or ROLES) & (set(ROLES) if receiver == EVERYBODY else {receiver})
        if way.way == "mail" and wanted:
            yield from ((way.name, mail) for mail in _find_mails(wanted, incident))
            if set(wanted) == (set(ROLES) if receiver == EVERYBODY else {receiver}):
                return  # each person once: the first way that reaches him


def _bare(way: NotifyConfig) -> tuple[str, ...]:
    """A webhook needs no receiver: its URL is one."""
    return ("",) if way.way in ("webhook", "slack") else ()


def _find_mails(roles: set[str], incident: Incident | None) -> list[str]:
    duties = Duty.objects.filter(Q(incident=incident) | Q(incident=None), role__in=roles, until=None)
    people = duties.filter(person__active=True).exclude(person__mail="").order_by("order", "pk")
    return list(dict.fromkeys(people.values_list("person__mail", flat=True)))


def _find_due(at: datetime) -> "QuerySet[Outgoing]":
    """Also what is to be tried later than we would ever put it: the clock was set back since."""
    due = Q(next_try__lte=at) | Q(next_try__gt=at + LONGEST_PAUSE)
    return Outgoing.objects.filter(due, state="queued")


def _work_way(name: str, way: NotifyConfig | None, at: datetime) -> Worked:
    def read() -> list[Outgoing]:
        sent = Outgoing.objects.filter(way=name, sent_at__gt=at - _MINUTE, sent_at__lte=at).count()
        allowed = max((way.per_minute if way else 1) - sent, 0)
        rows = _find_due(at).filter(way=name).select_related("incident")
        return list(rows.order_by("-urgent", "tries", "pk")[:allowed])

    worked, in_a_row = Worked(), 0  # one that the way always fails at must not stop all others
    for row in be_patient(read):
        if not be_patient(partial(_claim, row, at)):
            continue  # somebody else is at it
        try:
            if way is None:
                raise NotSent(f"headquarters.toml has no [[notify]] named {name}", whole=True)
            deliver(way, _make_notice(row))
        except NotSent as failed:
            in_a_row = in_a_row + 1 if failed.whole else 0
            down = in_a_row == MOST_IN_A_ROW
            gone = be_patient(partial(_note_failure, row, failed, at, down))
            worked = _add(worked, Worked(failed=1, given_up=gone))
            if down:
                break
        else:
            in_a_row = 0
            be_patient(partial(_note_sent, row, at))
            worked = _add(worked, Worked(sent=1))
    return worked


def _make_notice(row: Outgoing) -> Notice:
    tlp: Tlp = row.tlp if row.tlp in get_args(Tlp) else "RED"  # type: ignore[assignment]
    return Notice(to=row.to, subject=row.subject, body=row.body, tlp=tlp, urgent=row.urgent, id=make_id(row))


def _claim(row: Outgoing, at: datetime) -> bool:
    """Ours for one try: another worker finds it not due. If we die now, it is due again after the pause."""
    mine = Outgoing.objects.filter(pk=row.pk, state="queued", tries=row.tries, next_try=row.next_try)
    later = at + _pause(row.tries + 1)
    ours = mine.update(tries=row.tries + 1, next_try=later) == 1
    row.tries, row.next_try = row.tries + 1, later
    return ours


def _pause(tries: int) -> timedelta:
    return min(FIRST_PAUSE * (1 << min(tries - 1, 10)), LONGEST_PAUSE)


def _note_sent(row: Outgoing, at: datetime) -> None:
    with transaction.atomic():
        Outgoing.objects.filter(pk=row.pk).update(state="sent", sent_at=at, error="")
        _tell_ledger(row, f"told {row.to or row.way} by {row.way}: {row.subject}", at)


def _note_failure(row: Outgoing, failed: NotSent, at: datetime, down: bool) -> int:
    """How many are given up. If the way does not work, whatever else is due on it waits as long as this one."""
    with transaction.atomic():
        why = failed.why[:TEXT]
        later = max(row.next_try, at + min(timedelta(seconds=failed.wait), LONGEST_PAUSE))
        mine = Outgoing.objects.filter(pk=row.pk)
        mine.update(error=why, next_try=later, **({"state": "given_up"} if failed.lasting else {}))
        if down:
            _find_due(at).filter(way=row.way).update(error=why, next_try=later)
        old = Outgoing.objects.filter(way=row.way, state="queued", queued_at__lte=at - GIVEN_UP_AFTER)
        gone = (old if down else old.filter(pk=row.pk)).update(state="given_up", error=why)
        gone += failed.lasting
        if gone:
            _tell_ledger(row, f"gave up telling {gone} by {row.way}, among them {row.to}: {row.subject}; {why}", at)
        return gone


def _tell_ledger(row: Outgoing, what: str, at: datetime) -> None:
    incident = row.incident.name if row.incident else ""
    detail = {"way": row.way, "to": row.to, "id": make_id(row), "tlp": row.tlp, "tries": row.tries}
    enter("notice", "headquarters", what, at, incident=incident, detail=detail)


def _add(one: Worked, other: Worked) -> Worked:
    return Worked(sent=one.sent + other.sent, failed=one.failed + other.failed, given_up=one.given_up + other.given_up)
