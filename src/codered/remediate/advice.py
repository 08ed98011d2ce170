"""What a plan can't do and a person must: patch, reboot, rebuild. From the packs of the threats found on this host."""

from codered.model.finding import UNATTRIBUTED
from codered.model.pack import LoadedPack, ThreatPack
from codered.model.report import Report
from codered.remediate.file_state import escape_text


def advise(report: Report, packs: tuple[LoadedPack, ...], linked: tuple[str, ...]) -> tuple[str, ...]:
    """Lines for the reader. `linked` are files with other hard links, which are not touched."""
    names = {
        name
        for finding in report.findings
        if finding.layer != "logs" and finding.confidence != "suspicious"
        for name in (finding.shared_by if finding.pack == UNATTRIBUTED else (finding.pack,))
    }
    lines = [
        f"{escape_text(name)} has other hard links on this disk, which keep the content: find and remove them"
        for name in linked
    ]
    gaps = report.gaps()
    if gaps or report.interrupted:
        lines.append(f"The scan was incomplete ({len(gaps)} gaps): scan again after this, there may be more")
    for item in packs:
        if item.pack.name in names:
            lines += _advise_for(item.pack)
    return tuple(dict.fromkeys(lines))


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
