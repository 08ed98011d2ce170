import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.finding import Confidence, Evidence, Finding
from codered.model.paths import FilePath
from codered.model.plan import Plan
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.drafts import Ground, Wishes
from codered.remediate.plan_blamed import follow_links
from codered.remediate.planning import make_plan
from tests.fixtures.changing import FolderTarget, hash_tree
from tests.fixtures.findings_for_plans import find_line
from tests.fixtures.packs_for_plans import make_report

LINE = b"* * * * * root /tmp/.x/agent; /opt/agent/x; /usr/bin/tool"


def find_job(target: FolderTarget, *blamed: str, runs: tuple[str, ...] = (), how: Confidence = "likely") -> Finding:
    root = Path(target.info.root)
    (root / "etc").mkdir(exist_ok=True)
    (root / "etc/crontab").write_bytes(b"# mine\n" + LINE + b"\n")
    finding = find_line(target, "etc/crontab", LINE, confidence=how)
    more = [Evidence(what="what it runs", data=os.fsencode(root / name), source="script") for name in blamed]
    more += [Evidence(what="what it runs", data=os.fsencode(root / name), source="runs") for name in runs]
    return replace(finding, evidence=(*finding.evidence, *more))


def write(root: Path, name: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"INERT MARKER")
    return path


def plan_for(target: FolderTarget, finding: Finding, owned: tuple[str, ...] | None = ()) -> Plan:
    def owner_of(path: FilePath) -> str | None:
        if owned is None:
            return None
        return "a-package" if path.text.removeprefix(target.info.root) in owned else ""

    wishes = Wishes(owner_of=owner_of, include_suspicious=True)
    return make_plan(make_report(target, finding), (), target, wishes)


def told(plan: Plan, root: Path) -> list[tuple[str, str]]:
    return [(action.kind, action.path.text.removeprefix(f"{root}/")) for action in plan.actions]


def test_what_a_line_starts_in_an_odd_place_goes_with_it_and_the_rest_is_told(
    root: Path, target: FolderTarget, case: Path
) -> None:
    for name in ("tmp/.x/agent", "opt/agent/x", "usr/bin/tool"):
        write(root, name)
    finding = find_job(target, "tmp/.x/agent", "tmp/.x/none", runs=("opt/agent/x", "usr/bin/tool", "opt/none"))
    before = hash_tree(root)
    plan = plan_for(target, finding, ("/usr/bin/tool",))
    assert told(plan, root) == [("quarantine_file", "tmp/.x/agent"), ("remove_line", "etc/crontab")]
    assert plan.actions[0].because.endswith("; started by /etc/crontab:2")
    (left,) = plan.left_alone
    assert left.what == f"{root}/opt/agent/x"
    assert left.because == "started by /etc/crontab:2; no package owns it: look at it"
    apply_plan(plan, target, case)
    assert not (root / "tmp/.x/agent").exists()
    roll_back(plan, target, case)
    assert hash_tree(root) == before


def test_nothing_of_a_suspicion_goes(root: Path, target: FolderTarget) -> None:
    write(root, "tmp/.x/agent")
    plan = plan_for(target, find_job(target, "tmp/.x/agent", how="suspicious"))
    assert told(plan, root) == [("remove_line", "etc/crontab")]
    assert plan.left_alone == ()


@pytest.mark.parametrize("name", ["root/.x/bin/python3", "root/.ssh/authorized_keys", "root/.profile"])
def test_a_hostile_line_does_not_have_anything_taken_away(root: Path, target: FolderTarget, name: str) -> None:
    write(root, name)
    plan = plan_for(target, find_job(target, name))
    assert told(plan, root) == [("remove_line", "etc/crontab")]
    assert [left.what for left in plan.left_alone] == [f"{root}/{name}"]


@pytest.mark.parametrize(("lead", "goes"), [("../var/data", False), ("/opt/.h/data", True), ("/tmp/data", True)])
def test_a_link_does_not_choose_what_goes(root: Path, target: FolderTarget, lead: str, goes: bool) -> None:
    (root / "tmp").mkdir()
    (root / "tmp/agent").symlink_to(lead)
    path = write(root, os.path.normpath(f"/tmp/{lead}" if lead.startswith(".") else lead).lstrip("/"))
    plan = plan_for(target, find_job(target, "tmp/agent"))
    place = str(path.relative_to(root))
    assert (("quarantine_file", place) in told(plan, root)) is goes
    assert [left.what for left in plan.left_alone] == ([] if goes else [str(path)])


def test_programs_of_packages_are_known_behind_links(root: Path, target: FolderTarget) -> None:
    write(root, "usr/bin/mawk")
    (root / "bin").symlink_to("usr/bin")
    (root / "usr/bin/awk").symlink_to("/usr/bin/mawk")
    plan = plan_for(target, find_job(target, runs=("bin/awk",)), ("/usr/bin/mawk",))
    assert plan.left_alone == ()


def test_where_nobody_knows_whose_anything_is(root: Path, target: FolderTarget) -> None:
    for name in ("tmp/.x/agent", "opt/agent/x", "usr/bin/tool"):
        write(root, name)
    plan = plan_for(target, find_job(target, "tmp/.x/agent", runs=("opt/agent/x", "usr/bin/tool")), None)
    assert told(plan, root)[0] == ("quarantine_file", "tmp/.x/agent")
    (left,) = plan.left_alone
    assert (left.what, "whose it is can't be told" in left.because) == (f"{root}/opt/agent/x", True)


def test_what_the_report_could_not_name_is_told(target: FolderTarget) -> None:
    finding = find_job(target)
    more = Evidence(what="what it runs: 1 more, or with longer paths", source="runs")
    (left,) = plan_for(target, replace(finding, evidence=(*finding.evidence, more))).left_alone
    assert "1 more" in left.because


def test_paths_out_of_the_root_and_loops_do_no_harm(root: Path, target: FolderTarget) -> None:
    (root / "tmp").mkdir()
    (root / "tmp/a").symlink_to("a")
    (root / "tmp/up").symlink_to("../../../../../../etc/hostname")
    plan = plan_for(target, find_job(target, "tmp/a", "tmp/up", "../../etc/hostname"))
    assert told(plan, root) == [("remove_line", "etc/crontab")]
    assert plan.left_alone == ()


def test_links_are_followed_below_the_root(root: Path, target: FolderTarget) -> None:
    ground = Ground(target, Wishes(), {})
    (root / "var").symlink_to("/www")
    (root / "www/a").symlink_to("./scripts/../index.html")
    assert follow_links(FilePath(f"{root}/var/a"), ground).text == f"{root}/www/index.html"
    (root / "www/loop").symlink_to("loop")
    with pytest.raises(OSError, match="too many links"):
        follow_links(FilePath(f"{root}/www/loop"), ground)
