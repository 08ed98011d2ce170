import hashlib
import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.countermeasures import RemovalStep
from codered.model.finding import Evidence, Finding, Subject
from codered.model.heuristics import HEURISTICS
from codered.model.paths import FilePath
from codered.model.plan import NoSource, Plan, Source
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.drafts import Ground, LeftOut, Wishes
from codered.remediate.file_state import ABSENT
from codered.remediate.plan_restores import is_restore, plan_restore
from codered.remediate.planning import make_plan
from codered.remediate.proposals import Proposal
from tests.fixtures.changing import FolderTarget, hash_tree
from tests.fixtures.findings_for_plans import find_line
from tests.fixtures.packs_for_plans import make_finding, make_pack, make_report

PAGE = "www/index.html"


@pytest.fixture
def good(tmp_path: Path) -> Source:
    """What a package says of the page."""
    path = tmp_path / "good"
    path.write_bytes(b"as packaged")
    digest = hashlib.sha256(b"as packaged").hexdigest()
    return Source(
        path=FilePath(str(path)), sha256=digest, size=11, mode=0o644, mtime_ns=7_000_000_000,
        owns_attributes=True, origin="package inert 1.0-1",
    )  # fmt: skip


def differ(target: FolderTarget, rel: str, kind: str = "content", remedy: str = "restore_file") -> Finding:
    path = Path(target.info.root) / rel
    evidence: tuple[Evidence, ...] = ()
    if path.is_file():
        body = path.read_bytes()
        digest = hashlib.sha256(body).hexdigest()
        evidence = (Evidence(what="the whole file", sha256=digest, size=len(body), source="file"),)
    return Finding(
        id=f"{kind}-{rel}", pack=HEURISTICS, indicator=kind, layer="integrity",
        subject=Subject(kind="file", path=str(path)), confidence="likely", severity="high",
        because="It differs from what package inert has on record.", evidence=evidence, remedy=remedy,
    )  # fmt: skip


def wish(found: Source | NoSource) -> Wishes:
    return Wishes(find_good=lambda _path, _asked: found)


def plan_for(target: FolderTarget, found: Source | NoSource, *findings: Finding) -> Plan:
    return make_plan(make_report(target, *findings), (), target, wish(found))


def why_left(target: FolderTarget, found: Source | NoSource, finding: Finding) -> str:
    plan = plan_for(target, found, finding)
    assert plan.actions == ()
    (left,) = plan.left_alone
    return left.because


def test_which_findings_it_is_for(target: FolderTarget) -> None:
    finding = differ(target, PAGE)
    step = RemovalStep(action="restore_file", indicators=(), because="")
    proposal = Proposal(finding=finding, step=step, pack=HEURISTICS, rank=(0, 0))
    assert is_restore(proposal)
    assert not is_restore(replace(proposal, finding=replace(finding, layer="files")))
    assert not is_restore(replace(proposal, step=replace(step, action="quarantine_file")))
    with pytest.raises(LeftOut, match="no verified source: none was looked for"):
        plan_restore(proposal, Ground(target, Wishes(), {}))


def test_content_and_attributes_come_back(root: Path, target: FolderTarget, case: Path, good: Source) -> None:
    page = root / PAGE
    page.chmod(0o4755)
    before = hash_tree(root)
    plan = plan_for(target, good, differ(target, PAGE), differ(target, PAGE, "mode"))
    (action,) = plan.actions
    assert (action.kind, len(action.findings), plan.left_alone) == ("restore_file", 2, ())
    assert action.because.endswith("on record; restored from package inert 1.0-1")
    apply_plan(plan, target, case)
    assert (page.read_bytes(), page.stat().st_mode & 0o7777) == (b"as packaged", 0o644)
    roll_back(plan, target, case)
    assert hash_tree(root) == before


def test_a_mode_alone_is_a_reason(root: Path, target: FolderTarget, good: Source) -> None:
    (root / PAGE).write_bytes(b"as packaged")
    (root / PAGE).chmod(0o666)
    assert len(plan_for(target, good, differ(target, PAGE, "mode")).actions) == 1
    (root / PAGE).chmod(0o644)
    os.chown(root / PAGE, good.uid, good.gid)
    assert "it agrees with its known-good source" in why_left(target, good, differ(target, PAGE, "mode"))


def test_capabilities_are_known_to_a_baseline_only(root: Path, target: FolderTarget, good: Source) -> None:
    finding = differ(target, PAGE, "capabilities")
    assert "only a baseline says which capabilities" in why_left(target, good, finding)
    assert len(plan_for(target, replace(good, xattrs={}), finding).actions) == 1


def test_a_missing_file(root: Path, target: FolderTarget, case: Path, good: Source) -> None:
    finding = differ(target, "www/gone.html", "missing")
    plan = plan_for(target, good, finding)
    (action,) = plan.actions
    assert action.expects == ABSENT
    before = hash_tree(root)
    apply_plan(plan, target, case)
    assert (root / "www/gone.html").read_bytes() == b"as packaged"
    roll_back(plan, target, case)
    assert hash_tree(root) == before
    (root / "www/gone.html").write_bytes(b"another")
    assert "there again since the scan" in why_left(target, good, finding)
    (root / "www/gone.html").unlink()
    (root / "www/gone.html").symlink_to("index.html")
    assert "a link, a folder or a special file" in why_left(target, good, finding)
    assert "its folder is gone too" in why_left(target, good, differ(target, "www/gone/x", "missing"))


def test_what_is_left_alone(root: Path, target: FolderTarget, good: Source) -> None:
    finding = differ(target, PAGE)
    assert why_left(target, NoSource("no package has it"), finding) == "no verified source: no package has it"
    (root / PAGE).write_bytes(b"once more")
    assert "changed since the scan" in why_left(target, good, finding)
    (root / "etc").mkdir()
    (root / "etc/passwd").write_bytes(b"x")
    assert "with every account" in why_left(target, good, differ(target, "etc/passwd"))
    (root / "etc/sudoers").write_bytes(b"x")
    assert len(plan_for(target, good, differ(target, "etc/sudoers")).actions) == 1
    assert "nothing undoes that safely" in why_left(target, good, differ(target, PAGE, "link", remedy=""))
    suspicious = replace(differ(target, PAGE), confidence="suspicious")
    assert "only suspicious" in why_left(target, good, suspicious)


def test_what_is_new_goes_and_lines_too(root: Path, target: FolderTarget) -> None:
    (root / "www/cron").write_bytes(b"good\nINERT MARKER\n")
    line = replace(find_line(target, "www/cron", b"INERT MARKER"), layer="integrity", indicator="new-autostart")
    new = differ(target, PAGE, "new-web-file", remedy="quarantine_file")
    plan = plan_for(target, NoSource("none"), new, line)
    assert sorted(action.kind for action in plan.actions) == ["quarantine_file", "remove_line"]


def test_one_restore_for_a_file_that_a_pack_finds_too(root: Path, target: FolderTarget, good: Source) -> None:
    pack = make_pack("one", {"root-exe": "quarantine_file"})
    infected = make_finding(target, PAGE.encode())
    report = make_report(target, infected, differ(target, PAGE))
    (action,) = make_plan(report, (pack,), target, wish(good)).actions
    assert (action.kind, len(action.findings)) == ("restore_file", 2)
    asked: list[bool] = []

    def find(_: FilePath, wanted: bool) -> Source | NoSource:
        asked.append(wanted)
        return good if wanted else NoSource("it is a configuration file")

    (alone,) = make_plan(make_report(target, infected), (pack,), target, Wishes(find_good=find)).actions
    assert (alone.kind, asked) == ("quarantine_file", [False])
