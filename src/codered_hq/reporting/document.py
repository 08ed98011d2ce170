"""The status of an incident as one document (`codered incident status --json`); every page and text is made from it.

Absence is never called clean: hosts that nobody reached and addresses that nobody swept are numbers of their own.
"""

from datetime import datetime, timedelta
from typing import Final

import msgspec

STATUS_FORMAT: Final = "codered/status/1"


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """How many. `verified`: proved clean since the incident was declared, also those still watched or closed since;
    `not_reached`: hosts whose newest order was not answered since then, or that none ever went to; `partly`: hosts that
    answered but could not look at everything; `not_covered`: addresses that no sweep covers; `awaiting`: decisions that
    wait for somebody's yes. Of those contained, `contained_infected` were found infected by a scan, `contained_suspect`
    only looked so from outside.
    """

    hosts: int
    infected: int
    contained: int
    verified: int
    not_reached: int
    awaiting: int
    suspect: int = 0
    cleaned: int = 0
    partly: int = 0
    addresses: int = 0
    not_covered: int = 0
    contained_infected: int = 0
    contained_suspect: int = 0


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A number that is another than in the last report."""

    what: str
    before: int
    after: int


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A subnet that is not covered whole: how many of its addresses, and why."""

    range: str
    name: str
    site: str
    total: int
    missing: int
    reasons: tuple[str, ...]
    documented: bool


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that waits; `missing` are the roles whose yes it needs."""

    uid: str
    kind: str
    target: str
    machines: int
    missing: tuple[str, ...]
    requested_by: str
    why: str
    at: datetime
    expires_at: datetime | None


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """A containment that is in place, or that can't be taken back (`stuck`, with its error)."""

    uid: str
    kind: str
    place: str
    host: str
    state: str
    since: datetime | None
    undo_at: datetime | None
    timer: str
    overdue: bool = False
    error: str = ""


class RoleTasks(msgspec.Struct, frozen=True, kw_only=True):
    """The tasks of a role that are not done."""

    role: str
    open: int
    claimed: int
    blocked: int
    overdue: int


class StepRow(msgspec.Struct, frozen=True, kw_only=True):
    """One of the six steps, the function of the NIST CSF 2.0 it belongs to, and its tasks (dropped is not done)."""

    step: str
    csf: str
    done: int
    left: int
    now: bool
    dropped: int = 0


class Undelivered(msgspec.Struct, frozen=True, kw_only=True):
    """Notices that were given up, or are tried again, for one reason."""

    way: str
    to: str
    notices: int
    given_up: bool
    error: str


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """How many hosts had been found infected, contained and verified clean by the end of each span of `hours`, first
    one beginning at `start`; a host counts once in each. `minutes`: of a span that is shorter than an hour.
    """

    start: datetime
    hours: int
    infected: tuple[int, ...]
    contained: tuple[int, ...]
    verified: tuple[int, ...]
    minutes: int = 0

    @property
    def span(self) -> timedelta:
        """How long one is."""
        return timedelta(hours=self.hours, minutes=self.minutes)


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """A host that was infected again after its cure: when, and its state now."""

    host: str
    at: datetime
    state: str


class Learned(msgspec.Struct, frozen=True, kw_only=True):
    """A lesson: what, whose it is ("" = nobody's), by when, what is changed; whether that is done and proved."""

    text: str
    owner: str
    due_at: datetime | None
    control: str = ""
    done: bool = False


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """How it went. `affected`: hosts that were found infected, or that the team decided about; `cut_off`: hosts that
    were contained (`cut_off_ill` of them affected), the first and the last of them when; `clean_at`: when the last one
    was proved clean so far, but for `ill` (of `ill_of` in all).
    """

    way_in: tuple[str, ...] = ()
    first_at: datetime | None = None
    first_host: str = ""
    affected: int = 0
    cut_off: int = 0
    cut_off_ill: int = 0
    cut_off_first: datetime | None = None
    cut_off_last: datetime | None = None
    clean_at: datetime | None = None
    ill: tuple[str, ...] = ()
    ill_of: int = 0
    returned: tuple[Returned, ...] = ()
    learned: tuple[Learned, ...] = ()


class StatusReport(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of an incident at `at`. Lists are cut to `MOST_ROWS`; what they are `of` stands beside."""

    format: str
    at: datetime
    incident: str
    title: str
    step: str
    severity: str
    tlp: str
    drill: bool
    declared_at: datetime
    declared_by: str
    closed_at: datetime | None
    summary: str
    packs: tuple[str, ...]
    numbers: Numbers
    last_report_at: datetime | None
    next_report_at: datetime | None
    changes: tuple[Change, ...]
    curve: Curve | None
    coverage_complete: bool
    gaps: tuple[Gap, ...]
    gaps_of: int
    waiting: tuple[Waiting, ...]
    waiting_of: int
    containments: tuple[Holding, ...]
    containments_of: int
    stuck: int
    tasks: tuple[RoleTasks, ...]
    steps: tuple[StepRow, ...]
    impact: dict[str, str]
    undelivered: tuple[Undelivered, ...]
    open_rumours: int
    ledger_seq: int
    ledger_head: str
    story: Story = Story()
