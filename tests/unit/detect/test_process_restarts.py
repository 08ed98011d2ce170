"""Who would start a process again."""

from codered.detect.process_facts import ProcessFacts
from codered.detect.process_restarts import find_restarters
from codered.detect.process_words import ProcessWords
from codered.model.paths import FilePath
from codered.model.process import Connection, Executable, ProcessId, ProcessSeen
from tests.fixtures.running import make_process, own_by_system, process_rules

PYTHON = Executable(path=FilePath("/usr/bin/python3.11"))
LISTENING = (Connection(protocol="tcp", local_port=8000, state="LISTEN"),)
SHELL = Executable(path=FilePath("/usr/bin/bash"))


def find(*processes: ProcessSeen, spared: frozenset[ProcessId] = frozenset()) -> list[tuple[int, int]]:
    """Who restarts whom, the first process being the suspect."""
    facts = ProcessFacts(processes, ProcessWords(process_rules().heuristics.lists), own_by_system)
    return [(parent.id.pid, child.id.pid) for parent, child, _ in find_restarters(processes[:1], facts, spared)]


def loop(pid: int, parent: int, *command: str) -> ProcessSeen:
    return make_process(pid, "bash", parent=parent, exe=SHELL, command=command or ("bash", "-c", "while :; do x; done"))


def test_loops_above_loops_up_to_a_limit() -> None:
    bad = make_process(90, parent=80)
    assert find(bad, loop(80, 70), loop(70, 60), loop(60, 50), loop(50, 1)) == [(80, 90), (70, 80), (60, 70)]


def test_a_loop_that_waits_between_two_rounds() -> None:
    bad, wait = make_process(90, parent=80), make_process(91, "sleep", parent=80)
    assert find(bad, loop(80, 1), wait) == [(80, 90)]
    assert find(bad, loop(80, 1), make_process(91, "nginx", parent=80)) == []


def test_who_is_spared() -> None:
    bad = make_process(90, parent=80)
    assert find(bad, loop(80, 1), spared=frozenset((ProcessId(80, 8000),))) == []
    assert find(make_process(90, parent=1), loop(1, 0)) == []
    assert find(bad, make_process(80, "bash", exe=SHELL, command=("bash", "-c", "x"), tty=True)) == []
    assert find(bad, make_process(80, "cron", exe=Executable(path=FilePath("/usr/sbin/cron")))) == []
    assert find(bad, loop(80, 1, "bash", "/usr/bin/owned")) == []
    assert find(bad, loop(80, 1, "bash", "/opt/x.sh")) == [(80, 90)]


def test_parents_in_a_circle_end() -> None:
    assert find(loop(80, 70), loop(70, 80)) == [(70, 80)]


def find_fact(command: tuple[str, ...], **fields: object) -> str | None:
    """What a Python program above a suspect is said to do."""
    parent = make_process(80, "python3", exe=PYTHON, command=command, **fields)
    facts = ProcessFacts((parent,), ProcessWords(process_rules().heuristics.lists), own_by_system)
    found = list(find_restarters((make_process(90, parent=80),), facts, frozenset()))
    return found[0].fact if found else None


def test_a_program_that_was_broken_into_looks_much_like_a_loop() -> None:
    assert find_fact(("python3", "/opt/x.py")) == "may-restart-a-suspect"
    assert find_fact(("python3", "-c", "x")) == "restarts-a-suspect"
    assert find_fact(("python3", "-W", "ignore", "/tmp/x.py")) == "restarts-a-suspect"
    assert find_fact(("python3", "/opt/.x/x.py"), connections=LISTENING) == "restarts-a-suspect"
    assert find_fact(("python3", "-m", "x")) is None


def test_servers_and_managers_are_no_loops() -> None:
    assert find_fact(("python3", "/srv/app.py"), connections=LISTENING) is None
    assert find_fact(("/srv/bin/python3", "/srv/bin/gunicorn", "app:app")) is None
    assert find_fact(("/srv/bin/python3", "/srv/bin/supervisord", "-c", "/etc/x")) is None
    assert find_fact(("gunicorn: master [app]", "/srv/x")) is None
    assert find_fact(("python3", "/tmp/supervisord")) == "restarts-a-suspect"


def test_who_may_restart_names_nobody_above() -> None:
    bad = make_process(90, parent=80)
    app = make_process(80, "python3", parent=70, exe=PYTHON, command=("python3", "/opt/x.py"))
    assert find(bad, app, loop(70, 1)) == [(80, 90)]
