from pathlib import Path

from codered.model.finding import Confidence, Evidence, Finding, Subject
from codered.model.paths import FilePath
from codered.model.persistence import Autostart
from codered.scan.windows_leads import MOST, find_files, find_leads
from codered.targets import open_target
from tests.fixtures.windows_roots import write

RUN = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run"


def make_finding(subject: Subject, data: bytes = b"", confidence: Confidence = "likely") -> Finding:
    return Finding(
        id="x", pack="x", indicator="x", layer="settings", subject=subject, confidence=confidence, severity="high",
        because="x", evidence=(Evidence(what="x", data=data),) if data else (),
    )  # fmt: skip


def test_a_run_value_leads_to_its_file(tmp_path: Path) -> None:
    worm = write(tmp_path, "Windows/Temp/Worm.exe", b"x")
    other = write(tmp_path, "x y/b.dll", b"x")
    write(tmp_path, "inetpub/x.txt", b"x")
    target = open_target(str(tmp_path))
    value = Subject(kind="setting", path="/hive", registry=RUN, value="x", key=f"{RUN}:x")
    as_text = '"c:\\windows\\TEMP\\worm.exe" /start,C:\\x y\\b.dll C:\\gone.exe ..\\a.exe'
    leads = [bytes(worm), bytes(other)]
    for data in (as_text.encode(), as_text.encode("utf-16-le")):
        assert find_leads([make_finding(value, data)], target) == leads
        assert find_leads([make_finding(value, data, "suspicious")], target) == []


def test_findings_about_files_and_what_entries_run(tmp_path: Path) -> None:
    worm = write(tmp_path, "inetpub/scripts/root.exe", b"x")
    target = open_target(str(tmp_path))
    file = Subject(kind="autostart", path=str(worm), shown="C:\\inetpub\\scripts\\root.exe", key="startup_folder")
    assert find_leads([make_finding(file)], target) == [bytes(worm)]
    line = Subject(kind="setting", path="/etc/x", line=3)
    assert find_leads([make_finding(line)], target) == []
    value = Subject(kind="autostart", path="/hive", registry=RUN, value="x", key="run_key")
    runs = ("C:\\inetpub\\scripts\\root.exe", "root.exe")
    entry = Autostart(kind="run_key", path=FilePath("/hive"), registry=RUN, value="x", runs=runs)
    other = Autostart(kind="run_key", path=FilePath("/hive"), registry=RUN, value="y", runs=("C:\\inetpub",))
    assert find_leads([make_finding(value)], target, [entry, other]) == [bytes(worm)]


def test_there_is_an_end_to_them(tmp_path: Path) -> None:
    write(tmp_path, "inetpub/a.exe", b"x")
    for number in range(MOST + 5):
        write(tmp_path, f"inetpub/{number}.exe", b"x")
    names = [f"C:\\inetpub\\{number}.exe" for number in range(MOST + 5)]
    assert len(find_files([*names, *names], open_target(str(tmp_path)))) == MOST
