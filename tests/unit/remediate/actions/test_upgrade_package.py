"""upgrade_package on a machine of the test's own, with a repository in a folder: up, back, broken, interrupted."""

import json
import shutil
import time
from collections.abc import Iterator

import pytest

from codered.model.paths import FilePath
from codered.model.plan import Action, FileState, PackageState
from codered.remediate.actions import upgrade_package
from codered.remediate.file_state import ChangeFailed
from tests.fixtures.agreeing_packages import accept_packages
from tests.fixtures.local_repositories import PACKAGE, PLACE, build_package, install, installed_version, publish
from tests.fixtures.machines import INTERPRETER, Machine, running_machine

ADVISORY = {
    "id": "LAB-2099-1",
    "summary": "a hole of the lab",
    "aliases": ["CVE-2099-0001"],
    "affected": [
        {
            "package": {"ecosystem": "Debian:12", "name": PACKAGE},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}],
        }
    ],
}
PLAN = "/run/lab/plan.json"


@pytest.fixture(scope="module")
def shared() -> Iterator[Machine]:
    """One machine for all: it takes longer to make, and to compile rules for, than most of the tests."""
    with running_machine() as made:
        accept_packages(made)
        yield made


@pytest.fixture
def machine(shared: Machine) -> Iterator[Machine]:
    """With the version 1.0, an advisory, and nothing of the test before."""
    shared.write("/run/lab/advisories/LAB-2099-1.json", json.dumps(ADVISORY))
    build_package(shared, "1.0")
    install(shared, "1.0")
    yield shared
    purged = shared.run("dpkg", "--purge", "--force-all", "codered-lab-new", PACKAGE)
    assert purged.returncode == 0, purged.stderr
    for folder in ("run/lab", "var/lib/codered"):
        shutil.rmtree(shared.root / folder, ignore_errors=True)


def make_plan(machine: Machine) -> str:
    publish(machine)
    scanned = machine.codered("scan", "--fast", "--packs", "react2shell", "--advisories", "/run/lab/advisories",
                              "-o", "/run/lab/report.json")  # fmt: skip
    assert scanned.returncode in (1, 3), scanned.stderr
    planned = machine.codered("plan", "/run/lab/report.json", "--patch", "-o", PLAN)
    assert planned.returncode == 0, planned.stderr
    return planned.stdout


def read_content(machine: Machine) -> str:
    return (machine.root / f"usr/share/{PACKAGE}/version").read_text().strip()


def test_up_and_back(machine: Machine) -> None:
    build_package(machine, "2.0")
    shown = make_plan(machine)
    assert f"upgrade {PACKAGE} 1.0 to 2.0" in shown
    assert "1 to upgrade; all can be undone" in shown
    done = machine.codered("apply", PLAN, "--yes")
    assert done.returncode == 0, done.stderr
    assert (installed_version(machine), read_content(machine)) == ("2.0", "2.0")
    again = machine.codered("apply", PLAN, "--yes")
    assert "already applied" in again.stderr
    for item in (machine.root / PLACE.lstrip("/")).iterdir():
        item.unlink()  # the old version comes from the case, not from the repository
    back = machine.codered("rollback", PLAN, "--yes")
    assert back.returncode == 0, back.stderr
    assert (installed_version(machine), read_content(machine)) == ("1.0", "1.0")


def test_an_upgrade_that_fails_is_undone(machine: Machine) -> None:
    build_package(machine, "2.0", postinst="exit 7")
    make_plan(machine)
    done = machine.codered("apply", PLAN, "--yes")
    assert done.returncode == 6, done.stderr
    assert (installed_version(machine), read_content(machine)) == ("1.0", "1.0")
    (log,) = (machine.root / "var/lib/codered/cases").glob("*/vault/*.log")
    assert "codered-lab" in log.read_text()


def test_half_way_is_not_told_as_undone(machine: Machine) -> None:
    """The version before can't be configured any more either."""
    build_package(machine, "1.0", postinst="[ ! -e /run/lab/broken ]")
    install(machine, "1.0")
    build_package(machine, "2.0", postinst="touch /run/lab/broken; exit 7")
    make_plan(machine)
    done = machine.codered("apply", PLAN, "--yes")
    assert done.returncode == 7, done.stderr
    assert installed_version(machine) == "1.0 half-configured"


def test_killed_in_the_middle_it_goes_on(machine: Machine) -> None:
    wait = "touch /run/lab/here; for i in $(seq 400); do [ -e /run/lab/go ] && exit 0; sleep 0.05; done"
    build_package(machine, "2.0", postinst=wait)
    make_plan(machine)
    machine.start("/opt/codered-under-test-python/bin/python3.11", "-m", "codered", "apply", PLAN, "--yes")
    end = time.monotonic() + 60
    while not (machine.root / "run/lab/here").exists() and time.monotonic() < end:
        time.sleep(0.02)
    machine.run("sh", "-c", "kill -9 " + " ".join(str(pid) for pid in machine.pids("apply") + machine.pids("postinst")))
    machine.write("/run/lab/go", "")
    wait_until_unlocked(machine)
    assert installed_version(machine) != "2.0"  # half-way: the script was killed too
    done = machine.codered("apply", PLAN, "--yes")
    assert done.returncode == 0, done.stderr
    assert installed_version(machine) == "2.0"
    assert machine.codered("rollback", PLAN, "--yes").returncode == 0
    assert installed_version(machine) == "1.0"


# The tool itself with less patience: 20 minutes and 5 are too long for a test.
HASTY = """
import sys
from codered.cli import main
from codered.remediate import package_commands
package_commands.MOST_SECONDS, package_commands._GRACE_SECONDS = 4, 2
sys.argv = ["codered", "apply", sys.argv[1], "--yes"]
main()
"""


def test_one_that_takes_too_long_is_asked_to_end_and_undone(machine: Machine) -> None:
    build_package(machine, "2.0", postinst="sleep 300")
    make_plan(machine)
    done = machine.run(INTERPRETER, "-c", HASTY, PLAN)
    assert done.returncode == 6, done.stderr
    assert "did not end within" in done.stderr
    assert machine.pids("sleep 300") == []
    assert (installed_version(machine), read_content(machine)) == ("1.0", "1.0")


def test_nothing_is_undone_under_one_that_does_not_end(machine: Machine) -> None:
    wait = "trap '' TERM; for i in $(seq 1200); do [ -e /run/lab/go ] && exit 0; sleep 0.05; done"
    build_package(machine, "2.0", postinst=wait)
    make_plan(machine)
    done = machine.run(INTERPRETER, "-c", HASTY, PLAN)
    assert done.returncode == 7, done.stderr
    assert "still at work; nothing is undone under it" in done.stderr
    assert machine.pids("postinst")
    assert "1.0" not in installed_version(machine)
    machine.write("/run/lab/go", "")
    wait_until_unlocked(machine)
    back = machine.codered("rollback", PLAN, "--yes")
    assert back.returncode == 0, back.stderr
    assert (installed_version(machine), read_content(machine)) == ("1.0", "1.0")


def test_what_came_new_with_it_stays_and_is_said(machine: Machine) -> None:
    build_package(machine, "2.0", depends="codered-lab-new")
    build_package(machine, "1", name="codered-lab-new")
    assert "changes with it: codered-lab-new" in make_plan(machine)
    assert machine.codered("apply", PLAN, "--yes").returncode == 0
    assert installed_version(machine, "codered-lab-new") == "1"
    back = machine.codered("rollback", PLAN, "--yes")
    assert back.returncode == 0, back.stderr
    assert "what came new with it stays: codered-lab-new" in back.stderr
    assert installed_version(machine) == "1.0"


def wait_until_unlocked(machine: Machine) -> None:
    end = time.monotonic() + 30
    while (machine.pids("dpkg --") or machine.pids("postinst")) and time.monotonic() < end:
        time.sleep(0.02)


def test_without_the_version_before_it_says_that_nothing_brings_it_back(machine: Machine) -> None:
    (machine.root / f"{PLACE.lstrip('/')}/{PACKAGE}_1.0_all.deb").unlink()
    build_package(machine, "2.0")
    shown = make_plan(machine)
    assert "can be undone: NO" in shown
    assert "can't be had any more" in shown
    assert machine.codered("apply", PLAN, "--yes").returncode == 0
    assert installed_version(machine) == "2.0"
    assert machine.codered("rollback", PLAN, "--yes").returncode == 7


def test_a_candidate_without_the_fix_is_left_alone(machine: Machine) -> None:
    build_package(machine, "1.9")
    shown = make_plan(machine)
    assert "nothing to change" in shown
    assert "1.9 is the newest" in shown


def test_what_changed_since_the_plan_is_refused(machine: Machine) -> None:
    for version in ("1.5", "2.0"):
        build_package(machine, version)
    make_plan(machine)
    install(machine, "1.5")
    done = machine.codered("apply", PLAN, "--yes")
    assert done.returncode == 4
    assert installed_version(machine) == "1.5"


def test_a_plan_must_say_what_the_package_becomes() -> None:
    before = PackageState(manager="dpkg", name="x", architecture="all", version="1")
    action = Action(id="a1", kind="upgrade_package", path=FilePath("/x"), expects=before, because="")
    with pytest.raises(ChangeFailed):
        upgrade_package.outcome(action)
    wrong = Action(id="a1", kind="upgrade_package", path=FilePath("/x"), expects=FileState(exists=False), because="")
    with pytest.raises(ChangeFailed):
        upgrade_package.outcome(wrong)
