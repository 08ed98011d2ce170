import os
from pathlib import Path

import pytest

from codered.detect import log_sights
from codered.model.report import LogSummary
from codered.scan import log_gathering
from codered.scan.log_gathering import LogGathering
from codered.scan.log_reading import LogReader
from codered.scan.looks import LookBook
from codered.scan.tasks import WHOLE_FILE, Done, LogSeen, LogTask
from tests.fixtures.changing import FolderTarget
from tests.fixtures.log_rules import PACKS, make_rules

RULES = make_rules(*PACKS)


def line(address: str, day: int, attack: bool = True) -> bytes:
    query = "default.ida?" + "N" * 224 if attack else "index.htm"
    return f'{address} - - [{day:02}/Jul/2001:15:38:38 +0000] "GET /{query} HTTP/1.0" 404 209\n'.encode()


class Queue:
    """Stands in for the pool: keeps the tasks."""

    def __init__(self) -> None:
        self.tasks: list[LogTask] = []

    def add_log(self, rel: bytes, start: int, end: int, file: tuple[int, int]) -> int:
        self.tasks.append(LogTask(len(self.tasks) + 10, rel, start, end, *file))
        return self.tasks[-1].number


class Desk:
    """A folder of logs, read without processes."""

    def __init__(self, folder: Path) -> None:
        self.target = FolderTarget(folder)
        self.folder = os.fsencode(folder)
        self.book = LookBook(self.target)
        self.gathering = LogGathering(self.target, self.book)
        self.queue = Queue()

    def add(self, name: bytes, data: bytes, splittable: bool = True) -> None:
        with open(os.path.join(self.folder, name), "wb") as file:
            file.write(data)
        self.gathering.schedule(self.queue, LogSeen(name, len(data), splittable))  # type: ignore[arg-type]

    def read(self, *, backwards: bool = False) -> int:
        reader = LogReader(self.target, RULES)
        tasks = reversed(self.queue.tasks) if backwards else self.queue.tasks
        return sum(self.gathering.take(reader.read(task)) for task in tasks)

    def summary(self) -> LogSummary:
        found, _ = self.gathering.summarise(PACKS, ())
        assert found
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_no_logs_is_no_summary(desk: Desk) -> None:
    assert desk.gathering.summarise(PACKS, ()) == (None, ())
    assert desk.book.looks() == ()


def test_a_small_log_is_one_task_and_known_by_it(desk: Desk) -> None:
    desk.add(b"a.log", line("192.0.2.1", 19))
    (task,) = desk.queue.tasks
    assert (task.rel, task.start, task.end) == (b"a.log", 0, WHOLE_FILE)
    assert desk.gathering.owns(task.number)
    assert not desk.gathering.owns(task.number + 1)
    assert desk.read() == len(line("192.0.2.1", 19))
    assert (desk.summary().lines, desk.summary().hits) == (1, 1)


@pytest.mark.parametrize("backwards", [False, True])
def test_a_large_log_is_read_in_ranges_and_put_together(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, backwards: bool
) -> None:
    monkeypatch.setattr(log_gathering, "RANGE", 2 << 20)
    data = b"".join(line(f"192.0.2.{n % 250}", 19, attack=n % 100 == 0) for n in range(60_000)) + line(
        "198.51.100.9", 20
    )
    desk.add(b"a.log", data)
    assert len(desk.queue.tasks) > 2
    assert desk.read(backwards=backwards) == len(data)
    summary, findings = desk.gathering.summarise(PACKS, ())
    assert summary
    assert (summary.lines, summary.hits) == (60_001, 601)
    (last,) = [found for found in findings if found.subject.address == "198.51.100.9"]
    assert [item.line for item in last.evidence if item.line] == [60_001]  # counted over all ranges before it


def test_a_packed_log_is_never_split(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_gathering, "RANGE", 10)
    desk.add(b"a.log", line("192.0.2.1", 19) * 5, splittable=False)
    assert [(task.start, task.end) for task in desk.queue.tasks] == [(0, WHOLE_FILE)]


def test_a_log_seen_twice_counts_once(desk: Desk) -> None:
    desk.add(b"a.log", line("192.0.2.1", 19))
    desk.add(b"a.log", line("192.0.2.1", 19))
    desk.read()
    assert desk.summary().hits == 1


def test_rotated_logs_stand_in_their_true_order(desk: Desk, tmp_path: Path) -> None:
    for name, day in (("access.log", 21), ("access.log.1", 20), ("access.log.10", 18), ("access.log.2", 19)):
        desk.add(name.encode(), line("192.0.2.1", day))
    desk.read()
    assert desk.summary().lines == 4
    assert [Path(look.where).name for look in desk.book.looks()] == [
        "access.log.10",
        "access.log.2",
        "access.log.1",
        "access.log",
    ]


def test_only_the_first_logs_are_named_and_all_are_counted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_gathering, "MOST_NAMED", 3)
    for number in range(8):
        desk.add(b"l%d" % number, line("192.0.2.1", number + 1))
    desk.read()
    assert desk.summary().lines == 8
    looks = desk.book.looks()
    assert [(look.where[-2:], look.count, look.lines) for look in looks[:3]] == [(f"l{n}", 1, 1) for n in range(3)]
    assert [(look.where, look.count, look.lines) for look in looks[3:]] == [("5 more logs", 5, 5)]


def test_a_log_that_could_not_be_read_was_not_looked_at(desk: Desk) -> None:
    desk.add(b"a.log", line("192.0.2.1", 19))
    desk.add(b"b.log", line("192.0.2.1", 19))
    done = LogReader(desk.target, RULES).read(desk.queue.tasks[0])
    desk.gathering.take(done)
    assert desk.gathering.take(Done(desk.queue.tasks[1].number)) == 0
    assert desk.summary().lines == 1
    assert [Path(look.where).name for look in desk.book.looks()] == ["a.log"]


def test_names_that_only_look_the_same_are_two_logs(desk: Desk) -> None:
    desk.add(b"a\xff.log", line("192.0.2.1", 19))
    desk.add(rb"a\xff.log", line("192.0.2.2", 19) * 2)
    desk.read()
    assert (desk.summary().lines, len(desk.summary().attackers)) == (3, 2)


def test_lines_with_a_sign_that_could_not_be_parsed_are_a_gap(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_gathering, "RANGE", 2 << 20)
    plain = line("192.0.2.1", 19, attack=False)
    data = plain * 40_000 + b"default.ida?NNN\n" + plain + b"GET /default.ida\n"
    desk.add(b"a.log", data)
    assert len(desk.queue.tasks) > 1
    desk.read()
    assert desk.summary().unparsed_hits == 2
    assert gaps(desk) == ["2 lines hold a sign and could not be parsed: line 40001, line 40003"]


def test_attacks_beyond_the_table_are_a_gap(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_sights, "MOST_SIGHTS", 2)
    desk.add(b"a.log", b"".join(line(f"192.0.2.{number}", 19) for number in range(5)))
    desk.read()
    assert desk.summary().left_out == 3
    assert gaps(desk) == ["3 attacks came from more addresses than are kept"]


def gaps(desk: Desk) -> list[str]:
    return [look.why for look in desk.book.looks() if look.is_gap()]


def test_every_range_is_of_the_file_that_was_recognised(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_gathering, "RANGE", 2 << 20)
    desk.gathering.schedule(desk.queue, LogSeen(b"a.log", 5 << 20, True, device=3, inode=9))  # type: ignore[arg-type]
    assert len(desk.queue.tasks) == 3
    assert {(task.device, task.inode) for task in desk.queue.tasks} == {(3, 9)}
