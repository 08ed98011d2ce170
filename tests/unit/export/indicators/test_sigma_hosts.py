import pytest

from codered.export.indicators.sigma_hosts import detect_file, detect_process, detect_run_key, detect_setting
from codered.model.indicators import AutostartIndicator, ProcessIndicator, SettingIndicator
from tests.fixtures.small_packs import file_indicator

PLAIN = {"id": "x", "because": "y", "confidence": "likely", "severity": "high", "references": ()}


def test_a_file_whose_content_counts_too_is_told_with_less_weight() -> None:
    plain = detect_file(file_indicator(paths=(r"?:\a.exe",), platform="windows", except_paths=(r"C:\b\a.exe",)))
    assert plain.searches == {
        "selection": {"TargetFilename|endswith": [":\\\\a.exe"]},
        "filter": {"TargetFilename": ["C:\\\\b\\\\a.exe"]},
        "condition": "selection and not filter",
    }
    assert plain.most_level == "critical"
    weaker = detect_file(file_indicator(paths=("/tmp/a",), content=("r",), sha256=("ab" * 32,)))
    assert weaker.most_level == "medium"
    assert weaker.searches["hashes"] == {"Hashes|contains": [f"SHA256={'AB' * 32}"]}
    folder = detect_file(file_indicator(paths=("/dev/cuc",), kind="directory"))
    assert folder.searches["selection"] == {"TargetFilename|startswith": ["/dev/cuc/"]}
    with pytest.raises(ValueError, match="neither size nor content"):
        detect_file(file_indicator(names=("*.eml",), content=("r",)))


def test_processes_settings_and_run_keys() -> None:
    made = detect_process(ProcessIndicator(**PLAIN, names=("node*",), children=("sh",)))  # type: ignore[arg-type]
    assert made.searches["condition"] == "selection and child"
    assert made.source == {"category": "process_creation", "product": "linux"}
    with pytest.raises(ValueError, match="threads"):
        detect_process(ProcessIndicator(**PLAIN, threads=(3,)))  # type: ignore[arg-type]
    key = {"store": "registry", "key": r"HKLM\A\CurrentControlSet\B", "value": "V"}
    setting = detect_setting(SettingIndicator(**PLAIN, **key, type="dword", equals=("0x10", "16")))  # type: ignore[arg-type]
    assert setting.searches["selection"] == {
        "TargetObject": [r"*\\A\\*ControlSet*\\B\\V"], "Details": ["DWORD (0x00000010)"],
    }  # fmt: skip
    for fields in (key | {"pattern": "x"}, key | {"store": "file", "equals": ("x",)}):
        with pytest.raises(ValueError, match=r"pattern|registry"):
            detect_setting(SettingIndicator(**PLAIN, **fields))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="cron"):
        detect_run_key(AutostartIndicator(**PLAIN, kind="cron", command="x"))  # type: ignore[arg-type]
    run = detect_run_key(AutostartIndicator(**PLAIN, kind="run_key", name="n"))  # type: ignore[arg-type]
    assert run.searches["condition"] == "selection"
