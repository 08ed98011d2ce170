"""Collecting evidence before anything is changed: what is gone first comes first, all of it into one container."""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from codered import __version__
from codered.evidence.container import BALLAST, BUDGET, DiskFull, EvidenceContainer
from codered.model.errors import Refused
from codered.model.evidence import EvidenceHeading, EvidenceSummary, ItemOrigin
from codered.model.plan import Plan
from codered.model.report import Report
from codered.model.target import Target
from codered.scan.evidence_files import collect_file, measure_file
from codered.scan.evidence_logs import LogFound, collect_logs, find_logs
from codered.scan.evidence_processes import (
    collect_host,
    collect_memory,
    collect_process,
    collect_running,
    measure_memory,
    read_boot_id,
)
from codered.scan.evidence_secrets import Secrets, load_secrets, recognise_secrets
from codered.scan.evidence_state import collect_state
from codered.scan.evidence_subjects import EvidenceSubjects, find_subjects
from codered.signing.keys import load_or_make_key

STATE = 32 << 20  # bytes that processes, autostart, accounts and packages take at most on a usual host
STATE_OF_VOLUME = 1 << 20  # the same where nothing runs


class EvidenceWishes(msgspec.Struct, frozen=True, kw_only=True):
    """How to collect: `folder` is where the container is made, `key` the file of the private key (made if there is
    none), `by` who collects on whose `authority`, `budget` the bytes of items at most.
    """

    folder: Path
    key: Path
    by: str
    authority: str = ""
    budget: int = BUDGET
    include_secrets: bool = False


class EvidenceProgress(msgspec.Struct, frozen=True):
    """How far collecting is: the stage, items and bytes so far, bytes that are expected."""

    stage: str
    items: int
    bytes: int
    expected: int


OnEvidence = Callable[[EvidenceProgress], None]


class _Survey(msgspec.Struct, frozen=True):
    """What is to be collected, and about how many bytes it is."""

    subjects: EvidenceSubjects
    logs: tuple[LogFound, ...]
    running: bool
    expected: int


def ignore_progress(_progress: EvidenceProgress) -> None:
    """For callers who don't show any."""


def estimate_evidence(plan: Plan | None, report: Report | None, target: Target) -> int:
    """About how many bytes of items there will be, an upper bound for a usual host."""
    return _survey(plan, report, target).expected


def collect_for_plan(
    plan: Plan | None,
    report: Report | None,
    target: Target,
    wishes: EvidenceWishes,
    on_progress: OnEvidence = ignore_progress,
) -> EvidenceSummary:
    """A sealed container for what a plan and a report name (neither: for the host). A full disk or a Ctrl-C ends it
    early: it is sealed as incomplete, and Ctrl-C goes on. Raises Refused if it does not fit into the budget or on the
    disk, WrongUse.
    """
    survey = _survey(plan, report, target)
    key = load_or_make_key(wishes.key)
    if survey.expected > wishes.budget:
        what = (
            f"the evidence is about {survey.expected:,} bytes, the budget is {wishes.budget:,}; nothing was collected"
        )
        raise Refused(what, where=str(wishes.folder), advice="raise it with --budget")
    _demand_room(wishes.folder, survey.expected)
    here = os.fsencode(os.uname().nodename).decode(errors="backslashreplace")
    whole = target.info.kind == "live_linux" and target.info.root == "/"
    heading = EvidenceHeading(
        host=target.info.host or (here if whole else ""), collected_on="" if whole else here,
        boot=read_boot_id() if survey.running else "",
        root=target.info.root, tool=f"codered {__version__}", by=wishes.by, authority=wishes.authority,
        plan_id=plan.id if plan else "", report_id=report.id if report else "",
        include_secrets=wishes.include_secrets,
    )  # fmt: skip
    container = EvidenceContainer(wishes.folder, heading, key, wishes.budget)
    gathering = _Gathering(container, target, survey, wishes.include_secrets, on_progress)
    try:
        gathering.run(plan, report)
    except DiskFull as error:
        return container.finish(f"no room: {error}")
    except KeyboardInterrupt:
        container.finish("interrupted")
        raise
    except BaseException:
        container.abandon()
        raise
    return container.finish()


class _Gathering:
    """One collection, in the order of volatility."""

    def __init__(
        self, container: EvidenceContainer, target: Target, survey: _Survey, include_secrets: bool, tell: OnEvidence
    ) -> None:
        self._container, self._target, self._survey = container, target, survey
        self._include_secrets, self._tell = include_secrets, tell
        self._secrets = Secrets() if include_secrets else recognise_secrets(load_secrets(), target)

    def run(self, plan: Plan | None, report: Report | None) -> None:
        """All of it. Raises DiskFull."""
        container, subjects = self._container, self._survey.subjects
        if self._survey.running:
            self._collect_volatile()
        else:
            container.leave_out("processes, sockets and memory", "this is no running system")
        for path in subjects.files:
            self._show("files")
            collect_file(container, self._target, path, self._secrets)
        self._show("logs")
        collect_logs(container, self._target, (self._survey.logs, subjects.since), self._secrets)
        self._show("the state of the system")
        collect_state(container, self._target)
        if plan:
            container.add(ItemOrigin(kind="plan", source="the plan"), (msgspec.json.encode(plan),))
        if report:
            container.add(ItemOrigin(kind="report", source="the report"), (msgspec.json.encode(report),))
        for what in subjects.left_out:
            container.leave_out("some of what is named", what)
        self._show("done")

    def _collect_volatile(self) -> None:
        container, subjects = self._container, self._survey.subjects
        self._show("processes and sockets")
        collect_host(container)
        collect_running(container)
        for process in subjects.processes:
            collect_process(container, process, self._include_secrets)
        for process, addresses in subjects.processes.items():
            self._show("memory")
            collect_memory(container, process, addresses)

    def _show(self, stage: str) -> None:
        self._tell(EvidenceProgress(stage, self._container.items, self._container.size, self._survey.expected))


def _survey(plan: Plan | None, report: Report | None, target: Target) -> _Survey:
    subjects = find_subjects(plan, report, read_boot_id())
    running = target.info.kind == "live_linux" and target.info.root == "/"
    logs = find_logs(target, subjects)
    size = sum(measure_file(target, path) for path in subjects.files)
    size += sum(log.size for log in logs if log.in_time)
    size += sum(measure_memory(*one) for one in subjects.processes.items()) if running else 0
    return _Survey(subjects, logs, running, size + (STATE if running else STATE_OF_VOLUME))


def _demand_room(folder: Path, needed: int) -> None:
    """Raises Refused if the disk has less."""
    place = folder.absolute()
    while not place.exists():
        place = place.parent
    figures = os.statvfs(place)
    free = figures.f_bavail * figures.f_frsize
    if free < needed + BALLAST:
        what = f"the evidence is about {needed:,} bytes and the disk has {free:,}; nothing was collected"
        raise Refused(what, where=str(folder), advice="choose a folder on a larger disk with -o")
