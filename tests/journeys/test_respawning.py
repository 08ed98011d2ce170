"""What comes back: a process deaf to signals that is started again, by what may be ended and by what may not."""

import json
import shlex
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.intruder import await_process
from tests.fixtures.machines import INTERPRETER, Machine, running_machine

WORM = "/tmp/.w/kdevtmpfsi"
DEAF = "#!/bin/bash\ntrap '' TERM INT HUP\nwhile :; do sleep 1; done\n"
LOOP = f"#!/bin/bash\nwhile :; do {WORM}; sleep 0.1; done\n"
# A daemon with work of its own, so that ending it is nobody's plan; it writes the worm's file again when it is gone.
DAEMON = f"""
import os, subprocess, sys, time
other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
body = open("{WORM}").read()
while True:
    os.makedirs(os.path.dirname("{WORM}"), exist_ok=True)
    with open(os.open("{WORM}", os.O_WRONLY | os.O_CREAT, 0o755), "w") as file:
        file.write(body)
    subprocess.run(["{WORM}"])
    time.sleep(0.1)
"""


@pytest.fixture
def machine(compiled_rules: Path) -> Iterator[Machine]:
    with running_machine(compiled_rules) as made:
        made.write(WORM, DEAF, 0o755)
        yield made


def respond(machine: Machine) -> tuple[dict[str, Any], Any]:
    """Scan, plan, apply: the plan, and what apply answered."""
    assert machine.codered("scan", "--fast", "-o", "/run/report.json").returncode == 1
    assert machine.codered("plan", "/run/report.json", "-o", "/run/plan.json").returncode == 0
    plan: dict[str, Any] = json.loads((machine.root / "run/plan.json").read_text())
    return plan, machine.codered("apply", "/run/plan.json", "--yes")


def wait_for(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_loop_and_its_deaf_child_are_gone_after_one_apply(machine: Machine) -> None:
    machine.write("/tmp/.w/run.sh", LOOP, 0o755)
    machine.start("/tmp/.w/run.sh")
    await_process(machine, WORM)
    plan, answer = respond(machine)
    assert answer.returncode == 0, answer.stderr
    kinds = [(action["kind"], action["path"]["text"]) for action in plan["actions"]]
    assert kinds.count(("stop_process", "/usr/bin/bash")) == 2
    assert {("quarantine_file", WORM), ("quarantine_file", "/tmp/.w/run.sh")} <= set(kinds)
    assert machine.pids("/tmp/.w/") == []
    time.sleep(0.5)  # longer than the loop sleeps
    assert machine.pids("/tmp/.w/") == []
    assert machine.codered("scan", "--fast").returncode == 0


def test_what_a_protected_starter_brings_back_is_held_and_finished_at_boot(machine: Machine) -> None:
    machine.write("/opt/daemon/daemon.py", DAEMON)
    machine.start(INTERPRETER, "/opt/daemon/daemon.py")
    await_process(machine, WORM)
    _, answer = respond(machine)
    assert answer.returncode == 3, answer.stderr
    assert "--at-boot" in answer.stderr
    held = machine.pids(WORM)
    assert held
    assert (machine.root / f"proc/{held[0]}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    (machine.root / "run/systemd/system").mkdir(parents=True, exist_ok=True)
    armed = machine.codered("apply", "/run/plan.json", "--yes", "--at-boot")
    assert armed.returncode == 0, armed.stderr
    (unit,) = (machine.root / "etc/systemd/system").glob("codered-*.service")
    (before,) = (line for line in unit.read_text().splitlines() if line.startswith("Before="))
    assert "network-pre.target" in before
    for pid in machine.pids("/opt/daemon/daemon.py"):  # the machine goes down, and what it ran with it
        machine.run("kill", "-9", str(pid))
    (command,) = (
        line.removeprefix("ExecStart=") for line in unit.read_text().splitlines() if line.startswith("ExecStart=")
    )
    words = [word for word in shlex.split(command) if word != "-I"]  # the tool is not installed here, only found
    finished = machine.run(*words)
    assert finished.returncode == 0, finished.stderr
    wait_for(lambda: machine.pids(WORM) == [])
    assert not unit.exists()
    assert not (machine.root / WORM.lstrip("/")).exists()
    assert machine.codered("scan", "--fast").returncode == 0
