from pathlib import Path

import msgspec
import pytest

from codered.model.report import Report
from codered.packs.loading import find_packs_folder
from codered.scan import seen_files
from tests.fixtures.saying import Say
from tests.fixtures.volumes import SHOWN

PACKS = len(list(find_packs_folder().glob("*/pack.yaml")))


def test_it_prints_the_report_and_answers_with_what_it_found(say: Say, volume: Path, tmp_path: Path) -> None:
    answer = say("scan", "--root", volume)
    assert (answer.code, answer.err) == (1, "")
    assert answer.out.startswith("INFECTED")
    (tmp_path / "clean").mkdir()
    (tmp_path / "clean/x").write_text("x")
    answer = say("scan", tmp_path / "clean")
    assert answer.code == 0
    assert answer.out.startswith(f"CLEAN: nothing found in 1 file with {PACKS} packs.")


def test_json_files_packs_jobs_and_own_networks(say: Say, volume: Path, tmp_path: Path) -> None:
    saved = tmp_path / "r.json"
    answer = say("scan", "--root", volume, "--json", "--packs", "codered2", "--jobs", "1", "--internal", "10.0.0.0/8",
                 "-o", saved, "-o", tmp_path / "r.html")  # fmt: skip
    report = msgspec.json.decode(answer.out, type=Report)
    assert (answer.code, [pack.name for pack in report.packs]) == (1, ["codered2"])
    assert {found.subject.shown for found in report.findings} == set(SHOWN)
    assert msgspec.json.decode(saved.read_bytes(), type=Report) == report
    assert (tmp_path / "r.html").read_text().startswith("<!DOCTYPE html>")
    assert report.command[0] == "scan"


def test_wrong_use_is_told_before_anything_is_scanned(say: Say, volume: Path, tmp_path: Path) -> None:
    for words in (["-o", tmp_path / "none/r.json"], ["--internal", "x"], ["--jobs", "0"], ["--packs", "no"], [volume]):
        answer = say("scan", "--root", volume, *words)
        assert (answer.code, answer.out) == (2, ""), words


def test_what_did_not_change_is_counted_and_no_cache_reads_it(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen_files, "distrust_open", lambda descriptor: "")
    monkeypatch.setattr("codered.scan.worker.SETTLING", -60_000_000_000)
    (tmp_path / "clean").mkdir()
    (tmp_path / "clean/x").write_text("x")
    assert "unchanged" not in say("scan", tmp_path / "clean").out
    answer = say("scan", tmp_path / "clean")
    assert answer.out.startswith(f"CLEAN: nothing found in 1 file with {PACKS} packs.")
    assert "unchanged since they were found clean; 1 file" in answer.out
    answer = say("scan", tmp_path / "clean", "--no-cache")
    assert "unchanged since" not in answer.out
    assert "not used (--no-cache): everything was looked at" in answer.out
