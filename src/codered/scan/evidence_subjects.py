"""What a plan and a report point to, and so must be in the evidence: processes, places in memory, files, a time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from codered.model.finding import Finding
from codered.model.firewall import FirewallState
from codered.model.paths import FilePath
from codered.model.plan import Action, LinksState, Plan, ProcessState
from codered.model.process import ProcessId
from codered.model.report import Report

AROUND = timedelta(hours=1)
RECENT = timedelta(hours=24)  # before now, where nothing tells a time
MOST_FILES = 20_000
MOST_PROCESSES = 500


class EvidenceSubjects(msgspec.Struct, frozen=True, kw_only=True):
    """`processes` with the addresses in their memory where something was found; `files` in the order of naming; `since`
    (UTC) is when the time begins that matters; `left_out` says how much of them was too much.
    """

    processes: dict[ProcessId, frozenset[int]]
    files: tuple[FilePath, ...]
    logs: tuple[FilePath, ...]
    since: datetime
    left_out: tuple[str, ...] = ()


def find_subjects(plan: Plan | None, report: Report | None, boot: str) -> EvidenceSubjects:
    """What these name. A process that the plan knows from another boot than `boot` is gone, and left away."""
    processes: dict[ProcessId, frozenset[int]] = {}
    files: dict[FilePath, None] = {}
    logs: dict[FilePath, None] = {}
    for action in plan.actions if plan else ():
        if isinstance(action.expects, ProcessState):
            if action.expects.boot == boot:
                processes.setdefault(ProcessId(action.expects.pid, action.expects.start), frozenset())
        elif not isinstance(action.expects, FirewallState):
            files.update(dict.fromkeys(_list_paths(action)))
    findings = report.findings if report else ()
    for finding in findings:
        subject = finding.subject
        if subject.pid is not None and subject.start is not None:
            who = ProcessId(subject.pid, subject.start)
            processes[who] = processes.get(who, frozenset()) | _find_address(finding)
        if subject.path and subject.kind != "directory":
            files[subject.file_path()] = None
            if finding.layer == "logs":
                logs[subject.file_path()] = None
    return EvidenceSubjects(
        processes=dict(list(processes.items())[:MOST_PROCESSES]),
        files=tuple(path for path in files if path not in logs)[:MOST_FILES],
        logs=tuple(logs)[:MOST_FILES],
        since=_find_start(findings),
        left_out=tuple(_tell_excess(len(processes), len(files))),
    )


def _list_paths(action: Action) -> Iterator[FilePath]:
    yield action.path
    if isinstance(action.expects, LinksState):
        yield from (link.path for link in action.expects.links)


def _find_address(finding: Finding) -> frozenset[int]:
    """The address of a finding in memory; a report may be forged, so anything else is none."""
    text = (finding.subject.address or "").removeprefix("0x")
    if finding.subject.kind != "memory" or not 0 < len(text) <= 16:
        return frozenset()
    try:
        return frozenset((int(text, 16),))
    except ValueError:
        return frozenset()


def _find_start(findings: tuple[Finding, ...]) -> datetime:
    times = [finding.first_seen or finding.last_seen for finding in findings]
    seen = [time.replace(tzinfo=time.tzinfo or UTC) for time in times if time is not None]
    oldest = datetime(1970, 1, 2, tzinfo=UTC)
    return max(min(seen), oldest) - AROUND if seen else datetime.now(UTC) - RECENT


def _tell_excess(processes: int, files: int) -> Iterator[str]:
    if processes > MOST_PROCESSES:
        yield f"only {MOST_PROCESSES} of {processes} processes that are named"
    if files > MOST_FILES:
        yield f"only {MOST_FILES} of {files} files that are named"
