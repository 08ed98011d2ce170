from collections.abc import Mapping

import pytest

from codered.export.indicators.osquery_queries import query_autostart, query_file, query_process, query_setting
from codered.model.indicators import AutostartIndicator, ProcessIndicator, SettingIndicator
from tests.fixtures.small_packs import file_indicator

PLAIN: dict[str, object] = {"id": "x", "because": "y", "confidence": "likely", "severity": "high", "references": ()}


def test_a_file_is_asked_for_by_place_hash_size_and_rule() -> None:
    made = query_file(
        file_indicator(paths=("/tmp/a'b*",), sizes=(3, 4), sha256=("ab",), content=("r",), except_paths=("/tmp/a'bc",)),
        "p",
    )
    assert made.write() == (
        "SELECT f.path, f.size, f.mtime, h.sha256, y.matches FROM file f JOIN hash h ON h.path = f.path "
        "JOIN yara y ON y.path = f.path WHERE f.path LIKE '/tmp/a''b%' AND f.type = 'regular' "
        "AND NOT f.path = '/tmp/a''bc' AND f.size IN (3, 4) AND h.sha256 IN ('ab') "
        "AND y.sigfile = '/etc/osquery/codered/p.yar' AND ',' || y.matches || ',' LIKE '%,r,%';"
    )
    assert query_file(file_indicator(paths=("/a",), kind="directory", platform="unix"), "p").platform == "posix"
    with pytest.raises(ValueError, match="no place"):
        query_file(file_indicator(names=("a",)), "p")


def test_processes_settings_and_autostart() -> None:
    made = query_process(ProcessIndicator(**PLAIN, command="x y", listens=(80,)))  # type: ignore[arg-type]
    assert made.where == ["p.cmdline LIKE '%x y%'", "l.port IN (80)"]
    bad: Mapping[str, object]
    for bad in ({"objects": ("a",), "names": ("b",)}, {}):
        with pytest.raises(ValueError, match="osquery"):
            query_process(ProcessIndicator(**PLAIN, **bad))  # type: ignore[arg-type]
    key: dict[str, object] = {"store": "registry", "key": r"HKLM\A", "value": "V"}
    setting = query_setting(SettingIndicator(**PLAIN, **key, type="dword", equals=("0x10", "16")))  # type: ignore[arg-type]
    assert setting.where[0] == r"key = 'HKEY_LOCAL_MACHINE\A' COLLATE NOCASE"
    assert setting.where[2].endswith("IN ('16')")
    for bad in (key | {"pattern": "x"}, key | {"store": "file", "equals": ("x",)}):
        with pytest.raises(ValueError, match=r"pattern|store"):
            query_setting(SettingIndicator(**PLAIN, **bad))  # type: ignore[arg-type]
    assert query_autostart(AutostartIndicator(**PLAIN, kind="systemd", name="a")).platform == "linux"  # type: ignore[arg-type]
    for kind, fields in {"cron": {"name": "a"}, "preload": {"command": "a"}, "run_key": {}}.items():
        with pytest.raises(ValueError, match=r"\w"):
            query_autostart(AutostartIndicator(**PLAIN, kind=kind, **fields))  # type: ignore[arg-type]
