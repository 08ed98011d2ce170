from collections.abc import Mapping

import pytest
from stix2patterns.validator import run_validator  # type: ignore[import-untyped]

from codered.export.indicators.stix_patterns import (
    pattern_autostart,
    pattern_file,
    pattern_process,
    pattern_request,
    pattern_setting,
)
from codered.model.indicators import AutostartIndicator, ProcessIndicator, SettingIndicator
from tests.fixtures.exported_packs import make_log
from tests.fixtures.small_packs import file_indicator

PLAIN: dict[str, object] = {"id": "x", "because": "y", "confidence": "likely", "severity": "high", "references": ()}
SETTING: dict[str, object] = {"store": "registry", "key": r"HKLM\A\B", "value": "V"}


def test_every_kind_of_sign_gives_a_pattern_that_is_read() -> None:
    patterns = [
        pattern_file(file_indicator(paths=("/tmp/a'b", r"?:\x.exe"), except_paths=(r"C:\a\x.exe",), sizes=(3, 4))),
        pattern_file(file_indicator(names=("a*",), sha256=("ab" * 32,))),
        pattern_file(file_indicator(paths=("/dev/cuc",), kind="directory")),
        pattern_request(make_log(pattern=r"^POST /a'\\b\?c")),
        pattern_request(make_log(part="agent", pattern="x")),
        pattern_process(ProcessIndicator(**PLAIN, names=("a",), paths=("/tmp/a",), command="*x*y*")),  # type: ignore[arg-type]
        pattern_process(ProcessIndicator(**PLAIN, objects=("a",))),  # type: ignore[arg-type]
        pattern_setting(SettingIndicator(**PLAIN, **SETTING, equals=("1", "2"))),  # type: ignore[arg-type]
        pattern_autostart(AutostartIndicator(**PLAIN, kind="run_key", name="a", command=r"C:\x.exe")),  # type: ignore[arg-type]
    ]
    assert [run_validator(pattern, stix_version="2.1") for pattern in patterns] == [[]] * len(patterns)
    assert r"file:name MATCHES '(?i)^a\\x27b$'" in patterns[0]
    assert "request_method MATCHES '(?i)^POST$'" in patterns[3]


def test_what_stix_has_no_words_for_is_refused() -> None:
    with pytest.raises(ValueError, match="content decides"):
        pattern_file(file_indicator(names=("*.eml",), content=("r",)))
    with pytest.raises(ValueError, match="error log"):
        pattern_request(make_log(part="error"))
    bad: Mapping[str, object]
    for bad in ({"threads": (3,)}, {"objects": ("a",), "names": ("b",)}, {}):
        with pytest.raises(ValueError, match="STIX"):
            pattern_process(ProcessIndicator(**PLAIN, **bad))  # type: ignore[arg-type]
    for bad in (SETTING | {"store": "file", "equals": ("x",)}, SETTING | {"pattern": "x"}):
        with pytest.raises(ValueError, match=r"STIX|pattern"):
            pattern_setting(SettingIndicator(**PLAIN, **bad))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="cron"):
        pattern_autostart(AutostartIndicator(**PLAIN, kind="cron", command="x"))  # type: ignore[arg-type]
