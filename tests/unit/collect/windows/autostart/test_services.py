from pathlib import Path

from tests.fixtures.hive_files import Value
from tests.fixtures.windows_machines import PROGRAM, Laid, collect, judge

HOST = "%SystemRoot%\\system32\\svchost.exe -k netsvcs"


def service(image: str, start: int = 2, kind: int = 16, **more: Value) -> dict[str, Value]:
    return {"ImagePath": image, "Start": start, "Type": kind, **more}


def test_services_drivers_libraries_and_failures(tmp_path: Path) -> None:
    system: dict[str, dict[str, Value]] = {
        "Services\\plain": service("C:\\Tools\\plain.exe -k", 2),
        "Services\\driver": {"Start": 1, "Type": 1},
        "Services\\shared": service(HOST, FailureCommand="cmd /c x.cmd"),
        "Services\\shared\\Parameters": {"ServiceDll": "%SystemRoot%\\x.dll"},
        "Services\\nothing": {"Other": 1},
    }
    found = {(one.entry, one.value): one for one in collect(tmp_path, Laid(system=system)) if "001" in one.registry}
    assert found[("plain", None)].kind == "service"
    assert "win-start-auto" in found[("plain", None)].facts
    assert found[("driver", None)].kind == "driver"
    assert found[("driver", None)].runs == ("C:\\Windows\\System32\\drivers\\driver.sys",)
    assert found[("shared", "ServiceDll")].registry.endswith("\\shared\\Parameters")
    assert found[("shared", "FailureCommand")].command == "cmd /c x.cmd"
    assert not [key for key in found if key[0] == "nothing"]


def test_planted_services_are_findings_in_every_control_set(tmp_path: Path) -> None:
    system: dict[str, dict[str, Value]] = {"Services\\upd": service("C:\\inetpub\\wwwroot\\u.exe")}
    found = judge(tmp_path, Laid(system=system, files={"inetpub/wwwroot/u.exe": PROGRAM}))
    finding = found["windows-runs-from-web-root"]
    assert finding.remedy == "disable_service"
    assert finding.subject.registry == "HKLM\\SYSTEM\\ControlSet002\\Services\\upd"
    assert finding.subject.value is None


def test_usual_services_are_none(tmp_path: Path) -> None:
    system: dict[str, dict[str, Value]] = {
        "Services\\a": service('"C:\\Program Files\\Vendor X\\agent.exe" --service'),
        "Services\\b": service("C:\\Program Files\\Vendor X\\other agent.exe"),
        "Services\\c": service("cmd.exe /c start-app.cmd", 3),
        "Services\\d": service("C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18\\MsMpEng.exe"),
    }
    files = {"Program Files/Vendor X/agent.exe": PROGRAM, "Program Files/Vendor X/other agent.exe": PROGRAM}
    assert judge(tmp_path, Laid(system=system, files=files)) == {}
