"""What the findings say of an intruder's reach: since when, as whom, by which answers, how deep in the system."""

import re
from datetime import UTC, datetime

from codered.model.finding import Finding
from codered.model.plan import FileState, Plan

_RUNS_AS = re.compile(r"runs as ([^,]{1,64}),")
_DEEP_KINDS = ("kernel_module", "initramfs", "grub", "pam", "system_binary")
_PROGRAM_PLACES = ("/bin/", "/sbin/", "/lib", "/boot/", "/usr/bin/", "/usr/sbin/", "/usr/lib", "/usr/libexec/")
_CHANGED = ("content", "mode", "owner", "capabilities", "type", "link", "missing", "changed-package")
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # a file time before is none


def list_own(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """What was found on the host itself: neither requests of others nor holes."""
    return tuple(finding for finding in findings if finding.layer not in ("logs", "patches"))


def list_log_findings(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """What was found in web logs."""
    return tuple(finding for finding in findings if finding.layer == "logs")


def find_answered(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The attacks in the logs that the server answered with success."""
    return tuple(each for each in list_log_findings(findings) if any(code[:1] == "2" for code in each.answers))


def find_first_sign(findings: tuple[Finding, ...], plan: Plan | None) -> tuple[datetime | None, str]:
    """The earliest time that a finding carries which is more than suspicious, and what says so; (None, "") if none."""
    answered = [each.first_seen for each in find_answered(findings) if each.first_seen]
    own = [each.first_seen for each in list_own(findings) if each.first_seen and each.confidence != "suspicious"]
    files = [
        datetime.fromtimestamp(action.expects.mtime_ns / 1e9, UTC)
        for action in (plan.actions if plan else ())
        if action.kind in ("quarantine_file", "delete_file")
        and isinstance(action.expects, FileState)
        and 0 < action.expects.mtime_ns < 1 << 62
    ]
    times = [
        *((_with_zone(each), "web logs") for each in answered),
        *((_with_zone(each), "findings") for each in own),
        *((each, "time of a file") for each in files if each > _EARLIEST),
    ]
    return min(times, default=(None, ""))


def find_users(findings: tuple[Finding, ...]) -> frozenset[str]:
    """As whom the processes that were found ran."""
    users: set[str] = set()
    for finding in findings:
        if finding.subject.kind not in ("process", "memory") or finding.confidence == "suspicious":
            continue
        users.update(match[1] for each in finding.evidence if (match := _RUNS_AS.match(each.what)))
    return frozenset(users)


def find_system_changes(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Changes below what any check on the host itself stands on: the kernel, what starts before it, who may log in, and
    the programs of the system.
    """
    return tuple(finding for finding in findings if finding.confidence != "suspicious" and _is_deep(finding))


def _is_deep(finding: Finding) -> bool:
    subject = finding.subject
    if subject.kind == "autostart" and subject.key in _DEEP_KINDS:
        return True
    if finding.layer != "integrity" or finding.indicator not in _CHANGED:
        return False
    return (subject.shown or subject.path or "").startswith(_PROGRAM_PLACES)


def _with_zone(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
