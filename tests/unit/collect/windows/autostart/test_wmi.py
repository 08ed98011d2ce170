from pathlib import Path

import pytest

from codered.collect.registry import open_registry
from codered.collect.windows.autostart import collect_windows_autostart, wmi
from codered.collect.windows.autostart.wmi import PIECE
from tests.fixtures.windows_machines import Laid, collect, judge, lay_out

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


USUAL = b"CommandLineEventConsumer\0\0cscript KernCap.vbs\0\0BVTConsumer\0\0C:\\tools\\kernrate\0"
USUAL_BOUND = BOUND.replace(b"planted", b"BVTConsumer")


@pytest.mark.parametrize(
    "data",
    [
        USUAL_BOUND + bytes(50) + USUAL + bytes(9000) + b"a text of another object\0",
        USUAL_BOUND + b"CommandLineEventConsumer\0BVTConsumer\0cscript KernCap.vbs\0C:\\tools\\kernrate\0",
        USUAL_BOUND + bytes(PIECE - len(USUAL_BOUND) - 60) + USUAL,
    ],
)
def test_the_consumer_that_windows_brings_is_usual(tmp_path: Path, data: bytes) -> None:
    (entry,) = (one for one in collect(tmp_path, Laid(files={PLACE: data})) if one.kind == "wmi")
    assert (entry.entry, entry.command) == ("BVTConsumer", "cscript KernCap.vbs")
    assert "win-default" in entry.facts


@pytest.mark.parametrize(
    "evil",
    [
        USUAL.replace(b"cscript KernCap.vbs", b"cmd.exe /c echo INERT"),
        USUAL.replace(b"cscript KernCap.vbs", b"cmd.exe /c echo INERT " + b"x" * 30_000),
        USUAL.replace(b"\0\0C:\\tools\\kernrate", b"\0\0C:\\inert.exe"),
        USUAL.replace(b"\0\0BVT", b"\0\0C:\\inert.exe\0\0BVT"),
        USUAL.replace(b"KernCap", b"kerncap2"),
    ],
)
def test_its_name_alone_is_not(tmp_path: Path, evil: bytes) -> None:
    data = USUAL_BOUND + bytes(50) + USUAL + bytes(100) + evil + bytes(100)
    entries = [one for one in collect(tmp_path, Laid(files={PLACE: data})) if one.kind == "wmi"]
    assert ["win-default" in one.facts for one in entries] == [True, False]
    (tmp_path / "b").mkdir()
    assert set(judge(tmp_path / "b", Laid(files={PLACE: data}))) >= {"windows-wmi-bound"}


def test_hostile_repositories_cost_one_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Marks without end and many names: every mark is read once, and what is left out is said."""
    bound = b"".join(BOUND.replace(b"planted", b"name%03d" % number) for number in range(300))
    marks = b"CommandLineEventConsumer\0" * 20_000
    same = b"".join(INSTANCE.replace(b"planted", b"name001").replace(b"INERT", b"%d" % one) for one in range(40))
    target = lay_out(tmp_path, Laid(files={PLACE: bound + marks + same}))
    read: list[int] = []

    def count(around: bytes, name: bytes) -> wmi._Instance:
        read.append(len(around))
        return original(around, name)

    original = wmi._read_instance
    monkeypatch.setattr(wmi, "_read_instance", count)
    seen = collect_windows_autostart(target, open_registry(target))
    assert len(read) == 16
    assert sum(read) < 2 * len(same)
    whys = " ".join(item.why for item in seen.unread)
    assert "more than 200 event consumers" in whys
    assert "more than 16 event consumers of one name" in whys
    assert len([one for one in seen.entries if one.kind == "wmi"]) == 199 + 16
