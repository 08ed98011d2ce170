"""An evidence container as a timeline: one row an event, by time (UTC). No cell can become a formula."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from codered.export.writing.escaping import guard_cell
from codered.model.evidence import CustodyEntry, EvidenceItem, EvidenceManifest
from codered.model.report import Report

COLUMNS = ("time_utc", "kind", "what", "source")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Row = tuple[str, str, str, str]


def render_timeline(manifest: EvidenceManifest, entries: tuple[CustodyEntry, ...], report: Report | None) -> str:
    """The times of the files, of the findings, and of the evidence itself."""
    rows = [row for item in manifest.items for row in _list_item(item)]
    rows += _list_findings(report) if report else ()
    rows += [(entry.at, f"custody {entry.what}", f"{entry.evidence_id} {entry.why}", entry.who) for entry in entries]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([guard_cell(cell) for cell in row] for row in sorted(rows))
    return out.getvalue()


def _list_item(item: EvidenceItem) -> Iterator[Row]:
    origin, seen = item.origin, item.origin.attributes
    what = origin.path.text if origin.path else origin.source
    yield _show(item.collected), "collected", f"{what} sha256:{item.sha256}", f"item {item.id}"
    if seen is None:
        return
    for kind, time in (("modified", seen.mtime_ns), ("changed", seen.ctime_ns), ("read", seen.atime_ns)):
        yield _show_ns(time), f"{origin.kind} {kind}", what, f"item {item.id}"
    if seen.folder:
        yield _show_ns(seen.folder.mtime_ns), "folder modified", f"the folder of {what}", f"item {item.id}"


def _list_findings(report: Report) -> Iterator[Row]:
    for finding in report.findings:
        what = f"{finding.pack}/{finding.indicator}: {finding.subject.name()}: {finding.because}"
        source = f"finding {finding.id}, layer {finding.layer}"
        if finding.first_seen:
            yield _show(finding.first_seen), "first seen", what, source
        if finding.last_seen and finding.last_seen != finding.first_seen:
            yield _show(finding.last_seen), "last seen", what, source
    yield _show(report.started), "scan started", f"report {report.id}", report.tool


def _show(time: datetime) -> str:
    return time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def _show_ns(nanoseconds: int) -> str:
    try:
        return _show(_EPOCH + timedelta(microseconds=nanoseconds // 1000))
    except OverflowError:
        return "9999-12-31T23:59:59.999999Z"  # set by somebody who wanted no real time there
