from pathlib import Path

from tests.fixtures.windows_machines import Laid, collect, judge

PLACE = "Windows/System32/wbem/Repository/OBJECTS.DATA"
BOUND = b'\0\0CommandLineEventConsumer.Name="planted"\0\0__EventFilter.Name="f"\0'
INSTANCE = b"CommandLineEventConsumer\0\0cmd.exe /c echo INERT\0planted\0"


def test_a_bound_consumer_is_told_by_its_strings(tmp_path: Path) -> None:
    data = bytes(5 << 20) + BOUND + bytes(5000) + INSTANCE + bytes(100)
    (entry,) = (one for one in collect(tmp_path, Laid(files={PLACE: data})) if one.kind == "wmi")
    assert (entry.entry, entry.command) == ("planted", "cmd.exe /c echo INERT")
    assert "win-by-strings" in entry.facts
    (tmp_path / "b").mkdir()
    finding = judge(tmp_path / "b", Laid(files={PLACE: data}))["windows-wmi-bound"]
    assert finding.confidence == "suspicious"
    assert finding.remedy == ""


def test_definitions_without_a_binding_are_none(tmp_path: Path) -> None:
    data = b"CommandLineEventConsumer\0ActiveScriptEventConsumer\0" * 50 + b'NTEventLogEventConsumer.Name="SCM"\0'
    assert judge(tmp_path, Laid(files={PLACE: data})) == {}
