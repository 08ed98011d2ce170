"""Runs of one word on many hosts: every expected host has a row, whatever becomes of it."""

import fcntl
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import msgspec
from django.db import transaction
from django.db.models import Q, QuerySet

from codered.model.errors import Refused
from codered.model.job import JobWord
from codered_hq.config import Config
from codered_hq.engines import ENGINES
from codered_hq.fleet.models import FleetRun, HostRun
from codered_hq.fleet.orders import CHANGING, Giver, Ordered, Wish, order, read_wish
from codered_hq.fleet.permitting import AWAITING, admit, note_change, stop_forbidden
from codered_hq.fleet.returns import give_up, settle
from codered_hq.fleet.selecting import Way, choose_ways
from codered_hq.gate.expiring import expire
from codered_hq.hosts.models import Host
from codered_hq.model.engine import Engine, EngineHost, Program, Return, Task
from codered_hq.opening import be_patient

BATCH = 200  # hosts of one call of an engine: what a crash makes us ask again
RUN_VALID = timedelta(days=7)
QUEUED = ("queued", "running")

Tell = Callable[[HostRun], None]


class Means(NamedTuple):
    """What runs are made with: who gives orders, the file that hosts get for a word, the engines by name and which of
    them is for hosts that say nothing else, and the folder of headquarters.
    """

    giver: Giver
    programs: Callable[[str], Program]
    engines: Callable[[str], Engine]
    default: str
    folder: Path


class PlanDocument(NamedTuple):
    """A stored plan of a host, its digest, and the report it was made from. For the word "plan" there is only the
    report yet; for "sweep" it is the sweep's job that stands in `report`.
    """

    plan: bytes
    digest: str
    report: bytes = b""


def open_engines(config: Config) -> Callable[[str], Engine]:
    """The engines by name, each opened once. Raises WrongUse for one that is missing or set up wrongly, Refused in a
    played range: its addresses may be real machines elsewhere.
    """
    opened: dict[str, Engine] = {}

    def find(name: str) -> Engine:
        if config.exercise == "simulated":
            raise Refused("a played range has no hosts to ask", where=name, advice="its world tells what there is")
        if name not in opened:
            opened[name] = ENGINES[name](config)
        return opened[name]

    return find


def begin_run(
    word: JobWord, hosts: Sequence[Host], wish: Wish, at: datetime, plans: dict[int, PlanDocument] | None = None
) -> FleetRun:
    """A new run with a row for each host; nothing is sent yet. Changes go through `ordering.order_change`: its hosts
    wait until `permitting` has their permits.
    """
    with transaction.atomic():
        run = FleetRun.objects.create(
            uid=uuid.uuid4().hex, word=word, wish=msgspec.to_builtins(wish), incident=wish.incident, started=at,
            expires=at + RUN_VALID,
        )  # fmt: skip
        state = AWAITING if word in CHANGING else "queued"
        rows = [HostRun(run=run, host=host, state=state) for host in hosts]
        for row in rows:
            if found := (plans or {}).get(row.host.pk):
                row.plan, row.plan_digest, row.document = found.plan, found.digest, found.report
        HostRun.objects.bulk_create(rows, batch_size=BATCH)
    return run


def carry_on(run: FleetRun, means: Means, tell: Tell) -> FleetRun:
    """Ask every host of the run that is due, and settle what comes back; may be called again after any interruption.
    Raises Refused while another process does so, and WrongUse if an engine is missing.
    """
    with _alone(run, means.folder):
        run.refresh_from_db()
        now = datetime.now(UTC)
        if now >= run.expires:
            for task in run.hosts.filter(state__in=(*QUEUED, AWAITING)).select_related("host", "run"):
                reason = f"not reached until the run ended; last: {task.reason}" if task.reason else "the run ended"
                tell(be_patient(lambda task=task, reason=reason: give_up(task, reason, now)))  # type: ignore[misc]
            return _close(run)
        if run.word in CHANGING:
            expire(now)
            be_patient(lambda: admit(run, now))
        numbers = list(find_due(run, now).order_by("pk").values_list("pk", flat=True))
        rest = iter(numbers)
        while some := list(islice(rest, BATCH)):
            _run_batch(some, means, tell)
        return _close(run)


def find_due(run: FleetRun, at: datetime) -> "QuerySet[HostRun]":
    """The hosts of a run that are to be asked now."""
    return run.hosts.filter(Q(state="running") | Q(state="queued", next_try=None) | Q(state="queued", next_try__lte=at))


def _run_batch(numbers: Sequence[int], means: Means, tell: Tell) -> None:
    near = ("host__addresses", "host__identifiers")
    rows = HostRun.objects.filter(pk__in=numbers).select_related("host", "run").prefetch_related(*near).order_by("pk")
    tasks = list(rows)
    if tasks and tasks[0].run.word in CHANGING:
        tasks = be_patient(lambda: stop_forbidden(tasks[0].run, tasks, datetime.now(UTC)))
    for name, ways in choose_ways(tasks, means.default).items():
        for way in ways:
            if way.host is None:
                # It may appear yet, or get its name: tried again as one that is off is.
                _settle(way.task, Return(host="", outcome="unreachable", reason=way.why), tell)
        if there := [way for way in ways if way.host is not None]:
            _ask(means.engines(name), there, means, tell)


def _ask(engine: Engine, ways: Sequence[Way], means: Means, tell: Tell) -> None:
    run = ways[0].task.run
    at, wish = datetime.now(UTC), read_wish(run)
    waiting: dict[str, HostRun] = {}
    inputs: dict[str, bytes] = {}
    hosts: list[EngineHost] = []
    for way in ways:
        if way.host is None:
            continue
        waiting[way.host.name] = way.task
        way.task.address = way.host.address
        inputs[way.host.name] = _send(way.task, wish, means.giver, at).sealed
        hosts.append(way.host)
    asked = Task(
        id=uuid.uuid4().hex, program=means.programs(run.word), arguments=("answer",), inputs=inputs,
        seconds=wish.seconds,
    )  # fmt: skip
    for found in engine.run(asked, hosts):
        if (known := waiting.pop(found.host, None)) is not None:
            _settle(known, found, tell)
    for task in waiting.values():
        _settle(task, Return(host="", outcome="silent", reason="the engine said nothing about it"), tell)


def _send(task: HostRun, wish: Wish, giver: Giver, at: datetime) -> Ordered:
    """Its job, written down before it is sent: after a crash it is the same one."""
    ordered = order(task, wish, giver, at)
    task.state = "running"
    fields = ["state", "address", "job", "job_id", "job_sha256", "job_expires"]
    be_patient(lambda: task.save(update_fields=fields))
    return ordered


def _settle(task: HostRun, found: Return, tell: Tell) -> None:
    settled = be_patient(lambda: _settle_and_note(task, found, datetime.now(UTC)))
    if settled is not None:
        tell(settled)


def _settle_and_note(task: HostRun, found: Return, at: datetime) -> HostRun | None:
    """Changes stand in the ledger, too, in the transaction that tells of them."""
    with transaction.atomic():
        settled = settle(task, found, at)
        if settled is not None and settled.run.word in CHANGING:
            note_change(settled, at)
    return settled


def _close(run: FleetRun) -> FleetRun:
    waiting = run.hosts.filter(state__in=QUEUED).exists()
    held = run.hosts.filter(state=AWAITING).exists()
    run.state = "waiting" if waiting else "awaiting" if held else "done"
    run.ended = None if waiting or held else datetime.now(UTC)
    be_patient(lambda: run.save(update_fields=["state", "ended"]))
    return run


@contextmanager
def _alone(run: FleetRun, folder: Path) -> Iterator[None]:
    """No run is carried on twice at once. Raises Refused."""
    locks = folder / "runs"
    locks.mkdir(mode=0o700, exist_ok=True)
    path = locks / f"{run.uid}.lock"
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    with open(os.open(path, flags, 0o600), "wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            what, advice = "this run is under way in another process", "wait for it, or end that one"
            raise Refused(what, where=f"run {run.uid[:8]}", advice=advice) from None
        yield
