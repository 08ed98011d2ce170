import os
import stat
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.cli import output
from codered.model.errors import WrongUse
from codered.model.report import Look, Report
from tests.fixtures.changing import FolderTarget
from tests.fixtures.packs_for_plans import make_finding, make_report
from tests.fixtures.unprivileged import run_as_nobody

GAP = Look(layer="files", where="x", state="failed", why="why", count=1)


@pytest.fixture
def report(tmp_path: Path) -> Report:
    (tmp_path / "root").mkdir()
    (tmp_path / "root/x").touch()
    target = FolderTarget(tmp_path / "root")
    return make_report(target, make_finding(target, b"x"))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.json", "json"),
        ("a.html", "html"),
        ("a.csv", "csv"),
        ("a.attackers.csv", "attackers-csv"),
        ("a.b/a.txt", "text"),
    ],
)
def test_the_ending_says_which_format(name: str, kind: str) -> None:
    assert output.format_of(name) == kind


@pytest.mark.parametrize("name", ["a", "a.xml", "json", "a.json.gz"])
def test_other_endings_are_refused(name: str) -> None:
    with pytest.raises(WrongUse, match="no report format has this ending"):
        output.format_of(name)


def test_a_report_goes_to_stdout_and_to_every_file(
    report: Report, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = tuple(str(tmp_path / name) for name in ("r.json", "r.html", "r.csv", "r.attackers.csv", "r.txt"))
    output.write_report(report, as_json=False, outputs=names)
    shown = capsys.readouterr().out
    assert (tmp_path / "r.txt").read_text() == shown
    output.write_report(report, as_json=True)
    assert (tmp_path / "r.json").read_text() == capsys.readouterr().out
    assert len({Path(name).read_text() for name in names}) == 5
    assert sorted(os.listdir(tmp_path)) == ["r.attackers.csv", "r.csv", "r.html", "r.json", "r.txt", "root"]


def test_only_the_owner_reads_a_report_that_was_written(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text("old")
    output.write_whole(str(path), "new\r\nline\n")
    assert path.read_bytes() == b"new\r\nline\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_report_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "r.json"
    path.write_text("old")

    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(WrongUse, match="No space left on device") as caught:
        output.write_whole(str(path), "new")
    assert caught.value.where == str(path)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["r.json"]


def test_a_place_that_can_not_be_written_is_told_beforehand(tmp_path: Path) -> None:
    output.check_outputs((str(tmp_path / "r.json"),))
    (tmp_path / "folder.json").mkdir()
    for name, story in (("none/r.json", "no such folder"), ("folder.json", "is a folder"), ("r.doc", "ending")):
        with pytest.raises(WrongUse, match=story):
            output.check_outputs((str(tmp_path / name),))
    assert sorted(os.listdir(tmp_path)) == ["folder.json"]


def test_a_closed_folder_is_told_beforehand() -> None:
    def check() -> str:
        with pytest.raises(WrongUse) as caught:
            output.check_outputs(("/proc/r.json",))
        return str(caught.value)

    assert run_as_nobody(check) == "/proc: can't be written to — choose a folder that you can write to"


def test_the_exit_code_says_the_gravest(report: Report) -> None:
    clean = replace(report, findings=(), verdict="clean")
    assert output.exit_code_of(clean) == 0
    assert output.exit_code_of(replace(clean, looks=(GAP,))) == 3
    assert output.exit_code_of(replace(clean, verdict="incomplete")) == 3
    assert output.exit_code_of(report) == 1
    assert output.exit_code_of(replace(report, looks=(GAP,))) == 1
    assert output.exit_code_of(replace(report, interrupted=True)) == 130


def test_talk_is_one_harmless_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    output.say("a\nb\x1b[2J")
    assert capsys.readouterr() == ("", "a\\x0ab\\x1b[2J\n")


class Broken:
    """A stream whose other end is gone, or full."""

    def __init__(self, error: OSError) -> None:
        self._error = error

    def write(self, _text: str) -> int:
        raise self._error

    def flush(self) -> None:
        raise self._error


def test_talk_that_nobody_hears_does_not_end_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", Broken(BrokenPipeError(32, "Broken pipe")))
    output.say("done")


def test_a_full_disk_under_stdout_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", Broken(OSError(28, "No space left on device")))
    with pytest.raises(WrongUse, match="can't be written: No space left on device"):
        output.show("text")
    monkeypatch.setattr("sys.stdout", Broken(BrokenPipeError(32, "Broken pipe")))
    output.show("text")


def test_what_is_no_plain_file_is_never_replaced(tmp_path: Path) -> None:
    os.mknod(tmp_path / "full", 0o600 | stat.S_IFCHR, os.makedev(1, 7))
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link.json").symlink_to(tmp_path / "elsewhere")
    for name in ("full", "pipe", "link.json"):
        before = os.lstat(tmp_path / name)
        for refuse in (output.check_place, lambda path: output.write_whole(path, "x")):
            with pytest.raises(WrongUse, match="is no plain file"):
                refuse(str(tmp_path / name))
        after = os.lstat(tmp_path / name)
        assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)
    with pytest.raises(WrongUse, match="is no plain file"):
        output.check_outputs((str(tmp_path / "link.json"),))
