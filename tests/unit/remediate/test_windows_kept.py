"""What of Windows itself no plan takes away."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.finding import Evidence, Finding, Subject
from codered.model.heuristics import HEURISTICS
from codered.model.plan import Plan
from codered.remediate.drafts import Wishes
from codered.remediate.planning import make_plan
from codered.remediate.windows_kept import is_core_service, read_windows_kept
from codered.targets.offline_root import OfflineRoot
from tests.fixtures.changing import FolderTarget
from tests.fixtures.packs_for_plans import make_report
from tests.fixtures.windows_roots import CONFIG, lay_out_windows2000, write

SET = "HKLM\\SYSTEM\\ControlSet001\\Services"
SERVICES = {"Services\\Eventlog": {"Start": 2}, "Services\\Planted": {"Start": 2}}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    lay_out_windows2000(folder, system=SERVICES)  # type: ignore[arg-type]
    (folder / "WINNT").rename(folder / "WIN2K")
    return folder


def find_service(root: Path, name: str, remedy: str, *runs: str) -> Finding:
    hive = root / CONFIG["nt"].replace("WINNT", "WIN2K") / "system"
    subject = Subject(kind="autostart", key="service", registry=f"{SET}\\{name}", path=str(hive), shown="C:\\hive")
    evidence = tuple(Evidence(what="what it runs", data=str(root / one).encode(), source="script") for one in runs)
    return Finding(
        id="a" * 12, pack=HEURISTICS, indicator="windows-imitates", layer="autostart", subject=subject,
        confidence="likely", severity="high", because="A test.", remedy=remedy, evidence=evidence,
    )  # fmt: skip


def plan_of(root: Path, *findings: Finding) -> Plan:
    return make_plan(make_report(FolderTarget(root), *findings), (), OfflineRoot(str(root)), Wishes())


def test_a_service_that_windows_needs_is_never_switched_off(root: Path) -> None:
    for remedy in ("disable_service", "remove_service", "delete_key"):
        plan = plan_of(root, find_service(root, "Eventlog", remedy))
        assert plan.actions == ()
        assert [left.because for left in plan.left_alone] == [read_windows_kept().service_because]
        assert len(plan_of(root, find_service(root, "Planted", remedy)).actions) == 1
    library = find_service(root, "Eventlog\\Parameters", "disable_service")
    assert plan_of(root, replace(library, subject=replace(library.subject, value="ServiceDll"))).actions == ()
    assert is_core_service(f"{SET}\\RpcSs")


def test_a_file_of_the_systems_own_folder_stays_on_heuristics_alone(root: Path) -> None:
    names = ("WIN2K/system32/inetsrv/inetinfo.exe", "WIN2K/explorer.exe", "WIN2K/System32/Services.exe")
    away = ("WIN2K/system32/spool/drivers/color/x.exe", "evil/system32/services.exe", "WIN2K/x.exe")
    for name in (*names, *away):
        write(root, name, b"INERT MARKER")
    plan = plan_of(root, find_service(root, "Planted", "disable_service", *names, *away))
    gone = {one.path.text.removeprefix(f"{root}/") for one in plan.actions if one.kind == "quarantine_file"}
    assert gone == set(away)
    left = {one.because.partition("; ")[2] for one in plan.left_alone}
    assert left == {f"{read_windows_kept().file_because}: look at it"}
