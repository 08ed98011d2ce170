from pathlib import Path

from tests.fixtures.windows_machines import PROGRAM, Laid, collect, judge


def test_clean_files_start_nothing_odd(tmp_path: Path) -> None:
    files = {"WINNT/win.ini": b"[fonts]\r\nrun=x\r\n[windows]\r\nload=\r\n",
             "WINNT/system.ini": b"[boot]\r\nshell=Explorer.exe\r\n"}  # fmt: skip
    entries = [one for one in collect(tmp_path, Laid(files=files), old=True) if one.kind == "ini_file"]
    assert [(one.entry, "win-default" in one.facts) for one in entries] == [("shell", True)]


def test_nimdas_line(tmp_path: Path) -> None:
    files = {"WINNT/system.ini": b"[boot]\r\nshell=Explorer.exe load.exe -dontrunold\r\n"}
    finding = next(iter(judge(tmp_path, Laid(files=files), old=True).values()))
    assert (finding.confidence, finding.subject.line, finding.remedy) == ("likely", 2, "remove_line")
    assert finding.evidence[0].source == "line"


def test_load_and_autorun(tmp_path: Path) -> None:
    files = {"WINNT/win.ini": b"[windows]\nload=C:\\x.exe\n", "x.exe": PROGRAM, "Recycler/a.exe": PROGRAM,
             "autorun.inf": b"[AutoRun]\nopen=C:\\RECYCLER\\a.exe\n"}  # fmt: skip
    found = judge(tmp_path, Laid(files=files), old=True)
    assert {one.subject.key for one in found.values()} == {"ini_file", "autorun_inf"}
