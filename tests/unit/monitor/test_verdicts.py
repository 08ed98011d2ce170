import os
import socket
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.collect.walking import Folder, Unwalked
from codered.collect.watching.listeners import list_listeners
from codered.model.finding import Confidence, Finding, Subject
from codered.model.known_good import AccountRecord, AutostartRecord
from codered.model.monitoring import MonitorEvent, Snapshot
from codered.model.process import ProcessId
from codered.monitor.alarms import Alarms
from codered.monitor.containing import Contained
from codered.monitor.keeping import Keeping
from codered.monitor.questions import Answer, AskFiles, AskPersistence, AskProcesses
from codered.monitor.reinfecting import Removed
from codered.monitor.verdicts import Verdicts
from codered.targets import open_target
from tests.fixtures.running import copy_program, running, wait_until

LISTEN = "import socket, sys, time; kept = socket.create_server(('127.0.0.1', int(sys.argv[1]))); time.sleep(60)"
FILES = AskFiles([Folder(b"web", [b"x"], [])])
CRON = AutostartRecord("cron", b"etc/crontab", 2, "root", "ab")
ROOT = AccountRecord("root", 0, 0, "/root", "/bin/sh", "set")


@pytest.fixture
def sent() -> list[MonitorEvent]:
    return []


@pytest.fixture
def made(tmp_path: Path, sent: list[MonitorEvent]) -> Verdicts:
    kept = Keeping(tmp_path, "a")
    kept.open()
    return Verdicts(open_target(str(tmp_path)), Alarms(kept, sent.append, {}), Removed(None), None)


def finding(path: str = "/web/x", line: int | None = None) -> Finding:
    return Finding(
        id=f"1{path}{line}", pack="p", indicator="i", layer="files", confidence="likely", severity="high", because="b",
        subject=Subject(kind="file", path=path, line=line),
    )  # fmt: skip


def test_what_was_there_at_the_start_is_told_as_that(made: Verdicts, sent: list[MonitorEvent]) -> None:
    made.take(FILES, Answer(findings=[finding()]), fresh=False)
    made.take(FILES, Answer(findings=[finding("/web/y")]), fresh=True)
    made.settled = True
    made.take(FILES, Answer(findings=[finding("/web/z"), finding()]), fresh=False)
    assert [one.kind for one in sent] == ["there-at-start", "found", "found"]


def test_only_what_is_new_since_the_start_is_told(made: Verdicts, sent: list[MonitorEvent]) -> None:
    made.take(AskPersistence(), Answer(records=True, accounts=[ROOT]), fresh=False)
    assert (sent, made.snapshot) == ([], Snapshot(accounts=(ROOT,)))
    made.take(AskPersistence(), Answer(records=True, accounts=[ROOT], autostart=[CRON]), fresh=True)
    made.take(AskPersistence(), Answer(records=True, accounts=[ROOT], autostart=[CRON]), fresh=True)
    assert [one.kind for one in sent] == ["new-autostart"]


def test_what_the_rules_found_is_not_told_twice(made: Verdicts, sent: list[MonitorEvent], tmp_path: Path) -> None:
    made.snapshot, made.settled = Snapshot(), True
    found = finding(f"{tmp_path}/etc/crontab", 2)
    made.take(AskPersistence(), Answer(records=True, autostart=[CRON], findings=[found]), fresh=True)
    assert [one.kind for one in sent] == ["found"]


def test_what_could_not_be_judged_is_told(made: Verdicts, sent: list[MonitorEvent]) -> None:
    answer = Answer(
        unlooked=[Unwalked(b"web/x", "failed", "Input/output error"), Unwalked(b"web/y", "skipped", "rule")]
    )
    made.take(FILES, answer, fresh=True)
    assert [one.kind for one in sent] == ["unjudged"]
    assert "Input/output error" in sent[0].story
    assert len(made.troubles) == 1


def test_a_second_writer_is_held_while_the_alert_waits(made: Verdicts, sent: list[MonitorEvent]) -> None:
    writers = [ProcessId(10, 1), ProcessId(11, 1)]
    held: list[ProcessId | None] = []

    class Holding:
        def contain(self, _: Finding, writer: ProcessId | None) -> Contained:
            held.append(writer)
            return Contained("hold", "it is frozen")

    made.settled = True
    made.container = Holding()  # type: ignore[assignment]
    for writer in writers:
        made.find_writer = lambda _, who=writer: who  # type: ignore[misc]
        made.take(FILES, Answer(findings=[finding()]), fresh=True)
    assert held == writers
    assert [one.kind for one in sent] == ["found", "contained"]


def test_a_service_that_starts_again_is_no_news(made: Verdicts, sent: list[MonitorEvent]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        made.look_for_listeners()
    made.take(AskPersistence(), Answer(records=True), fresh=False)
    made.look_for_listeners()
    with socket.create_server(("127.0.0.1", port)):
        made.look_for_listeners()
        made.take(AskPersistence(), Answer(records=True), fresh=False)
    assert not [one for one in sent if f":{port}" in one.story]


def test_another_program_on_a_known_port_is_told(made: Verdicts, sent: list[MonitorEvent], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        made.look_for_listeners()
    made.take(AskPersistence(), Answer(records=True), fresh=False)
    made.look_for_listeners()
    copied = copy_program(tmp_path / "odd", "listener", os.path.realpath(sys.executable))
    with running(copied, "-S", "-c", LISTEN, str(port), env={"PYTHONHOME": sys.base_prefix}):
        wait_until(lambda: any(one.port == port for one in list_listeners()))
        made.look_for_listeners()
    told = [one.story for one in sent if one.kind == "new-listener" and f":{port}" in one.story]
    assert len(told) == 1
    assert "another program" in told[0]


def test_a_new_listener_is_told(made: Verdicts, sent: list[MonitorEvent]) -> None:
    made.look_for_listeners()
    made.take(AskPersistence(), Answer(records=True), fresh=False)
    with socket.create_server(("127.0.0.1", 0)) as server:
        made.look_for_listeners()
        port = server.getsockname()[1]
    assert any(one.kind == "new-listener" and f"127.0.0.1:{port}" in one.story for one in sent)


def process(pid: int, start: int = 1, confidence: Confidence = "likely") -> Finding:
    subject = Subject(kind="process", pid=pid, start=start, key="inert")
    return replace(finding(), id=f"{pid} {start}", layer="processes", confidence=confidence, subject=subject)


def test_a_process_is_told_once_also_where_it_starts_others(made: Verdicts, sent: list[MonitorEvent]) -> None:
    made.take(AskProcesses(), Answer(findings=[process(10)]), fresh=False)
    for child in (11, 12, 13):  # who started it is looked at with it
        made.take(AskProcesses([child]), Answer(findings=[process(10)]), fresh=True)
    made.settle()
    made.take(AskProcesses([14]), Answer(findings=[process(10), process(14)]), fresh=True)
    made.take(AskProcesses([14]), Answer(findings=[process(14)]), fresh=True)  # looked at once more
    made.take(AskProcesses(), Answer(findings=[process(10), process(14)]), fresh=False)
    assert [(one.kind, one.finding.subject.pid) for one in sent if one.finding] == [
        ("there-at-start", 10),
        ("found", 14),
    ]


def test_a_process_that_began_since_was_not_there_at_the_start(made: Verdicts, sent: list[MonitorEvent]) -> None:
    since = 1 << 50
    made.take(AskProcesses(), Answer(findings=[process(10, since)]), fresh=False)
    made.take(AskProcesses([10]), Answer(findings=[process(10, since)]), fresh=True)
    made.take(AskProcesses([11]), Answer(findings=[process(11)]), fresh=True)  # now it is another program
    assert [one.kind for one in sent] == ["found", "found"]


def test_a_process_that_is_surer_at_the_second_look_is_told_and_held(made: Verdicts, sent: list[MonitorEvent]) -> None:
    held: list[str] = []

    class Holding:
        def contain(self, found: Finding, _: ProcessId | None) -> Contained:
            held.append(found.confidence)
            return Contained("", "it could not be frozen")

    made.container = Holding()  # type: ignore[assignment]
    made.settle()
    looks: tuple[Confidence, ...] = ("suspicious", "likely", "likely")
    for confidence in looks:
        made.take(AskProcesses([10]), Answer(findings=[process(10, confidence=confidence)]), fresh=True)
    assert held == ["likely", "likely"]
    assert [one.kind for one in sent] == ["found", "found", "not-contained"]


def test_suspicions_of_the_start_are_one_line(made: Verdicts, sent: list[MonitorEvent]) -> None:
    many = [process(pid, confidence="suspicious") for pid in range(10, 39)]
    made.take(AskProcesses(), Answer(findings=many), fresh=False)
    made.settle()
    made.take(AskProcesses([99]), Answer(findings=[*many, process(99, confidence="suspicious")]), fresh=True)
    assert [(one.kind, one.count) for one in sent] == [("there-at-start", 29), ("found", 1)]


def test_of_the_network_only_a_confirmed_process_is_held(made: Verdicts, sent: list[MonitorEvent]) -> None:
    held: list[str] = []

    class Holding:
        def contain(self, found: Finding, _: ProcessId | None) -> Contained:
            held.append(found.confidence)
            return Contained("hold", "it is frozen")

    made.container = Holding()  # type: ignore[assignment]
    process = Subject(kind="process", pid=12, start=345, key="inert")
    likely = replace(finding(), id="n", layer="network", subject=process)
    made.tell([likely, replace(likely, confidence="confirmed", subject=Subject(kind="address", address="192.0.2.9"))])
    assert held == []
    made.tell([replace(likely, id="m"), replace(likely, id="m", confidence="confirmed")])  # surer than a moment ago
    assert held == ["confirmed"]
    assert [one.kind for one in sent] == ["found", "found", "found", "found", "contained"]
