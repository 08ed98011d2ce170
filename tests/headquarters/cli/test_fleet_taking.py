"""`codered fleet take`."""

import json
from pathlib import Path

import msgspec
import pytest

from codered.model.target import TargetInfo
from codered_hq.incidents.people import find_account
from tests.fixtures.inventories import make_host
from tests.fixtures.played_fleets import make_report, now
from tests.fixtures.saying import Say

pytestmark = pytest.mark.django_db
DISK = TargetInfo(kind="disk_image", root="/srv/disk.vmdk", system="windows")


def write(path: Path, *found: str, gaps: int = 0) -> str:
    report = msgspec.structs.replace(make_report(*found, gaps=gaps), target=DISK, started=now(), seconds=0.0)
    path.write_bytes(msgspec.json.encode(report))
    return str(path)


def test_a_disk_is_told_of_by_somebody_of_the_team(say: Say, tmp_path: Path) -> None:
    make_host("iis", "10.1.0.1")
    ill = write(tmp_path / "i", "C:/a.exe")
    refused = say("fleet", "take", ill, "--host", "iis")
    assert (refused.code, refused.out, "nobody of the team vouches" in refused.err) == (4, "", True)
    ann = ("Ann", "--role", "incident_commander", "--account", find_account())
    assert say("incident", "roster", "add", *ann).code == 0
    assert say("fleet", "take", str(tmp_path / "none"), "--host", "iis").code == 2
    assert say("fleet", "take", ill, "--host", "nobody").code == 2
    taken = say("fleet", "take", ill, "--host", "iis")
    assert (taken.code, taken.out) == (1, "iis: infected, 1 open finding; it is infected now\n")
    clean = write(tmp_path / "c")  # after that
    taken = say("fleet", "take", clean, "--host", "iis", "--json")
    assert (taken.code, json.loads(taken.out)["state"]) == (0, "verified")
    assert say("fleet", "take", clean, "--host", "iis").out == "taken already: iis: clean; it is verified now\n"
    cut = write(tmp_path / "g", gaps=2)
    assert say("fleet", "take", cut, "--host", "iis").code == 3
