import errno
import hashlib
import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.export.plans import render_plan
from codered.model.errors import WrongUse
from codered.model.finding import Evidence, Subject
from codered.model.plan import digest_plan
from codered.model.report import Attacker, LogSummary
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.drafts import Wishes
from codered.remediate.plan_files import read_source
from codered.remediate.planning import find_protected, make_plan
from tests.fixtures.changing import FolderTarget, hash_tree
from tests.fixtures.packs_for_plans import make_finding, make_pack, make_report

PACKS = (
    make_pack(
        "one",
        {"late": "delete_file", "root-exe": "quarantine_file", "page": "clean_file", "system": "restore_file"},
        protects=("/www/index.html", "HKLM\\Software\\X"),
    ),
    make_pack("two", {"root-exe": "delete_file", "setting": "set_value"}),
)


def test_a_finding_becomes_an_action(root: Path, target: FolderTarget, case: Path) -> None:
    finding = make_finding(target, b"www/scripts/root.exe")
    plan = make_plan(make_report(target, finding), PACKS, target)
    assert plan.digest == digest_plan(plan)
    assert (plan.report_id, plan.target, plan.left_alone) == ("r1", target.info, ())
    assert plan.packs == ("one 2026.11.1", "two 2026.11.1")
    (action,) = plan.actions
    assert (action.id, action.kind, action.pack, action.undoable) == ("a01", "quarantine_file", "one", True)
    assert action.file_state().sha256 == hashlib.sha256(b"INERT MARKER one").hexdigest()
    assert action.because == "It lies where it must not: one root-exe"
    assert action.shown == "/www/scripts/root.exe"
    assert action.findings == (finding.id,)
    before = hash_tree(root)
    apply_plan(plan, target, case)
    assert not (root / "www/scripts/root.exe").exists()
    roll_back(plan, target, case)
    assert hash_tree(root) == before


def test_order_is_the_packs_then_the_path(root: Path, target: FolderTarget) -> None:
    for name in ("b", "a", "c"):
        (root / name).write_bytes(b"x")
    findings = (
        make_finding(target, b"www/scripts/root.exe", pack="two"),
        make_finding(target, b"c"),
        make_finding(target, b"b"),
        make_finding(target, b"a", "late"),
    )
    expected = [("a01", "delete_file", "/a"), ("a02", "quarantine_file", "/b"), ("a03", "quarantine_file", "/c")]
    expected.append(("a04", "delete_file", "/www/scripts/root.exe"))
    for order in (findings, findings[::-1]):
        plan = make_plan(make_report(target, *order), PACKS, target)
        assert [(action.id, action.kind, action.shown) for action in plan.actions] == expected


def test_one_action_a_path(target: FolderTarget) -> None:
    one = make_finding(target, b"www/scripts/root.exe")
    two = make_finding(target, b"www/scripts/root.exe", pack="two")
    unsure = make_finding(target, b"www/scripts/root.exe", confidence="suspicious")
    plan = make_plan(make_report(target, two, one, unsure), PACKS, target)
    (action,) = plan.actions
    assert action.kind == "quarantine_file"
    assert set(action.findings) == {one.id, two.id}
    assert plan.left_alone == ()


def left_alone(target: FolderTarget, finding: object, **wish: object) -> str:
    plan = make_plan(make_report(target, finding), PACKS, target, **wish)  # type: ignore[arg-type]
    assert plan.actions == ()
    (left,) = plan.left_alone
    return left.because


def test_what_is_left_alone_and_why(root: Path, target: FolderTarget) -> None:
    finding = make_finding(target, b"www/scripts/root.exe")
    gone = make_finding(target, b"www/gone")
    (root / "link").symlink_to("www/scripts/root.exe")
    outside = replace(finding, subject=Subject(kind="file", path="/etc/passwd"))
    stale = replace(finding, evidence=(Evidence(what="the whole file", sha256="0" * 64),))
    folder = replace(finding, subject=replace(finding.subject, kind="directory"))
    setting = replace(finding, layer="settings", subject=Subject(kind="setting", key="HKLM\\X"))
    stories = {
        "only suspicious: review it, then --include-suspicious": replace(finding, confidence="suspicious"),
        "must not be touched: it is the real one": make_finding(target, b"www/index.html"),
        "it is gone, since the scan": gone,
        "it is a link": make_finding(target, b"link"),
        "beneath the target's root": outside,
        "changed since the scan": stale,
        "the tool changes nothing about a directory: do it by hand": folder,
        "the tool changes nothing about a setting that is no file": setting,
        "clean_file needs a known-good copy": replace(finding, indicator="page"),
        "restore_file needs a known-good copy": replace(finding, indicator="system"),
        "the tool does not set_value: do it by hand": replace(finding, pack="two", indicator="setting"),
        "one names no removal": replace(finding, indicator="unknown"),
    }
    for story, odd in stories.items():
        assert story in left_alone(target, odd)


def test_suspicious_ones_on_request(target: FolderTarget) -> None:
    finding = make_finding(target, b"www/scripts/root.exe", confidence="suspicious")
    assert (
        len(make_plan(make_report(target, finding), PACKS, target, wishes=Wishes(include_suspicious=True)).actions) == 1
    )


def test_the_scans_hash_is_accepted(target: FolderTarget) -> None:
    digest = hashlib.sha256(b"INERT MARKER one").hexdigest()
    finding = replace(make_finding(target, b"www/scripts/root.exe"), evidence=(Evidence(what="file", sha256=digest),))
    assert len(make_plan(make_report(target, finding), PACKS, target).actions) == 1


def test_restoring_from_a_known_good_folder(root: Path, target: FolderTarget, tmp_path: Path, case: Path) -> None:
    good = tmp_path / "good"
    (good / "www/scripts").mkdir(parents=True)
    (good / "www/scripts/page.asp").write_bytes(b"the good page")
    finding = make_finding(target, b"www/scripts/page.asp", "page")
    before = hash_tree(root)
    plan = make_plan(make_report(target, finding), PACKS, target, wishes=Wishes(restore_from=good))
    (action,) = plan.actions
    assert action.source is not None
    assert (action.kind, action.source.size) == ("restore_file", 13)
    apply_plan(plan, target, case)
    assert (root / "www/scripts/page.asp").read_bytes() == b"the good page"
    roll_back(plan, target, case)
    assert hash_tree(root) == before


def test_a_known_good_copy_that_is_the_infected_file(target: FolderTarget, tmp_path: Path) -> None:
    good = tmp_path / "good"
    (good / "www/scripts").mkdir(parents=True)
    (good / "www/scripts/page.asp").write_bytes(b"<html>")
    finding = make_finding(target, b"www/scripts/page.asp", "page")
    assert "clean_file needs a known-good copy" in left_alone(target, finding, wishes=Wishes(restore_from=good))
    with pytest.raises(WrongUse, match="no such folder"):
        make_plan(make_report(target, finding), PACKS, target, wishes=Wishes(restore_from=tmp_path / "none"))


def test_sources_are_not_reached_over_links(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/file").write_bytes(b"x")
    (tmp_path / "good").mkdir()
    (tmp_path / "good/way").symlink_to(tmp_path / "secret")
    assert read_source(os.fsencode(tmp_path / "good"), b"way/file") is None
    assert read_source(os.fsencode(tmp_path / "good"), b"none/file") is None
    assert read_source(os.fsencode(tmp_path / "secret"), b"file") is not None


def test_what_can_not_be_read_any_more_is_no_empty_plan(target: FolderTarget, monkeypatch: pytest.MonkeyPatch) -> None:
    """As below a mount whose server died: what was found is there still."""

    def fail(_rel: bytes) -> int:
        raise OSError(errno.ENOTCONN, os.strerror(errno.ENOTCONN))

    monkeypatch.setattr(target, "open_dir", fail)
    plan = make_plan(make_report(target, make_finding(target, b"www/scripts/root.exe")), PACKS, target)
    assert plan.actions == ()
    assert [(left.because, left.blocked) for left in plan.left_alone] == [
        ("it can't be read: Transport endpoint is not connected", True)]  # fmt: skip
    assert "1 finding can't be removed: it can't be read" in render_plan(plan)


def test_attackers_are_one_line(target: FolderTarget) -> None:
    swept = Attacker(address="10.0.0.8", internal=True, threats=(), count=2, like_sweep=True)
    seen = (Attacker(address="192.0.2.1", internal=False, threats=(), count=9), swept)
    inside = replace(
        make_finding(target, b"x"), layer="logs", subject=Subject(kind="address", address="10.0.0.7"), internal=True
    )
    report = replace(make_report(target, inside), logs=LogSummary(attackers=seen))
    left, ours = make_plan(report, PACKS, target).left_alone
    assert left.what == "2 attackers in the web logs"
    assert left.because == "block them at the firewall; 1 of them are your own: treat those hosts as infected"
    because = "looks like a sweep by this tool: see that it was yours"
    assert (ours.what, ours.because) == ("10.0.0.8 in the web logs", because)
    swarm = tuple(replace(swept, address=f"10.0.0.{number}") for number in (9, 8, 7))
    report = replace(make_report(target), logs=LogSummary(attackers=swarm))
    [ours] = make_plan(report, PACKS, target).left_alone
    assert (ours.what, ours.because) == ("10.0.0.7 and 2 more addresses in the web logs", because)


def test_other_hard_links_are_told(root: Path, target: FolderTarget) -> None:
    os.link(root / "www/scripts/root.exe", root / "second")
    plan = make_plan(make_report(target, make_finding(target, b"www/scripts/root.exe")), PACKS, target)
    assert plan.advice[0].startswith("/www/scripts/root.exe has other hard links")
    assert plan.actions[0].because.endswith(
        "(it has 2 names on disk: only this one is changed, and undone it is a file of its own)"
    )


def test_a_sparse_giant_is_left_alone_unread(root: Path, target: FolderTarget, monkeypatch: pytest.MonkeyPatch) -> None:
    file = root / "www/scripts/root.exe"
    os.truncate(file, (4 << 30) + 1)
    monkeypatch.setattr(os, "pread", lambda *_: pytest.fail("it was read"))
    because = left_alone(target, make_finding(target, b"www/scripts/root.exe"))
    assert because == "larger than 4 GiB: it has 4,294,967,297 bytes, move it away by hand"


def test_names_that_are_no_text(root: Path, target: FolderTarget, case: Path) -> None:
    name = b"\xff\nroot.exe"
    (root / os.fsdecode(name)).write_bytes(b"INERT MARKER")
    before = hash_tree(root)
    plan = make_plan(make_report(target, make_finding(target, name)), PACKS, target)
    apply_plan(plan, target, case)
    assert not os.path.lexists(target.absolute(name))
    roll_back(plan, target, case)
    assert hash_tree(root) == before


def test_a_report_of_another_target(target: FolderTarget, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with pytest.raises(WrongUse, match="the report is of"):
        make_plan(make_report(target), PACKS, FolderTarget(tmp_path / "other"))


def test_settings_are_not_looked_for_among_files(target: FolderTarget) -> None:
    assert find_protected(PACKS, target) == {b"www/index.html": "it is the real one"}


def test_plan_ids_differ(target: FolderTarget) -> None:
    ids = {make_plan(make_report(target), PACKS, target).id for _ in range(20)}
    assert len(ids) == 20
