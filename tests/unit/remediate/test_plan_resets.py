import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.finding import Finding
from codered.model.indicators import SettingIndicator
from codered.model.pack import LoadedPack
from codered.model.plan import Plan
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.drafts import Wishes
from codered.remediate.file_state import CAPABILITIES
from codered.remediate.planning import make_plan
from tests.fixtures.changing import FolderTarget, hash_tree
from tests.fixtures.findings_for_plans import find_line, find_whole
from tests.fixtures.packs_for_plans import make_pack, make_report

RAW = bytes.fromhex("0100000280000000000000000000000000000000")


def plan_for(target: FolderTarget, finding: Finding, *packs: LoadedPack, good: Path | None = None) -> Plan:
    return make_plan(make_report(target, finding), packs, target, Wishes(restore_from=good))


@pytest.fixture
def program(root: Path) -> Path:
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin/inert").write_bytes(b"INERT")
    (root / "usr/bin/inert").chmod(0o4755)
    return root / "usr/bin/inert"


def test_set_id_bits_go(root: Path, target: FolderTarget, case: Path, program: Path) -> None:
    before = hash_tree(root)
    plan = plan_for(target, find_whole(target, "usr/bin/inert", key="suid", remedy="reset_setting"))
    assert [action.kind for action in plan.actions] == ["reset_setting"]
    apply_plan(plan, target, case)
    assert program.stat().st_mode & 0o7777 == 0o755
    assert program.read_bytes() == b"INERT"
    roll_back(plan, target, case)
    assert hash_tree(root) == before


def test_capabilities_go(root: Path, target: FolderTarget, case: Path, program: Path) -> None:
    os.setxattr(program, CAPABILITIES, RAW)
    before = hash_tree(root)
    plan = plan_for(target, find_whole(target, "usr/bin/inert", key="capabilities", remedy="reset_setting"))
    apply_plan(plan, target, case)
    assert CAPABILITIES not in os.listxattr(program)
    assert program.stat().st_mode & 0o7777 == 0o4755
    roll_back(plan, target, case)
    assert hash_tree(root) == before


def test_both_at_once(root: Path, target: FolderTarget, case: Path, program: Path) -> None:
    os.setxattr(program, CAPABILITIES, RAW)
    before = hash_tree(root)
    suid = find_whole(target, "usr/bin/inert", key="suid", remedy="reset_setting")
    rights = find_whole(target, "usr/bin/inert", key="capabilities", remedy="reset_setting")
    plan = make_plan(make_report(target, suid, rights), (), target)
    assert len(plan.actions) == 1
    apply_plan(plan, target, case)
    assert (program.stat().st_mode & 0o7777, os.listxattr(program)) == (0o755, [])
    roll_back(plan, target, case)
    assert hash_tree(root) == before


def test_what_is_as_it_should_be(target: FolderTarget, program: Path) -> None:
    program.chmod(0o755)
    for key in ("suid", "capabilities"):
        plan = plan_for(target, find_whole(target, "usr/bin/inert", key=key, remedy="reset_setting"))
        assert [item.because for item in plan.left_alone] == ["it is as it should be already"]


def make_setting_pack(clean_is: str, clean: str = "") -> LoadedPack:
    pack = make_pack("one", {"setting": "reset_setting"})
    setting = SettingIndicator(
        id="setting", because="why", confidence="likely", severity="high", references=(), store="file", key="/etc/x",
        clean_is=clean_is, clean=clean,  # type: ignore[arg-type]
    )  # fmt: skip
    return replace(pack, pack=replace(pack.pack, files=(), settings=(setting,)))


@pytest.mark.parametrize(
    ("clean_is", "clean", "left"),
    [("value", "good = 1", b"a\r\ngood = 1\r\nb\n"), ("absent", "", b"a\r\nb\n")],
)
def test_a_line_gets_its_clean_value(
    root: Path, target: FolderTarget, case: Path, clean_is: str, clean: str, left: bytes
) -> None:
    (root / "etc").mkdir()
    (root / "etc/x").write_bytes(b"a\r\nevil = 1\r\nb\n")
    finding = replace(
        find_line(target, "etc/x", b"evil = 1\r", kind="setting", key="x"), pack="one", indicator="setting"
    )
    plan = plan_for(target, finding, make_setting_pack(clean_is, clean))
    apply_plan(plan, target, case)
    assert (root / "etc/x").read_bytes() == left


def test_what_it_was_is_not_known(root: Path, target: FolderTarget, tmp_path: Path) -> None:
    (root / "etc").mkdir()
    (root / "etc/x").write_bytes(b"evil\n")
    finding = find_line(target, "etc/x", b"evil", kind="setting", key="x", remedy="reset_setting")
    assert "what it was before is not known" in plan_for(target, finding).left_alone[0].because
    by_pack = replace(finding, pack="one", indicator="setting")
    assert "not known" in plan_for(target, by_pack, make_setting_pack("manual")).left_alone[0].because
    (tmp_path / "good/etc").mkdir(parents=True)
    (tmp_path / "good/etc/x").write_bytes(b"good\n")
    (action,) = plan_for(target, finding, good=tmp_path / "good").actions
    assert (action.kind, action.source is not None) == ("restore_file", True)
