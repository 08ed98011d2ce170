import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered.model.finding import Evidence, Finding, Subject
from codered.model.paths import FilePath
from codered.model.plan import Action, Edit, FileState, LineChange, Plan
from codered.monitor.reinfecting import Removed
from codered.targets import open_target

BAD = b"inert marker of a shell"
DIGEST = hashlib.sha256(BAD).hexdigest()
LINE = hashlib.sha256(b"a line").hexdigest()


@pytest.fixture
def removed(tmp_path: Path) -> Removed:
    there = FileState(exists=True, sha256=DIGEST, size=len(BAD))
    edit = Edit(outcome=there, lines=(LineChange(line=1, sha256=LINE, shown="a line"),))
    shell = Action(id="a", kind="quarantine_file", path=FilePath(f"{tmp_path}/x.php"), expects=there, because="b")
    cron = Action(
        id="b",
        kind="remove_line",
        path=FilePath(f"{tmp_path}/cron"),
        expects=there,
        because="b",
        edit=edit,
        pack="sysrv",
    )
    plan = Plan(
        id="p", tool="1", created=datetime(2026, 3, 1, tzinfo=UTC), report_id="r",
        target=open_target(str(tmp_path)).info, packs=(), actions=(shell, cron),
    )  # fmt: skip
    return Removed(plan)


def finding(pack: str = "other", evidence: Evidence | None = None) -> Finding:
    return Finding(
        id="1", pack=pack, indicator="i", layer="files", subject=Subject(kind="file", path="/x"), confidence="likely",
        severity="high", because="b", evidence=(evidence,) if evidence else (),
    )  # fmt: skip


def test_path_and_content_are_known_again(tmp_path: Path, removed: Removed) -> None:
    target = open_target(str(tmp_path))
    assert removed.match_file(target, b"x.php") == ""
    (tmp_path / "x.php").write_text("other content")
    assert "is there again" in removed.match_file(target, b"x.php")
    (tmp_path / "renamed").write_bytes(BAD)
    assert "content" in removed.match_file(target, b"renamed")
    (tmp_path / "same-size").write_bytes(BAD[::-1])
    (tmp_path / "link").symlink_to(tmp_path / "renamed")
    assert [removed.match_file(target, name) for name in (b"same-size", b"link", b"gone")] == ["", "", ""]


@pytest.mark.parametrize(
    ("seen", "known"),
    [
        (finding("sysrv"), True),
        (finding(), False),
        (finding(evidence=Evidence(what="line 1", line=1, sha256=LINE, source="line")), True),
        (finding(evidence=Evidence(what="line 1", line=1, sha256=DIGEST, source="line")), False),
        (finding(evidence=Evidence(what="the whole file", sha256=DIGEST, source="file")), True),
        (finding(evidence=Evidence(what="the whole file", sha256=LINE, source="file")), False),
    ],
)
def test_findings_are_known_again(removed: Removed, seen: Finding, known: bool) -> None:
    assert bool(removed.match_finding(seen)) == known


def test_without_a_plan_nothing_comes_back(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(BAD)
    none = Removed(None)
    assert (none.match_finding(finding("sysrv")), none.match_file(open_target(str(tmp_path)), b"x")) == ("", "")
