"""Headquarters opens on first use, once for several first words, and waits for a database that is away."""

import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from django.db import OperationalError

from codered.model.errors import WrongUse
from codered_hq import opening
from codered_hq.opening import be_patient, tell_waits
from tests.fixtures.command import Desk

OPEN = "from codered_hq.opening import open_headquarters; print(open_headquarters().folder)"


def start(desk: Desk, hq: Path, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", OPEN], env=desk.environment | {"CODERED_HQ": str(hq)} | more, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_first_words_at_once_make_one_headquarters(tmp_path: Path) -> None:
    desk, hq = Desk(tmp_path, tmp_path / "cache"), tmp_path / "hq-memory"  # a name that says nothing of where it is
    started = [start(desk, hq) for _ in range(3)]
    assert [(each.communicate(timeout=60), each.returncode)[1] for each in started] == [0, 0, 0]
    assert (hq.stat().st_mode & 0o777, (hq / "headquarters.sqlite3").stat().st_mode & 0o077) == (0o700, 0)
    with sqlite3.connect(hq / "headquarters.sqlite3") as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert database.execute("SELECT count(*) FROM hosts_host").fetchone() == (0,)
    keys = sorted(each.name for each in (hq / "keys").iterdir())
    assert keys == ["console.secret", "headquarters.key", "headquarters.key.pub"]


def test_a_database_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    desk, hq = Desk(tmp_path, tmp_path / "cache"), tmp_path / "hq"
    (tmp_path / "broken").write_bytes(b"this is no database" * 100)
    for url in (f"sqlite:///{tmp_path}/broken", "postgresql://nobody@127.0.0.1:1/none"):
        answer = desk.run("hosts", "show", CODERED_HQ=str(hq), CODERED_HQ_DATABASE=url)
        assert answer.code == 2
        assert "the database can't be used" in answer.err
        assert answer.err.count("\n") == 1


def test_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codered_hq.opening.connections", {"default": _Connection()})
    tries: list[int] = []

    def work() -> str:
        tries.append(1)
        if len(tries) < 4:
            raise OperationalError("database is locked\nmore")
        return "done"

    assert (be_patient(work), len(tries)) == ("done", 4)

    def never() -> None:
        raise OperationalError("gone")

    with pytest.raises(WrongUse, match="can't be used: gone"):
        be_patient(never, seconds=0.2)


@pytest.mark.parametrize("why", ["database or disk is full", "could not extend file: No space left on device"])
def test_nobody_waits_for_a_full_disk(why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codered_hq.opening.connections", {"default": _Connection()})
    monkeypatch.setattr("codered_hq.opening.time.sleep", lambda _seconds: pytest.fail("waited"))

    def work() -> None:
        raise OperationalError(why)

    with pytest.raises(WrongUse, match="not full"):
        be_patient(work)


def test_who_waits_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, told = [100.0], list[str]()
    monkeypatch.setattr("codered_hq.opening.connections", {"default": _Connection()})
    monkeypatch.setattr("codered_hq.opening.time.monotonic", lambda: clock[0])
    monkeypatch.setattr("codered_hq.opening.time.sleep", lambda seconds: clock.append(clock.pop() + seconds))
    monkeypatch.setattr("codered_hq.opening._tellers", [])
    tell_waits(told.append)

    def work() -> None:
        raise OperationalError("gone")

    with pytest.raises(WrongUse):
        be_patient(work)
    assert 4 < len(told) < 8
    assert set(told) == {"waiting: the database does not answer (gone)"}


def test_a_writer_that_holds_the_lock_for_a_while_costs_nothing(tmp_path: Path) -> None:
    desk, hq = Desk(tmp_path, tmp_path / "cache"), tmp_path / "hq"
    assert desk.run("hosts", "show", CODERED_HQ=str(hq)).code == 0
    other = sqlite3.connect(hq / "headquarters.sqlite3", check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    source = tmp_path / "hosts.csv"
    source.write_text("name,address\nweb1,10.1.0.5\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "codered", "hosts", "import", str(source)], text=True,
        env=desk.environment | {"CODERED_HQ": str(hq)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr
    assert process.stderr.readline() == "codered: waiting: another writer holds the database\n"
    other.commit()
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, "1 host" in out) == (0, True), out
    other.close()


def test_a_database_is_copied_whatever_its_path_is_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite3.connect(tmp_path / "memory.sqlite3") as database:
        database.execute("CREATE TABLE kept (one)")
    opened = _Opened("sqlite", str(tmp_path / "memory.sqlite3"), database)
    monkeypatch.setattr("codered_hq.opening.connections", {"default": opened})
    copy = Path(opening._copy_database().partition("; as it was: ")[2])
    database.close()
    with sqlite3.connect(copy) as again:
        assert again.execute("SELECT name FROM sqlite_master").fetchall() == [("kept",)]
    again.close()
    assert (copy.parent, copy.stat().st_mode & 0o777) == (tmp_path, 0o600)


def test_a_database_on_a_server_is_not_copied_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codered_hq.opening.connections", {"default": _Opened("postgresql", "codered", None)})
    assert opening._copy_database().startswith("; it is NOT copied: ")


class _Opened(NamedTuple):
    vendor: str
    name: str
    connection: sqlite3.Connection | None

    @property
    def settings_dict(self) -> dict[str, str]:
        return {"NAME": self.name}


class _Connection:
    settings_dict = {"NAME": "test"}  # noqa: RUF012 - what Django's has
    in_atomic_block = False

    def close(self) -> None:
        pass
