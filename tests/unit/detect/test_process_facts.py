"""Facts of processes that are made up, one by one."""

from datetime import UTC, datetime, timedelta

import pytest

from codered.detect.process_facts import MANY_ADDRESSES, ProcessFacts, recent_since
from codered.detect.process_words import ProcessWords
from codered.model.paths import FilePath
from codered.model.process import Connection, Executable, ProcessSeen
from tests.fixtures.running import make_process, own_by_system, process_rules

NOW = datetime(2026, 11, 22, tzinfo=UTC)
WORDS = ProcessWords(process_rules().heuristics.lists)


TERMINAL = {"has-tty"}


def facts(process: ProcessSeen, *others: ProcessSeen) -> frozenset[str]:
    return ProcessFacts((process, *others), WORDS, own_by_system).find(process, recent_since(NOW, 30))


def run(path: str, pid: int = 70, name: str = "x", **fields: object) -> ProcessSeen:
    flags = {key: fields.pop(key) for key in ("deleted", "replaced", "memfd", "foreign", "changed") if key in fields}
    exe = Executable(**({"path": FilePath(path)} | flags))  # type: ignore[arg-type]
    return make_process(pid, name, exe=exe, **({"tty": True} | fields))


def test_where_a_program_comes_from() -> None:
    assert facts(run("/usr/bin/x")) - TERMINAL == {"exe-owned", "exe-tool", "exe-in-system-place"}
    assert facts(run("/opt/x")) - TERMINAL == {"exe-unowned"}
    assert facts(run("/tmp/.y/x")) - TERMINAL == {"exe-unowned", "exe-in-temp", "exe-hidden-path"}
    assert facts(run("/tmp/x", foreign=True)) - TERMINAL == {"exe-foreign", "exe-in-temp"}
    assert facts(run("/memfd:x", memfd=True, name="memfd:x")) - TERMINAL == {"exe-memfd", "exe-unowned"}
    assert "exe-deleted" in facts(run("/opt/x", deleted=True))
    assert "exe-deleted" not in facts(run("/opt/x", deleted=True, replaced=True))
    assert facts(make_process(70)) == {"detached"}


@pytest.mark.parametrize(
    ("flags", "wanted"),
    [
        ({}, {"exe-owned", "exe-tool"}),
        ({"replaced": True, "deleted": True, "elsewhere": True, "upgraded": True},
         {"exe-owned", "exe-tool", "exe-replaced"}),
        ({"replaced": True, "deleted": True, "elsewhere": True}, {"exe-unowned", "exe-replaced", "exe-switched"}),
        ({"elsewhere": True}, {"exe-unowned", "exe-apart", "exe-switched"}),
        ({"elsewhere": True, "nowhere": True}, {"exe-unowned", "exe-nowhere", "exe-switched"}),
        ({"deleted": True, "elsewhere": True}, {"exe-unowned", "exe-deleted"}),
    ],
)  # fmt: skip
def test_a_path_of_a_package_is_not_yet_its_program(flags: dict[str, bool], wanted: set[str]) -> None:
    process = make_process(70, "x", exe=Executable(path=FilePath("/usr/bin/x"), **flags), tty=True)  # type: ignore[arg-type]
    assert facts(process) - TERMINAL == wanted | {"exe-in-system-place"}


def test_what_the_first_stage_of_booting_left_running_is_no_switched_program() -> None:
    exe = Executable(path=FilePath("/usr/sbin/x"), deleted=True, replaced=True, elsewhere=True)
    early = make_process(59, "x", exe=exe, command=("@x",))
    late = make_process(61, "x", exe=exe, command=("@x",))
    assert "exe-switched" not in facts(early)
    assert "exe-switched" in facts(late)


def test_who_is_left_alone() -> None:
    assert "detached" in facts(run("/opt/x", tty=False))
    assert "detached" not in facts(run("/opt/x", tty=False, parent=69))
    assert "detached" not in facts(run("/opt/x"))


def test_where_a_script_lies() -> None:
    shell = run("/usr/bin/bash", name="run.sh", command=("/bin/bash", "/tmp/.w/run.sh"), tty=False)
    assert {"script-in-temp", "script-hidden-path", "detached"} <= facts(shell)
    plain = run("/usr/bin/bash", name="run.sh", command=("/bin/bash", "/opt/run.sh"))
    assert not {"script-in-temp", "script-hidden-path"} & facts(plain)


def test_what_is_new() -> None:
    assert "exe-new" in facts(run("/opt/x", changed=NOW - timedelta(days=29)))
    assert "exe-new" not in facts(run("/opt/x", changed=NOW - timedelta(days=31)))


def test_an_owner_that_is_not_known_is_no_sign() -> None:
    process = run("/opt/x")
    found = ProcessFacts((process,), WORDS, lambda _path: None).find(process, NOW)
    assert found == TERMINAL


def test_an_owner_is_asked_once_a_file() -> None:
    asked: list[FilePath] = []

    def owner_of(path: FilePath) -> str:
        asked.append(path)
        return ""

    processes = tuple(run("/opt/x", pid) for pid in (70, 71, 72))
    every = ProcessFacts(processes, WORDS, owner_of)
    for process in processes:
        every.find(process, NOW)
    assert asked == [FilePath("/opt/x")]


def test_names() -> None:
    assert "name-differs" in facts(run("/opt/y"))
    assert "name-differs" not in facts(run("/opt/a-name-of-more-than-15", name="a-name-of-more-"))
    assert "name-is-system-program" in facts(run("/opt/x", name="systemd-logind"[:15]))
    assert "command-poses" in facts(run("/opt/x", command=("/usr/sbin/sshd", "-D")))
    assert "command-poses" not in facts(run("/usr/bin/x", command=("/usr/sbin/sshd", "-D")))


def test_below_a_web_server() -> None:
    server = run("/usr/sbin/apache2", 60, "apache2", uid=33)
    shell = run("/usr/bin/dash", 61, "sh", parent=60)
    child = run("/usr/bin/sleep", 62, "sleep", parent=61)
    assert {"child-of-web-server", "is-shell"} <= facts(shell, server)
    assert "child-of-web-server" in facts(child, server, shell)
    assert "child-of-web-server" not in facts(run("/usr/sbin/apache2", 63, "apache2", parent=60), server)
    assert "child-of-web-server" not in facts(shell, run("/tmp/apache2", 60, "apache2"))
    assert "child-of-web-server" not in facts(child, server, run("/usr/bin/other", 61, parent=60))
    orphan = run("/usr/bin/dash", 64, "sh", parent=1, uid=33)
    assert "orphan-as-web-user" in facts(orphan, server)
    assert "orphan-as-web-user" not in facts(orphan)
    assert "orphan-as-web-user" in facts(run("/usr/bin/dash", 64, "sh", parent=1, uid=48, user="apache"))


def test_below_an_application_server_only_if_it_listens() -> None:
    listening = (Connection(protocol="tcp", local_port=3000, state="LISTEN"),)
    shell = run("/usr/bin/dash", 61, "sh", parent=60)
    assert "child-of-app-server" in facts(shell, run("/usr/bin/node", 60, "node", connections=listening))
    assert "child-of-app-server" not in facts(shell, run("/usr/bin/node", 60, "node"))


def test_parents_in_a_circle_end() -> None:
    first, second = run("/usr/bin/dash", 60, parent=61), run("/usr/bin/dash", 61, parent=60)
    every = ProcessFacts((first, second), WORDS, own_by_system)
    assert len(list(every.parents(first))) == 12
    assert list(every.parents(run("/x", 62, parent=62))) == []


@pytest.mark.parametrize(
    ("library", "found"),
    [
        ("/tmp/x.so", {"preload-in-temp", "preload-unowned"}),
        ("/opt/.x/x.so", {"preload-in-temp", "preload-unowned"}),
        ("/opt/x.so", {"preload-unowned"}),
        ("/usr/lib/x86_64-linux-gnu/libeatmydata.so", set()),
        ("libfakeroot-sysv.so", set()),
    ],
)
def test_preloaded_libraries(library: str, found: set[str]) -> None:
    process = run("/usr/bin/x", environment={"LD_PRELOAD": library})
    assert {fact for fact in facts(process) if fact.startswith("preload")} == found


def test_connections() -> None:
    def reach(state: str, number: int, port: int = 50_000) -> tuple[Connection, ...]:
        return tuple(
            Connection(protocol="tcp", local_port=port, remote=f"192.0.2.{last}", remote_port=80, state=state)
            for last in range(number)
        )

    assert "outbound-many" in facts(run("/opt/x", connections=reach("ESTABLISHED", MANY_ADDRESSES)))
    assert "outbound-many" not in facts(run("/opt/x", connections=reach("ESTABLISHED", MANY_ADDRESSES - 1)))
    assert "connects-widely" in facts(run("/opt/x", connections=reach("SYN_SENT", MANY_ADDRESSES)))
    server = (*reach("ESTABLISHED", 50, 80), Connection(protocol="tcp", local_port=80, state="LISTEN"))
    assert "outbound-many" not in facts(run("/opt/x", connections=server))
    assert "listens" in facts(run("/opt/x", connections=server))


def test_other_signs() -> None:
    assert "many-threads" in facts(run("/opt/x", threads=100))
    assert "capabilities-odd" in facts(run("/opt/x", uid=33, capabilities=1 << 21))
    assert "capabilities-odd" not in facts(run("/opt/x", uid=0, capabilities=1 << 21))
    assert "capabilities-odd" not in facts(run("/opt/x", uid=33, capabilities=1 << 10))
    assert "history-hidden" in facts(run("/opt/x", environment={"HISTFILE": "/dev/null"}))
    assert "deleted-code-in-temp" in facts(run("/opt/x", facts=frozenset(("deleted-code",)), deleted_files=("/tmp/a",)))
    shell = run("/usr/bin/dash", command=("sh", "run.sh"), cwd="/tmp", tty=True)
    assert {"script-in-temp", "cwd-in-temp", "has-tty"} <= facts(shell)
    assert "script-owned" in facts(run("/usr/bin/dash", command=("sh", "/usr/bin/script")))
    assert "inline-code" in facts(run("/usr/bin/dash", command=("sh", "-c", "x")))
