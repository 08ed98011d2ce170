"""What the tool itself keeps on a machine is never a finding: its packs, reports, plans, vault and journal."""

import shutil
from pathlib import Path

from codered.packs.loading import find_packs_folder
from tests.fixtures.command import Desk

LOGS = Path(__file__).resolve().parents[1] / "fixtures" / "logs"


def test_the_shipped_packs(desk: Desk) -> None:
    report = desk.scan(find_packs_folder(), code=desk.run("scan", find_packs_folder()).code)
    assert [found for found in report.findings if found.layer == "files"] == []
    assert not report.gaps()


def test_a_copy_of_the_packs_elsewhere(desk: Desk) -> None:
    shutil.copytree(find_packs_folder(), desk.folder / "copy")
    report = desk.scan("copy", code=desk.run("scan", "copy").code)
    assert [found for found in report.findings if found.layer == "files"] == []


def test_reports_plans_vault_and_journal(desk: Desk, volume: Path) -> None:
    kinds = ("json", "html", "csv", "txt", "attackers.csv")
    outputs = [word for kind in kinds for word in ("-o", f"r.{kind}")]
    assert desk.run("scan", "--root", volume, *outputs).code == 1
    logs = [word for kind in kinds for word in ("-o", f"logs.{kind}")]
    assert desk.run("scan", "--logs", LOGS / "iis5-codered1-2001-07.log", *logs).code == 1
    desk.run("plan", "r.json", "-o", "plan.json")
    assert desk.run("apply", "plan.json", "--yes").code == 0
    assert any((desk.state / "cases").rglob("*"))
    report = desk.scan(desk.folder, code=0)
    assert report.verdict == "clean"
    assert sum(look.count for look in report.looks if look.state == "looked") > len(kinds) * 2


def test_the_compiled_rules(desk: Desk, rule_cache: Path) -> None:
    desk.run("scan", desk.folder)
    assert list(rule_cache.iterdir())
    assert desk.scan(rule_cache, code=0).verdict == "clean"
