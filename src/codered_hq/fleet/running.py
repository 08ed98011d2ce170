"""Runs of one word on many hosts: every expected host has a row, whatever becomes of it."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple

import msgspec
from django.db import transaction
from django.db.models import Q

from codered.model.job import JobWord
from codered_hq.config import Config
from codered_hq.engines import ENGINES
from codered_hq.fleet.models import FleetRun, HostRun
from codered_hq.fleet.orders import Giver, Ordered, Wish, order, read_wish
from codered_hq.fleet.returns import settle
from codered_hq.hosts.models import Host
from codered_hq.model.engine import Engine, EngineHost, Program, Return, Task
from codered_hq.opening import be_patient

BATCH = 200  # hosts of one call of an engine: what a crash makes us ask again
RUN_VALID = timedelta(days=7)
QUEUED = ("queued", "running")

Tell = Callable[[HostRun], None]


class Means(NamedTuple):
    """What runs are made with: who gives orders, the file that hosts get, the engines by name."""

    giver: Giver
    program: Program
    engines: Callable[[str], Engine]
    default: str


class PlanDocument(NamedTuple):
    """A stored plan of a host, its digest, and the report it was made from."""

    plan: bytes
    digest: str
    report: bytes = b""


def open_engines(config: Config) -> Callable[[str], Engine]:
    """The engines by name, each opened once. Raises WrongUse for one that is missing or set up wrongly."""
    opened: dict[str, Engine] = {}

    def find(name: str) -> Engine:
        if name not in opened:
            opened[name] = ENGINES[name](config)
        return opened[name]

    return find


def begin_run(
    word: JobWord, hosts: Sequence[Host], wish: Wish, at: datetime, plans: dict[int, PlanDocument] | None = None
) -> FleetRun:
    """A new run with a row for each host; nothing is sent yet."""
    with transaction.atomic():
        run = FleetRun.objects.create(
            uid=uuid.uuid4().hex, word=word, wish=msgspec.to_builtins(wish), incident=wish.incident, started=at,
            expires=at + RUN_VALID,
        )  # fmt: skip
        rows = [HostRun(run=run, host=host) for host in hosts]
        for row in rows:
            if found := (plans or {}).get(row.host.pk):
                row.plan, row.plan_digest, row.document = found.plan, found.digest, found.report
        HostRun.objects.bulk_create(rows, batch_size=BATCH)
    return run


def carry_on(run: FleetRun, means: Means, tell: Tell) -> FleetRun:
    """Ask every host of the run that is due, and settle what comes back; may be called again after any interruption.
    Raises WrongUse if an engine is missing.
    """
    due = Q(state="running") | Q(state="queued", next_try=None) | Q(state="queued", next_try__lte=datetime.now(UTC))
    tasks = list(run.hosts.filter(due).select_related("host", "run").order_by("pk"))
    for name, some in _split(tasks, means.default):
        engine = means.engines(name)
        rest = iter(some)
        while batch := list(islice(rest, BATCH)):
            _run_batch(engine, batch, means, tell)
    return _close(run)


def make_engine_host(task: HostRun, engine: str) -> EngineHost | None:
    """The host as its engine knows it; None = there is no way to it."""
    use = task.host.addresses.filter(current=True).order_by("-last_seen").first()
    minion = task.host.identifiers.filter(kind="minion", shared=False).order_by("-last_seen").first()
    if (engine == "salt" and minion is None) or (engine == "ansible" and use is None):
        return None
    address, known = use.address if use else "", minion.value if minion else ""
    return EngineHost(name=str(task.pk), address=address, minion=known)


def _split(tasks: Sequence[HostRun], default: str) -> Iterator[tuple[str, list[HostRun]]]:
    found: dict[str, list[HostRun]] = {}
    for task in tasks:
        found.setdefault(task.host.engine or default, []).append(task)
    return iter(found.items())


def _run_batch(engine: Engine, batch: Sequence[HostRun], means: Means, tell: Tell) -> None:
    at = datetime.now(UTC)
    wish = read_wish(batch[0].run)
    waiting: dict[str, HostRun] = {}
    inputs: dict[str, bytes] = {}
    hosts: list[EngineHost] = []
    for task in batch:
        host = make_engine_host(task, engine.name)
        if host is None:
            way = "name at Salt" if engine.name == "salt" else "address"
            _settle(task, Return(host="", outcome="refused", reason=f"no {way} of it is known"), tell)
            continue
        waiting[host.name], inputs[host.name] = task, _send(task, wish, means.giver, at).sealed
        hosts.append(host)
    if not hosts:
        return
    asked = Task(
        id=uuid.uuid4().hex, program=means.program, arguments=("answer",), inputs=inputs, seconds=wish.seconds
    )  # fmt: skip
    for found in engine.run(asked, hosts):
        if (known := waiting.pop(found.host, None)) is not None:
            _settle(known, found, tell)
    for task in waiting.values():
        _settle(task, Return(host="", outcome="silent", reason="the engine said nothing about it"), tell)


def _send(task: HostRun, wish: Wish, giver: Giver, at: datetime) -> Ordered:
    ordered = order(task, wish, giver, at)
    task.state = "running"
    be_patient(task.save)
    return ordered


def _settle(task: HostRun, found: Return, tell: Tell) -> None:
    be_patient(lambda: settle(task, found, datetime.now(UTC)))
    tell(task)


def _close(run: FleetRun) -> FleetRun:
    waiting = run.hosts.filter(state__in=QUEUED).exists()
    run.state = "waiting" if waiting else "done"
    run.ended = None if waiting else datetime.now(UTC)
    be_patient(run.save)
    return run
