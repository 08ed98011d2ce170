"""`codered scan --logs` on real logs, as a user reads the answer."""

import csv
import io
from pathlib import Path

import msgspec
import pytest

from codered.model.report import Report
from tests.fixtures.command import Desk

LOGS = Path(__file__).resolve().parents[1] / "fixtures" / "logs"
REAL = LOGS / "iis5-codered1-2001-07.log"  # IIS 5, 19-20 July 2001
OTHERS = sorted(set(LOGS.glob("*.log")) - {REAL})


@pytest.fixture
def report(desk: Desk) -> Report:
    return desk.scan("--logs", REAL, code=1)


def test_the_log_of_july_2001_as_text(desk: Desk, report: Report) -> None:
    (title,) = [pack.title for pack in report.packs if pack.name == "codered"]
    answer = desk.run("scan", "--logs", REAL)
    assert (answer.code, answer.err) == (1, "")
    head = " ".join(answer.out.split("\n\n")[0].split())
    assert head == (
        f"ATTACKED: 24 requests of {title} from 24 addresses; "
        "nothing here says that this server is infected, and logs can't prove that it is not."
    )
    assert "Attackers: 24 addresses" in answer.out
    meanings = " ".join(answer.out.split())
    assert f"404 × 23, {title}: this server had no .ida mapping" in meanings
    assert f"200 × 1, {title}: IIS has the .ida mapping and answered normally" in meanings
    assert "50 lines" in answer.out
    assert all(len(line) <= 100 for line in answer.out.splitlines())


def test_the_log_of_july_2001_as_json(report: Report) -> None:
    assert report.verdict == "attacked"
    assert report.logs
    assert (report.logs.lines, report.logs.hits, report.logs.unparsed_hits) == (50, 24, 0)
    assert {(meaning.pack, meaning.status, meaning.count) for meaning in report.logs.meanings} == {
        ("codered", "404", 23),
        ("codered", "200", 1),
    }
    assert len(report.logs.attackers) == len(report.findings) == 24
    assert {found.layer for found in report.findings} == {"logs"}
    assert {found.pack for found in report.findings} == {"codered"}
    assert not any(attacker.internal for attacker in report.logs.attackers)
    assert not report.rebuild
    assert not report.gaps()


def test_the_log_of_july_2001_as_tables_and_page(desk: Desk, report: Report) -> None:
    names = ("r.csv", "r.attackers.csv", "r.html")
    words = [word for name in names for word in ("-o", name)]
    assert desk.run("scan", "--logs", REAL, *words).code == 1
    findings, attackers, page = ((desk.folder / name).read_text(encoding="utf-8-sig") for name in names)
    assert len(list(csv.DictReader(io.StringIO(findings)))) == 24
    rows = list(csv.DictReader(io.StringIO(attackers)))
    assert report.logs
    assert {attacker.address for attacker in report.logs.attackers} == {
        value for row in rows for value in row.values() if value and value.count(".") == 3
    }
    assert "ATTACKED" in page
    assert "137.250.36.15" in page
    assert "<svg" in page  # the curve of requests per hour
    assert "<script" not in page


@pytest.mark.parametrize("path", OTHERS, ids=[path.name for path in OTHERS])
def test_other_real_logs_are_read_whole_and_give_nothing(desk: Desk, path: Path) -> None:
    report = desk.scan("--logs", path, code=0)
    assert report.verdict == "clean"
    assert report.logs
    lines = path.read_bytes().split(b"\n")
    assert report.logs.lines == len(lines) - (lines[-1] == b"")
    assert not report.findings


def test_all_of_them_in_one_folder_and_found_among_files(desk: Desk) -> None:
    report = desk.scan("--logs", LOGS, code=1)
    assert report.logs
    assert report.logs.hits == 24
    assert not report.gaps()
    assert [look.examples for look in report.looks if look.state == "skipped"] == [(f"{LOGS}/README.md",)]
    found = desk.scan(LOGS, code=1)
    assert found.logs
    assert (found.logs.lines, found.logs.hits, found.verdict) == (report.logs.lines, 24, "attacked")
    assert not found.gaps()


def test_own_networks_make_an_attacker_a_suspect(desk: Desk) -> None:
    answer = desk.run("scan", "--logs", REAL, "--internal", "137.250.0.0/16", "--json")
    report = msgspec.json.decode(answer.out, type=Report)
    assert report.logs
    assert [attacker.address for attacker in report.logs.attackers if attacker.internal] == ["137.250.36.15"]
    assert report.verdict == "suspicious"
    text = desk.run("scan", "--logs", REAL, "--internal", "137.250.0.0/16").out
    assert "137.250.36.15" in text.split("\n\n", maxsplit=1)[0]
