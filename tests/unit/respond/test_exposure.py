from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.finding import Confidence, Evidence, Finding, Layer, Subject, SubjectKind
from codered.respond.exposure import (
    find_answered,
    find_first_sign,
    find_system_changes,
    find_users,
    list_log_findings,
    list_own,
)
from tests.fixtures.changing import FolderTarget, make_action, make_sealed_plan

EARLY, LATE = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


def make(layer: Layer, kind: SubjectKind, confidence: Confidence = "likely", **more: object) -> Finding:
    """A small finding."""
    subject = Subject(kind=kind, path=str(more.pop("path", "/usr/bin/x")), key=str(more.pop("key", "")) or None)
    given = {"id": f"{layer}{kind}", "pack": "one", "indicator": "x", "because": "y", "severity": "high"} | more
    return Finding(layer=layer, subject=subject, confidence=confidence, **given)  # type: ignore[arg-type]


def test_findings_by_whose_they_are() -> None:
    log, own, hole = make("logs", "address"), make("files", "file"), make("patches", "package")
    assert list_own((log, own, hole)) == (own,)
    assert list_log_findings((log, own, hole)) == (log,)


def test_only_success_counts_as_answered() -> None:
    bad = make("logs", "address", answers={"404": 9, "500": 1})
    good = make("logs", "address", answers={"404": 9, "200": 1})
    assert find_answered((bad, good, make("files", "file"))) == (good,)


def test_the_first_sign(tmp_path: Path) -> None:
    assert find_first_sign((), None) == (None, "")
    log = make("logs", "address", answers={"200": 1}, first_seen=LATE)
    own = make("processes", "process", first_seen=EARLY.replace(tzinfo=None))  # a forged report leaves the zone away
    assert find_first_sign((log,), None) == (LATE, "web logs")
    assert find_first_sign((log, own), None) == (EARLY, "findings")
    (tmp_path / "x").write_bytes(b"INERT")
    target = FolderTarget(tmp_path)
    action = make_action(target, "x")
    when = replace(action.file_state(), mtime_ns=int(datetime(2026, 2, 1, tzinfo=UTC).timestamp() * 10**9))
    plan = make_sealed_plan(target, replace(action, expects=when))
    assert find_first_sign((log, own), plan) == (datetime(2026, 2, 1, tzinfo=UTC), "time of a file")
    forged = make_sealed_plan(target, replace(action, expects=replace(when, mtime_ns=1)))
    assert find_first_sign((log,), forged) == (LATE, "web logs")


def test_as_whom_it_ran() -> None:
    evidence = (Evidence(what="the command line"), Evidence(what="runs as www-data, started by process 1", source="x"))
    assert find_users((make("processes", "process", evidence=evidence),)) == {"www-data"}
    assert find_users((make("processes", "process", "suspicious", evidence=evidence),)) == frozenset()
    assert find_users((make("files", "file", evidence=evidence),)) == frozenset()


@pytest.mark.parametrize(
    ("finding", "deep"),
    [
        (make("integrity", "file", path="/usr/bin/ls", indicator="content"), True),
        (make("integrity", "file", path="/usr/bin/ls", indicator="content", confidence="suspicious"), False),
        (make("integrity", "file", path="/usr/share/wordpress/load.php", indicator="content"), False),
        (make("integrity", "file", path="/usr/bin/new", indicator="new-executable"), False),
        (make("files", "file", path="/usr/bin/ls"), False),
        (make("autostart", "autostart", key="kernel_module"), True),
        (make("autostart", "autostart", key="cron"), False),
    ],
)
def test_changes_deep_in_the_system(finding: Finding, deep: bool) -> None:
    assert bool(find_system_changes((finding,))) is deep
