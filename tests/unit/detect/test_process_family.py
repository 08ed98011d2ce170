"""What parents and services say of made-up processes."""

from datetime import UTC, datetime, timedelta

import pytest

from codered.detect.process_family import MOST_PARENTS, ProcessFamily
from codered.detect.process_words import ProcessWords
from codered.model.paths import FilePath
from codered.model.process import Connection, Executable, ProcessId, ProcessSeen
from tests.fixtures.running import make_process, own_by_system, process_rules

WORDS = ProcessWords(process_rules().heuristics.lists)
NOW = datetime(2026, 11, 22, tzinfo=UTC)
LISTENING = (Connection(protocol="tcp", local_port=8000, state="LISTEN"),)
ON_CONNECTION = frozenset(("input-is-connection",))


def exe_owner(process: ProcessSeen) -> str | None:
    return own_by_system(process.exe.path) if process.exe else None


def facts(process: ProcessSeen, *others: ProcessSeen) -> set[str]:
    return set(ProcessFamily((process, *others), WORDS, exe_owner).find(process))


def run(path: str, pid: int = 70, **fields: object) -> ProcessSeen:
    exe = Executable(path=FilePath(path), memfd=bool(fields.pop("memfd", False)))
    return make_process(pid, path.rpartition("/")[2][:15], exe=exe, **fields)


def test_servers_are_found_through_what_runs_anything() -> None:
    server = run("/usr/sbin/apache2", 60)
    for between in ("dash", "timeout", "node", "su", "script"):
        assert facts(run("/usr/bin/x", parent=61), run(f"/usr/bin/{between}", 61, parent=60), server) == {
            "child-of-web-server"
        }
    assert facts(run("/usr/bin/x", parent=61), run("/usr/bin/make", 61, parent=60), server) == set()


def test_a_python_server_is_an_application_server_where_it_listens() -> None:
    command = ("/srv/bin/python3", "/srv/bin/gunicorn", "app")
    shell = run("/usr/bin/dash", parent=60)
    assert facts(shell, run("/usr/bin/python3.11", 60, command=command, connections=LISTENING)) == {
        "child-of-app-server"
    }
    assert facts(shell, run("/usr/bin/python3.11", 60, command=command)) == set()
    assert facts(shell, run("/usr/bin/python3.11", 60, command=("x", "/srv/x"), connections=LISTENING)) == set()


@pytest.mark.parametrize(
    ("cgroup", "is_orphan"),
    [
        ("0::/system.slice/queue.service", False),
        ("4:memory:/x\n1:name=systemd:/system.slice/queue.service", False),
        ("0::/system.slice/queue.service/worker", False),
        ("0::/system.slice/apache2.service", True),
        ("0::/", True),
        ("", True),
        ("4:memory:/system.slice/queue.service", True),
    ],
)
def test_a_service_of_its_own_is_no_orphan(cgroup: str, is_orphan: bool) -> None:
    server = run("/usr/sbin/apache2", 60, uid=33, cgroup="0::/system.slice/apache2.service")
    found = facts(run("/usr/bin/php", uid=33, cgroup=cgroup), server)
    assert ("orphan-as-web-user" in found) == is_orphan


def test_only_the_first_of_a_service_is_the_service() -> None:
    cron = run("/usr/sbin/cron", 50, cgroup="0::/system.slice/cron.service")
    left = run("/usr/bin/dash", 70, user="www-data", cgroup="0::/system.slice/cron.service")
    assert "orphan-as-web-user" in facts(left, cron)
    assert "orphan-as-web-user" not in facts(left)


def test_below_a_connection() -> None:
    shell = run("/usr/bin/bash", parent=61)
    for path in ("/usr/bin/python3.11", "/usr/bin/bash", "/opt/x"):
        assert "below-connection" in facts(shell, run(path, 61, facts=ON_CONNECTION))
    sshd = run("/usr/sbin/sshd", 61, facts=ON_CONNECTION)
    assert "below-connection" not in facts(shell, sshd)
    bash = run("/usr/bin/bash", 60, facts=ON_CONNECTION)
    assert "below-connection" not in facts(shell, run("/usr/bin/other", 61, parent=60), bash)
    assert "below-connection" in facts(shell, run("/usr/bin/sudo", 61, parent=60), bash)


def test_programs_that_tools_make() -> None:
    def made(path: str, maker: str, **fields: object) -> bool:
        return "exe-made-by-tool" in facts(run(path, 70, parent=60, **fields), run(maker, 60))

    assert made("/tmp/go-build1/b001/exe/x", "/usr/local/go/bin/go")
    assert not made("/tmp/go-build1/b001/exe/x", "/tmp/go")
    assert not made("/tmp/go-build1/b001/exe/x", "/opt/.x/go")
    assert not made("/tmp/x/go-build1/x", "/usr/local/go/bin/go")
    assert made("/memfd:runc_cloned:/proc/self/exe", "/usr/bin/containerd-shim-runc-v2", memfd=True)
    assert not made("/memfd:runc_cloned:/proc/self/exe", "/usr/bin/dash", memfd=True)
    assert made("/tmp/.mount_AbC/x", "/usr/bin/dash", uid=1000)
    assert not made("/tmp/.mount_AbC/x", "/usr/bin/dash", uid=0)
    assert not made("/tmp/.mount_AbC/x", "/usr/bin/dash", uid=33, user="www-data")


def test_own_builds_listen_or_belong_to_what_does() -> None:
    server = run("/usr/local/sbin/sshd", 60, connections=LISTENING)
    assert "own-build" in facts(server)
    assert "own-build" in facts(run("/usr/local/libexec/sshd-session", parent=60), server)
    assert "own-build" not in facts(run("/usr/local/sbin/sshd"))
    assert "own-build" not in facts(run("/opt/.x/sshd", connections=LISTENING))
    assert "own-build" not in facts(run("/tmp/sshd", connections=LISTENING))
    assert "own-build" not in facts(run("/usr/local/bin/x", connections=LISTENING))


def test_what_runs_long() -> None:
    new = make_process(80, started=NOW)
    assert "long-lived" in facts(make_process(70, started=NOW - timedelta(hours=1)), new)
    assert "long-lived" not in facts(make_process(70, started=NOW - timedelta(minutes=59)), new)
    assert "long-lived" not in facts(make_process(70), new)


def test_circles_end() -> None:
    first = make_process(70, "sh", parent=71)
    family = ProcessFamily((first, make_process(71, "sh", parent=70)), WORDS, exe_owner)
    assert len(list(family.parents(first))) == MOST_PARENTS
    assert list(family.find(ProcessSeen(id=ProcessId(5, 5), parent=5, name="x"))) == []
