"""The registry of whole systems."""

import shutil
from pathlib import Path

import msgspec
import pytest

from codered.collect.registry import open_registry
from codered.model.errors import WrongUse
from codered.model.registry import Registry
from codered.model.target import Target
from codered.targets.offline_root import OfflineRoot
from tests.fixtures.hive_files import read_real
from tests.fixtures.windows_roots import VROOTS, infect_codered2, lay_out_server2019, lay_out_windows2000


def test_traces_of_code_red_ii_in_every_control_set(tmp_path: Path) -> None:
    traces = infect_codered2(lay_out_windows2000(tmp_path / "r"))
    registry: Registry = open_registry(OfflineRoot(str(tmp_path / "r")))
    keys = registry.expand(f"HKLM\\SYSTEM\\CurrentControlSet\\{VROOTS}")
    found = [f"{key}:{value.name}" for key in keys for value in registry.values(key) if value.text().endswith("217")]
    assert sorted(found) == sorted(trace for trace in traces if trace.startswith("HKLM\\SYSTEM"))
    disabled = registry.value("HKLM\\Software\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon", "sfcdisable")
    assert disabled is not None
    assert disabled.number() == 0xFFFFFF9D
    assert list(registry.unread()) == []


def test_real_hive_and_a_user_s(tmp_path: Path) -> None:
    lay_out_server2019(tmp_path)
    (tmp_path / "Windows/System32/config/system").write_bytes(read_real("SYSTEM-win7"))
    registry = open_registry(OfflineRoot(str(tmp_path)))
    services = "HKLM\\SYSTEM\\CurrentControlSet\\Services"
    assert len(registry.subkeys(services)) == 467
    image = registry.value(f"{services}\\Dhcp", "ImagePath")
    assert image is not None
    assert "svchost.exe" in image.text().lower()
    (run,) = registry.expand("HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run")[1:]
    assert run.startswith("HKU\\S-1-5-21-1-2-3-500\\")
    assert [value.name for value in registry.values(run)] == ["OneDrive"]


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    lay_out_windows2000(tmp_path / "C")
    shutil.copytree(tmp_path / "C/WINNT", tmp_path / "D/WINNT")
    (tmp_path / "C/WINNT/system32/config/SAM").unlink()
    registry = open_registry(OfflineRoot(str(tmp_path)))
    unread = dict(registry.unread())
    assert set(unread) == {"HKLM\\SAM", "D:\\winnt\\system32\\config"}
    assert "another Windows" in unread["D:\\winnt\\system32\\config"]
    empty = tmp_path / "empty"
    empty.mkdir()
    nothing = open_registry(OfflineRoot(str(empty)))
    assert nothing.hives == ()
    assert "no hives were found" in dict(nothing.unread())["registry"]


def test_other_systems_and_twins_on_the_same_volume_are_said(tmp_path: Path) -> None:
    lay_out_windows2000(tmp_path)
    shutil.copytree(tmp_path / "WINNT", tmp_path / "W2K3")
    shutil.copytree(tmp_path / "WINNT", tmp_path / "winnt")
    unread = dict(open_registry(OfflineRoot(str(tmp_path))).unread())
    others = [name for name in unread if "another Windows" in unread[name]]
    assert [name.lower() for name in others] == ["c:\\w2k3\\system32\\config"]
    assert "without C:\\winnt" in unread[others[0]]
    assert sum("several files" in why for why in unread.values()) == 5


def test_the_running_registry_is_on_windows_only(tmp_path: Path) -> None:
    class Live(OfflineRoot):
        pass

    target: Target = Live(str(tmp_path))
    target._info = msgspec.structs.replace(target.info, kind="live_windows")  # type: ignore[attr-defined]
    with pytest.raises(WrongUse, match="on Windows only"):
        open_registry(target)
