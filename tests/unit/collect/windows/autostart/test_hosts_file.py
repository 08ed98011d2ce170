from pathlib import Path

from tests.fixtures.windows_machines import Laid, collect, judge
from tests.fixtures.windows_roots import Entries

HOSTS = "Windows/System32/drivers/etc/hosts"


def test_redirected_updates_are_findings(tmp_path: Path) -> None:
    text = b"127.0.0.1 localhost\r\n# comment\r\n192.0.2.7 www.windowsupdate.com # x\r\n192.0.2.9 intranet.example\r\n"
    entries = [one for one in collect(tmp_path, Laid(files={HOSTS: text})) if one.kind == "hosts"]
    assert [one.line for one in entries] == [1, 3, 4]
    (tmp_path / "b").mkdir()
    finding = judge(tmp_path / "b", Laid(files={HOSTS: text}))["windows-hosts-update"]
    assert (finding.subject.line, finding.confidence, finding.remedy) == (3, "suspicious", "remove_line")
    assert finding.evidence[0].data == b"192.0.2.7 www.windowsupdate.com # x"


def test_a_moved_hosts_file(tmp_path: Path) -> None:
    system: Entries = {"Services\\Tcpip\\Parameters": {"DataBasePath": "%SystemRoot%\\x"}}
    found = collect(tmp_path, Laid(system=system, files={"Windows/x/hosts": b"192.0.2.1 a.example\n"}))
    assert ["win-hosts-moved" in one.facts for one in found if one.kind == "hosts"] == [True]
