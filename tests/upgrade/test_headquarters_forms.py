"""What the first versions of headquarters wrote is brought up to date whole, or left as it is."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.command import Desk
from tests.fixtures.first_forms import CHECKOUT, lay_out_headquarters
from tests.fixtures.served_consoles import make_environment, run_child

SHOWN = ("/hosts/", "/findings/", "/timeline/")
PAGES = """
import re
from codered_hq.cli.entering import enter_headquarters
enter_headquarters("codered_hq.console_settings")
from django.conf import settings
from django.test import Client
from tests.fixtures.console_desk import make_person, sign_in
settings.ALLOWED_HOSTS.append("testserver")
client = sign_in(Client(), make_person("Late Comer", "analyst"))
for path in ("/hosts/", "/findings/", "/timeline/"):
    page = client.get(path, secure=True)
    print(path, page.status_code, bool(re.search(r"\\bill\\b", page.content.decode())), flush=True)
"""
KILLED = """
import os, signal
from django.db.migrations import operations
from codered_hq.cli.entering import enter_headquarters
left = [20]
for kind in (operations.CreateModel, operations.AddField):
    def forwards(self, *given, real=kind.database_forwards):
        real(self, *given)
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
    kind.database_forwards = forwards
enter_headquarters()
"""


def count_rows(database: Path) -> dict[str, int]:
    """Rows of each table of ours."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as opened:
        ours = (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB '[a-z]*_*' AND name NOT GLOB '*_*_seq'"
        )
        names = [name for (name,) in opened.execute(ours) if not name.startswith(("django_", "auth_", "sqlite_"))]
        return {name: opened.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}


def list_steps(database: Path) -> set[tuple[str, str]]:
    """The migrations of ours that were carried out there."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as opened:
        steps = set(opened.execute("SELECT app, name FROM django_migrations"))
    return {(app, name) for app, name in steps if (CHECKOUT / "src/codered_hq" / app).is_dir()}


def list_steps_of_code() -> set[tuple[str, str]]:
    """The migrations that there are."""
    found = (CHECKOUT / "src/codered_hq").glob("*/migrations/0*.py")
    return {(each.parent.parent.name, each.stem) for each in found}


def read_whole(database: Path) -> str:
    """All that stands in it, as text."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as opened:
        return "\n".join(opened.iterdump())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path, tmp_path / "cache")
    desk.environment["CODERED_HQ"] = str(tmp_path / "hq")
    return desk


@pytest.mark.parametrize("form", ["headquarters", "incident"])
def test_an_old_database_is_copied_and_brought_up_to_date_with_all_its_rows(
    form: str, desk: Desk, tmp_path: Path
) -> None:
    database = lay_out_headquarters(form, tmp_path) / "headquarters.sqlite3"
    before, rows = read_whole(database), count_rows(database)
    shown = desk.run("hosts", "show")
    assert shown.code == 0
    told = shown.err.splitlines()
    assert len(told) == 1
    assert told[0].startswith("codered: bringing the database up to date, in ")
    copy = Path(told[0].partition("as it was: ")[2])
    assert (read_whole(copy), copy.stat().st_mode & 0o777) == (before, 0o600)
    assert {"ill", "well", "web-01.example.org"} <= set(shown.out.split())
    after = count_rows(database)
    assert {name: after[name] for name in rows} == rows
    assert rows["hosts_host"] >= 14
    again = desk.run("fleet", "status")
    assert (again.code, again.err, "something found on 1" in again.out) == (0, "", True)
    assert [each.name for each in database.parent.glob("*.before-*Z")] == [copy.name]


def test_the_console_lists_what_the_old_database_holds_and_its_ledger_verifies(desk: Desk, tmp_path: Path) -> None:
    folder = lay_out_headquarters("incident", tmp_path)
    said = run_child(make_environment(tmp_path, folder), "-c", PAGES).splitlines()
    assert said == [f"{path} 200 True" for path in SHOWN]
    exported = desk.run("incident", "export", "--format", "ledger", "-o", "ledger.jsonl")
    assert exported.code == 0, exported.err
    proved = desk.run("evidence", "verify", "ledger.jsonl")
    assert (proved.code, "as it was sealed" in proved.out) == (0, True), proved


def test_a_kill_in_the_middle_is_gone_on_from(desk: Desk, tmp_path: Path) -> None:
    database = lay_out_headquarters("headquarters", tmp_path) / "headquarters.sqlite3"
    before, rows = read_whole(database), count_rows(database)
    begun = list_steps(database)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED], cwd=CHECKOUT, env=desk.environment, capture_output=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    (copy,) = database.parent.glob("*.before-*Z")
    assert read_whole(copy) == before
    assert begun < list_steps(database) < list_steps_of_code()
    gone_on = desk.run("incident", "list")
    assert (gone_on.code, "no incidents yet" in gone_on.out) == (0, True), gone_on
    assert list_steps(database) == list_steps_of_code()
    after = count_rows(database)
    assert {name: after[name] for name in rows} == rows


def test_a_database_of_a_newer_version_is_refused_and_untouched(desk: Desk, tmp_path: Path) -> None:
    database = lay_out_headquarters("incident", tmp_path) / "headquarters.sqlite3"
    with sqlite3.connect(database) as opened:
        opened.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('gate', '0099_later', '2026-11-23')")
    before = read_whole(database)
    refused = desk.run("hosts", "show")
    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert "a newer version has changed the database (gate.0099_later) — use that version" in refused.err
    assert read_whole(database) == before
    assert not list(database.parent.glob("*.before-*"))


def test_what_cannot_be_copied_is_not_changed(desk: Desk, tmp_path: Path) -> None:
    database = lay_out_headquarters("headquarters", tmp_path) / "headquarters.sqlite3"
    before = read_whole(database)
    limited = f"ulimit -f {database.stat().st_size // 2048}; trap '' XFSZ; exec \"$0\" -m codered hosts show"
    done = subprocess.run(
        ["bash", "-c", limited, sys.executable], cwd=tmp_path, env=desk.environment, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "can't be copied before it is brought up to date" in done.stderr
    assert read_whole(database) == before
    assert not [name for name in os.listdir(database.parent) if ".before-" in name]
