from pathlib import Path

import pytest

from codered import respond
from tests.fixtures.changing import FolderTarget
from tests.fixtures.findings_for_plans import find_whole
from tests.fixtures.packs_for_plans import make_report


@pytest.mark.parametrize(("listed", "goes"), [("/usr/sbin/other", True), ("/lib/systemd/system/x.service", False)])
def test_plans_ask_the_packages(target: FolderTarget, listed: str, goes: bool) -> None:
    root = Path(target.info.root)
    for name, body in {
        "lib/systemd/system/x.service": b"[Service]\n",
        "etc/systemd/system/keep": b"",
        "var/lib/dpkg/info/inert.list": f"{listed}\n".encode(),
        "var/lib/dpkg/status": b"Package: inert\nStatus: install ok installed\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(body)
    finding = find_whole(target, "lib/systemd/system/x.service", key="systemd", remedy="remove_service")
    plan = respond.make_plan(make_report(target, finding), (), target)
    assert ("quarantine_file" in {action.kind for action in plan.actions}) == goes
