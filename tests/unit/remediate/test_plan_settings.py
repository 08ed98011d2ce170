"""Findings about the registry become actions on hives."""

import hashlib
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.export.plan_actions import write_action
from codered.export.writing.paint import Paint
from codered.model.finding import Evidence, Finding, Subject
from codered.model.heuristics import HEURISTICS
from codered.model.pack import LoadedPack
from codered.model.plan import Plan
from codered.model.registry import REG_EXPAND_SZ
from codered.packs.loading import load_packs
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.drafts import Wishes
from codered.remediate.planning import make_plan
from tests.fixtures.changing import FolderTarget, hash_tree
from tests.fixtures.hive_files import key_of, write_hive
from tests.fixtures.packs_for_plans import make_report
from tests.fixtures.registry_plans import dword_of, lay_hive, make_dirty, text_of
from tests.fixtures.windows_roots import VROOTS, infect_codered2, lay_out_windows2000

PACKS = Path(__file__).parents[3] / "packs"
WINLOGON = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon"
ROOTS = f"HKLM\\SYSTEM\\ControlSet001\\{VROOTS}"
CACHE = "Microsoft\\Windows NT\\CurrentVersion\\Schedule\\TaskCache"
GUID = "{12345678-1234-1234-1234-123456789abc}"


@pytest.fixture(scope="module")
def packs() -> tuple[LoadedPack, ...]:
    return load_packs(PACKS, ("codered2",))


def find_value(root: Path, hive: str, registry: str, value: str | None, indicator: str, **more: object) -> Finding:
    """A finding as the scan makes it: by codered2, unless `remedy` names one of the heuristics."""
    remedy, data = str(more.get("remedy", "")), more.get("data")
    evidence = more.get("usual")
    proofs = []
    if isinstance(data, bytes):
        digest = hashlib.sha256(data).hexdigest()
        proofs.append(Evidence(what="its data", data=data, sha256=digest, size=len(data), source="value"))
    if isinstance(evidence, str):
        proofs.append(Evidence(what="usual", data=evidence.encode(), source="usual"))
    kind = str(more.get("kind", ""))
    subject = Subject(
        kind="autostart" if kind else "setting", key=kind or f"{registry}:{value}", registry=registry, value=value,
        path=str(root / hive), shown=f"C:\\{hive}",
    )  # fmt: skip
    return Finding(
        id=hashlib.sha256(f"{indicator}{registry}{value}".encode()).hexdigest()[:12],
        pack=HEURISTICS if remedy else "codered2", indicator=indicator, layer="autostart" if kind else "settings",
        subject=subject, confidence="likely", severity="high", because="A test.", remedy=remedy, evidence=tuple(proofs),
    )  # fmt: skip


def plan_of(root: Path, packs: tuple[LoadedPack, ...], *findings: Finding) -> Plan:
    target = FolderTarget(root)
    return make_plan(make_report(target, *findings), packs, target, Wishes())


def test_code_red_2_in_the_registry(tmp_path: Path, packs: tuple[LoadedPack, ...]) -> None:
    root = lay_out_windows2000(tmp_path / "root")
    infect_codered2(root)
    software, system = (next(iter(root.rglob(f"config/{name}"))) for name in ("software", "system"))
    old = hash_tree(root)
    at = {name: str(path.relative_to(root)) for name, path in (("software", software), ("system", system))}
    findings = [
        find_value(root, at["software"], WINLOGON, "SFCDisable", "sfc-disabled", data=dword_of(0xFFFFFF9D).data)
    ]
    for number in ("001", "002"):
        key = ROOTS.replace("001", number)
        findings += [
            find_value(root, at["system"], key, "/c", "vroot-c", data=text_of("c:\\,,217").data),
            find_value(root, at["system"], key, "/D", "vroot-d"),
            find_value(root, at["system"], key, "/scripts", "scripts-mask"),
        ]
    plan = plan_of(root, packs, *findings)
    assert [action.kind for action in plan.actions] == ["delete_value"] * 4 + ["set_value"] * 3
    assert not any(action.replays for action in plan.actions)
    assert not plan.left_alone
    text = "\n".join(write_action(1, next(a for a in plan.actions if "SFC" in (a.shown or "")), Paint(colour=False)))
    assert f"set value {WINLOGON}: SFCDisable" in text.replace("\n        ", "")
    assert "expects: 0xffffff9d (dword)" in text
    assert "becomes: 0x0 (dword)" in text
    target, case = FolderTarget(root), tmp_path / "cases/c"
    assert len(apply_plan(plan, target, case).done) == 7
    again = plan_of(root, packs, *findings)
    assert not again.actions
    reasons = {left.because for left in again.left_alone}
    assert reasons == {"it is not there any more", "it is as it should be already"}
    roll_back(plan, target, case)
    assert hash_tree(root) == old


def test_a_dirty_hive_is_planned_on_as_its_logs_make_it(tmp_path: Path, packs: tuple[LoadedPack, ...]) -> None:
    root = tmp_path / "root"
    root.mkdir()
    hive = lay_hive(root)
    make_dirty(hive, "old")
    key = "HKLM\\SYSTEM\\ControlSet001\\Services\\W3SVC\\Parameters\\Virtual Roots"
    findings = [
        find_value(root, "system", key, "/c", "vroot-c", data=text_of("c:\\,,217").data),
        find_value(root, "system", key, "/scripts", "scripts-mask"),
    ]
    plan = plan_of(root, packs, *findings)
    assert [action.replays for action in plan.actions] == [plan.actions[0].replays] * 2 != ["", ""]
    text = " ".join("\n".join(write_action(1, plan.actions[0], Paint(colour=False))).split())
    assert "its transaction logs are applied first, as Windows would at its next start" in text
    hive.with_name("SYSTEM.LOG").unlink()
    plan = plan_of(root, packs, *findings)
    assert plan.actions == ()
    assert all("shut it down cleanly" in left.because and left.blocked for left in plan.left_alone)


def test_other_data_is_an_administrators_choice(tmp_path: Path, packs: tuple[LoadedPack, ...]) -> None:
    hive = write_hive(key_of({"Microsoft\\Windows NT\\CurrentVersion\\Winlogon": {"SFCDisable": 1}}))
    (tmp_path / "software").write_bytes(hive)
    seen = find_value(tmp_path, "software", WINLOGON, "SFCDisable", "sfc-disabled", data=dword_of(0xFFFFFF9D).data)
    other = replace(seen, pack=HEURISTICS, id="b" * 12, remedy="delete_value", indicator="odd", evidence=())
    suspicious = replace(seen, id="c" * 12, confidence="suspicious")
    plan = plan_of(tmp_path, packs, seen, other, suspicious)
    assert not plan.actions
    told = " / ".join(left.because for left in plan.left_alone)
    assert "other data than the scan saw" in told
    assert "must not be touched" in told
    assert "only suspicious" in told


def test_what_starts_by_itself(tmp_path: Path) -> None:
    current, services = "Microsoft\\Windows\\CurrentVersion", "ControlSet001\\Services"
    software = {
        f"{current}\\Run": {"Inert": "c:\\inert.exe", "Good": "c:\\good.exe"},
        "Microsoft\\Windows NT\\CurrentVersion\\Winlogon": {
            "Shell": "explorer.exe,inert.exe", "GinaDLL": "inert.dll", "UIHost": "inert.exe",
            "Userinit": (REG_EXPAND_SZ, "inert.exe\0".encode("utf-16-le")),
        },
        "Microsoft\\Windows NT\\CurrentVersion\\Windows": {"AppInit_DLLs": "inert.dll"},
        f"{CACHE}\\Tree\\Inert": {"Id": GUID}, f"{CACHE}\\Tasks\\{GUID}": {"Actions": b"inert"},
        f"{CACHE}\\Logon\\{GUID}": {"x": 1},
    }  # fmt: skip
    system = {
        f"{services}\\Inert": {"Start": 2}, f"{services}\\Inert\\Parameters": {"ServiceDll": "inert.dll"},
        f"{services}\\Gone": {"Start": 2, "FailureCommand": "inert"}, "ControlSet001\\Control\\Lsa": {"Security": 1},
    }  # fmt: skip
    (tmp_path / "software").write_bytes(write_hive(key_of(software)))  # type: ignore[arg-type]
    (tmp_path / "system").write_bytes(write_hive(key_of(system)))  # type: ignore[arg-type]
    soft, sys = "HKLM\\SOFTWARE\\", "HKLM\\SYSTEM\\"

    def found(kind: str, hive: str, key: str, value: str | None, remedy: str, **more: object) -> Finding:
        return find_value(tmp_path, hive, key, value, f"{kind}-{value}", kind=kind, remedy=remedy, **more)

    plan = plan_of(
        tmp_path, (),
        found("run_key", "software", f"{soft}{current}\\Run", "Inert", "delete_value"),
        found("winlogon", "software", WINLOGON, "Shell", "set_value", usual="explorer.exe"),
        found("winlogon", "software", WINLOGON, "Userinit", "set_value", usual="%SystemRoot%\\system32\\userinit.exe"),
        found("winlogon", "software", WINLOGON, "GinaDLL", "set_value", usual="msgina.dll"),
        found("winlogon", "software", WINLOGON, "UIHost", "set_value", usual="msgina.dll"),
        found("appinit", "software", WINLOGON.replace("Winlogon", "Windows"), "AppInit_DLLs", "set_value"),
        found("task", "software", f"{soft}{CACHE}\\Tree\\Inert", None, "delete_key"),
        found("service", "system", f"{sys}{services}\\Inert\\Parameters", "ServiceDll", "disable_service"),
        found("service", "system", f"{sys}{services}\\Gone", None, "remove_service"),
        found("service", "system", f"{sys}{services}\\Gone", "FailureCommand", "delete_value"),
        found("lsa", "system", f"{sys}ControlSet001\\Control\\Lsa", "Security", "set_value"),
        found("service", "system", f"{sys}Nothing", None, "disable_service"),
    )  # fmt: skip
    does = {(action.shown or "").rpartition("\\")[2]: (action.kind, action.sets) for action in plan.actions}
    assert does == {
        "Run: Inert": ("delete_value", None),
        "Winlogon: Shell": ("set_value", text_of("explorer.exe")),
        "Winlogon: Userinit": ("set_value", replace(text_of("userinit.exe,"), type=REG_EXPAND_SZ)),
        "Winlogon: GinaDLL": ("delete_value", None),
        "Windows: AppInit_DLLs": ("set_value", text_of("")),
        "Inert": ("delete_key", None),
        GUID: ("delete_key", None),
        "Inert: Start": ("set_value", dword_of(4)),
        "Gone": ("delete_key", None),
    }
    assert len(plan.actions) == 10
    assert {len(action.findings) for action in plan.actions if (action.shown or "").endswith("Gone")} == {2}
    assert len(plan.left_alone) == 3
    old = hash_tree(tmp_path)
    case = tmp_path.parent / "case-of-autostart"
    apply_plan(plan, FolderTarget(tmp_path), case)
    roll_back(plan, FolderTarget(tmp_path), case)
    assert hash_tree(tmp_path) == old


def test_names_that_are_no_text(tmp_path: Path) -> None:
    hive = write_hive(key_of({"Run": {"A\x01B": "inert", "Good": "x"}, "Odd\x02Key\\Below": {"x": 1}, "Odd": {"y": 1}}))
    (tmp_path / "software").write_bytes(hive)
    plan = plan_of(
        tmp_path, (),
        find_value(tmp_path, "software", "HKLM\\SOFTWARE\\Run", "A\\x01B", "one", remedy="delete_value"),
        find_value(tmp_path, "software", "HKLM\\SOFTWARE\\Odd\\x02Key", None, "two", remedy="delete_key"),
    )  # fmt: skip
    assert sorted(action.kind for action in plan.actions) == ["delete_key", "delete_value"]
    raws = {action.registry.key_raw or action.registry.value_raw for action in plan.actions if action.registry}
    assert raws == {"Odd\x02Key".encode("utf-16-le"), "A\x01B".encode("utf-16-le")}
    old, case = hash_tree(tmp_path), tmp_path.parent / "case-of-names"
    apply_plan(plan, FolderTarget(tmp_path), case)
    assert not plan_of(tmp_path, ()).actions
    roll_back(plan, FolderTarget(tmp_path), case)
    assert hash_tree(tmp_path) == old


def test_values_that_only_others_take_for_one(tmp_path: Path, packs: tuple[LoadedPack, ...]) -> None:
    root = tmp_path / "root"
    root.mkdir()
    values = {"evils": "x", "evil\xdf": "y", "evilss": "z"}
    (root / "system").write_bytes(write_hive(key_of({"ControlSet1000\\Services\\A": {"Start": 2}, "Run": values})))  # type: ignore[dict-item]
    old = hash_tree(root)
    findings = [find_value(root, "system", "HKLM\\SYSTEM\\Run", name, "vroot-c") for name in ("evil\xdf", "EVILSS")]
    service = "HKLM\\SYSTEM\\ControlSet1000\\Services\\A"
    findings.append(find_value(root, "system", service, None, "x", kind="service", remedy="disable_service"))
    plan = plan_of(root, packs, *findings)
    assert [action.kind for action in plan.actions] == ["delete_value"] * 2 + ["set_value"]
    target, case = FolderTarget(root), tmp_path / "cases/c"
    assert len(apply_plan(plan, target, case).done) == 3
    roll_back(plan, target, case)
    assert hash_tree(root) == old
