"""What a plan can't do and a person must: patch, reboot, rebuild. From the packs of the threats found on this host."""

from codered.model.finding import UNATTRIBUTED, Finding
from codered.model.heuristics import HEURISTICS
from codered.model.pack import LoadedPack, ThreatPack
from codered.model.plan import Action, LinksState, ProcessState
from codered.model.report import Report
from codered.remediate.file_state import escape_text

_BEFORE_THE_SYSTEM = ("kernel_module", "modprobe", "initramfs", "grub")
_LETS_IN = ("pam", "ssh_server", "sudoers", "system_binary")
_MOST_NAMES = 10
# IIS keeps earlier configurations beside the one that was edited.
_AFTER_EDITS = {
    "metabase.xml": "IIS must not run while MetaBase.xml is changed (iisreset /stop). Its earlier copies, in "
    "inetsrv\\History and inetsrv\\MetaBack, still hold what was removed: do not restore one of them",
    "applicationhost.config": "IIS keeps earlier copies of its configuration in inetpub\\history, which may still hold "
    "what was removed: do not restore one of them; recycle the application pools, or restart W3SVC",
}


def advise(
    report: Report, packs: tuple[LoadedPack, ...], linked: tuple[str, ...], actions: tuple[Action, ...] = ()
) -> tuple[str, ...]:
    """Lines for the reader. `linked` are files with other hard links, which are not touched."""
    names = {
        name
        for finding in report.findings
        if finding.layer not in ("logs", "patches") and finding.confidence != "suspicious"
        for name in (finding.shared_by if finding.pack == UNATTRIBUTED else (finding.pack,))
    }
    lines = [
        f"{escape_text(name)} has other hard links on this disk, which keep the content: find and remove them"
        for name in linked
    ]
    gaps = report.gaps()
    if gaps or report.interrupted:
        lines.append(f"The scan was incomplete ({_count_gaps(len(gaps))}): scan again after this, there may be more")
    for item in packs:
        if item.pack.name in names:
            lines += _advise_for(item.pack)
    sure = [
        finding
        for finding in report.findings
        if finding.layer not in ("logs", "patches") and finding.confidence != "suspicious"
    ]
    lines += [*_advise_on_findings(sure), *_advise_on_actions(actions)]
    return tuple(dict.fromkeys(lines))


def _count_gaps(number: int) -> str:
    return "stopped before its end" if number == 0 else f"{number} gap{'' if number == 1 else 's'}"


def _advise_for(pack: ThreatPack) -> list[str]:
    lines = []
    removal, hole = pack.removal, pack.vulnerability
    if hole is not None:
        bulletins = " or ".join(hole.bulletins) or hole.name
        reboot = ", and reboot" if hole.needs_reboot else ""
        lines.append(
            f"{pack.name}: close the hole it came in by before the host is connected again: {bulletins}{reboot}"
        )
        lines += [f"{pack.name}: this is no fix: {item}" for item in hole.not_a_fix]
    if removal is not None:
        if removal.rebuild_because:
            lines.append(f"{pack.name}: rebuild this host: {removal.rebuild_because}")
        if removal.needs_reboot:
            lines.append(f"{pack.name}: reboot after the removal")
        lines += [f"{pack.name}: {item}" for item in removal.afterwards]
    return lines


def _advise_on_findings(sure: list[Finding]) -> list[str]:
    """What follows from what was found, whoever planted it."""
    lines = []
    kinds = {finding.subject.key for finding in sure if finding.subject.kind == "autostart"}
    people = sorted({finding.subject.key or "?" for finding in sure if finding.subject.kind == "account"})
    if people:
        names = [escape_text(name[:64]) for name in people[:_MOST_NAMES]]
        more = f" and {len(people) - _MOST_NAMES} more" if len(people) > _MOST_NAMES else ""
        lines.append(
            f"Set a new password for root and for whoever used {', '.join(names)}{more}; look at their last logins"
        )
    if people or kinds & set(_LETS_IN) or any(finding.subject.kind == "key" for finding in sure):
        lines.append(
            "Somebody could log in: make new SSH host keys (remove /etc/ssh/ssh_host_*, then ssh-keygen -A), and "
            "change the keys and passwords that were used on this host"
        )
    if any(finding.pack == HEURISTICS for finding in sure):
        lines.append(
            "No pack knows what was found here, so nobody knows all that it did: credentials on this host may be "
            "stolen; rebuild it from a clean source if you can"
        )
    if kinds & set(_BEFORE_THE_SYSTEM):
        lines.append("The kernel or what starts before it was changed: reboot after the removal, then scan again")
    return lines


def _advise_on_actions(actions: tuple[Action, ...]) -> list[str]:
    lines = []
    ended = sum(isinstance(action.expects, ProcessState) for action in actions)
    if ended:
        lines.append(f"A rollback does not start the {ended} ended processes again; what they were is kept in the case")
    if any(isinstance(action.expects, LinksState) for action in actions):
        lines.append("Where systemd runs it is told to reload; a unit that still runs afterwards ends with a reboot")
    edited = {action.path.text.replace("\\", "/").rpartition("/")[2].lower() for action in actions if action.edit}
    lines += [text for name, text in _AFTER_EDITS.items() if name in edited]
    return lines
