"""Programs that are gone from their path, with the records of a made-up root."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from codered.collect.autostart.reading import Reader
from codered.collect.packages import PackageDatabase
from codered.collect.processes import collect_processes
from codered.detect.process_facts import ProcessFacts
from codered.detect.process_words import ProcessWords
from codered.detect.processes import judge_processes
from codered.model.allow_list import AllowList
from codered.model.paths import FilePath
from codered.model.process import Executable, ProcessesSeen
from codered.scan.upgraded import mark_upgraded
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, own, write
from tests.fixtures.machines import INTERPRETER, running_machine
from tests.fixtures.running import copy_program, make_process, only, process_rules, running, wait_until

NOW = datetime.now(UTC)
BEFORE, LATER = NOW - timedelta(hours=1), NOW + timedelta(hours=1)


def is_upgraded(root: Path, started: datetime | None, path: str = "/usr/sbin/thing", **flags: bool) -> bool:
    exe = Executable(path=FilePath(path), **({"deleted": True, "replaced": True} | flags))  # type: ignore[arg-type]
    process = make_process(70, exe=exe, started=started)
    seen = ProcessesSeen(processes=(process, make_process(71)))
    marked = mark_upgraded(seen, PackageDatabase(Reader(open_target(str(root))))).processes
    assert marked[1] == seen.processes[1]
    assert marked[0].exe is not None
    return marked[0].exe.upgraded


def test_a_package_that_was_written_since_explains_it(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "thing:amd64", {"usr/sbin/thing": "new"})
    assert is_upgraded(root, BEFORE)
    assert not is_upgraded(root, LATER)
    assert not is_upgraded(root, None)
    assert not is_upgraded(root, BEFORE, "/usr/sbin/other")


@pytest.mark.parametrize("flags", [{"deleted": False}, {"memfd": True}, {"foreign": True}])
def test_what_an_upgrade_never_leaves_behind(tmp_path: Path, flags: dict[str, bool]) -> None:
    root = make_root(tmp_path)
    own(root, "thing", {"usr/sbin/thing": "new"})
    assert not is_upgraded(root, BEFORE, "/usr/sbin/thing", **flags)


def test_a_list_whose_time_was_set_forward_explains_nothing(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "thing", {"usr/sbin/thing": "new"})
    ahead = (LATER + timedelta(days=1)).timestamp()
    os.utime(root / "var/lib/dpkg/info/thing.list", (ahead, ahead))
    assert not is_upgraded(root, LATER)


def test_without_records_nothing_is_said(tmp_path: Path) -> None:
    write(tmp_path, {"etc/x": "x"})
    assert not is_upgraded(tmp_path, BEFORE)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_program_mounted_over_that_of_a_package_is_not_the_packages(tmp_path: Path) -> None:
    """On this machine, with its real records."""
    covered = Path("/usr/bin/yes")
    packages = PackageDatabase(Reader(open_target(None)))
    assert packages.owner(b"usr/bin/yes") == "coreutils"
    program = copy_program(tmp_path, "planted")
    code = f"mount --bind {program} {covered} && exec {covered} 60"
    with running("unshare", "--mount", "--propagation", "private", "sh", "-c", code) as pid:
        wait_until(lambda: Path(f"/proc/{pid}/comm").read_text() == "yes\n")
        seen = only(mark_upgraded(collect_processes(), packages), pid)

    def owner_of(path: FilePath) -> str:
        return packages.owner(path.to_bytes().lstrip(b"/"))

    (process,) = [one for one in seen.processes if one.id.pid == pid]
    facts = ProcessFacts(seen.processes, ProcessWords(process_rules().heuristics.lists), owner_of)
    assert {"exe-unowned", "exe-apart", "exe-switched"} <= facts.find(process, BEFORE)
    judged = judge_processes(seen, process_rules(), AllowList(), owner_of, frozenset())
    assert [(one.subject.pid, one.confidence) for one in judged.findings] == [(pid, "likely")]


PACK = """
set -e
mkdir -p /tmp/made/DEBIAN /tmp/made/usr/sbin
printf 'Package: inertd\\nVersion: %s\\nArchitecture: all\\nMaintainer: x <x@example.org>\\nDescription: x\\n' "$0" \\
    >/tmp/made/DEBIAN/control
cp /bin/sleep /tmp/made/usr/sbin/inertd
dpkg-deb -b /tmp/made /tmp/made.deb >&2
dpkg -i --force-all /tmp/made.deb >&2
"""
SWITCH = """
set -e
mv /usr/sbin/inertd /root/kept
cp /bin/sleep /usr/sbin/inertd
setsid --fork /usr/sbin/inertd 601 >/dev/null 2>&1
for i in $(seq 100); do grep -qlz 601 /proc/[0-9]*/cmdline && break; sleep 0.1; done
sleep 0.2
mv /root/kept /usr/sbin/inertd
"""
LOOK = """
import sys
import msgspec
from codered.collect.autostart.reading import Reader
from codered.collect.packages import PackageDatabase
from codered.collect.processes import collect_processes
from codered.scan.upgraded import mark_upgraded
from codered.targets import open_target
seen = mark_upgraded(collect_processes(), PackageDatabase(Reader(open_target(None))))
programs = {one.command[1]: one.exe for one in seen.processes if one.name in ("inertd", "tail")}
flags = ("replaced", "elsewhere", "upgraded")
found = {key: [flag for flag in flags if getattr(exe, flag)] for key, exe in programs.items()}
sys.stdout.buffer.write(msgspec.json.encode(found))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_an_upgrade_by_dpkg_and_a_switch_by_hand_are_two_things() -> None:
    with running_machine() as machine:
        assert machine.run("sh", "-c", PACK, "1").returncode == 0
        started = [machine.start("/usr/sbin/inertd", "600"), machine.start("/usr/bin/tail", "-f", "/dev/null")]
        wait_until(lambda: bool(machine.pids("tail -f")) and bool(machine.pids("inertd 600")))
        time.sleep(1.1)  # the system counts the start of a process in hundredths, the boot in seconds
        assert machine.run("sh", "-c", PACK, "2").returncode == 0
        time.sleep(1.1)
        assert machine.run("sh", "-c", SWITCH).returncode == 0
        assert machine.run("chmod", "700", "/usr/bin/tail").returncode == 0  # the overlay copies it
        told = machine.run(INTERPRETER, "-c", LOOK)
        assert [one.wait(10) for one in started] == [0, 0]
    assert msgspec.json.decode(told.stdout) == {
        "600": ["replaced", "elsewhere", "upgraded"],
        "601": ["replaced", "elsewhere"],
        "-f": [],
    }
