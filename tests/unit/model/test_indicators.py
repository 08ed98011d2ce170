from typing import Any

import msgspec
import pytest

from codered.model.indicators import (
    AutostartIndicator,
    ContentIndicator,
    FileIndicator,
    Indicator,
    LogIndicator,
    ProcessIndicator,
    SettingIndicator,
    TrafficIndicator,
)

PLAIN: dict[str, Any] = {"id": "i", "because": "b", "confidence": "likely", "severity": "high", "references": []}
LEAST: dict[type[Indicator], dict[str, Any]] = {
    FileIndicator: {},
    ContentIndicator: {"rule": "r", "scope": "any"},
    LogIndicator: {"literals": ["x"], "pattern": "x"},
    TrafficIndicator: {"protocol": "tcp", "ports": [80], "direction": "out"},
    SettingIndicator: {"store": "registry", "key": "HKLM\\x"},
    AutostartIndicator: {"kind": "run_key"},
    ProcessIndicator: {},
}


@pytest.mark.parametrize("kind", LEAST)
def test_the_least_an_indicator_is(kind: type[Indicator]) -> None:
    made = msgspec.convert(PLAIN | LEAST[kind], kind)
    assert (made.id, made.shared_by, made.attack) == ("i", (), ())


@pytest.mark.parametrize("kind", LEAST)
def test_every_indicator_says_why_how_sure_and_from_where(kind: type[Indicator]) -> None:
    for name in PLAIN:
        rest = {key: value for key, value in (PLAIN | LEAST[kind]).items() if key != name}
        with pytest.raises(msgspec.ValidationError, match=name):
            msgspec.convert(rest, kind)


@pytest.mark.parametrize("kind", LEAST)
def test_a_misspelt_key_is_refused(kind: type[Indicator]) -> None:
    with pytest.raises(msgspec.ValidationError, match="pathes"):
        msgspec.convert(PLAIN | LEAST[kind] | {"pathes": []}, kind)


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        (FileIndicator, "platform", "amiga"),
        (FileIndicator, "kind", "device"),
        (FileIndicator, "sizes", ["big"]),
        (FileIndicator, "confidence", "sure"),
        (FileIndicator, "severity", "urgent"),
        (ContentIndicator, "scope", "all"),
        (ContentIndicator, "where", ["disk"]),
        (LogIndicator, "part", "body"),
        (LogIndicator, "vector", "magic"),
        (LogIndicator, "answers", [{"means": "m"}]),
        (TrafficIndicator, "protocol", "sctp"),
        (TrafficIndicator, "direction", "up"),
        (SettingIndicator, "store", "cloud"),
        (SettingIndicator, "clean_is", "maybe"),
        (AutostartIndicator, "kind", "autoexec"),
        (ProcessIndicator, "threads", ["many"]),
    ],
)
def test_words_outside_the_lists_are_refused(kind: type[Indicator], field: str, value: object) -> None:
    with pytest.raises(msgspec.ValidationError, match=field):
        msgspec.convert(PLAIN | LEAST[kind] | {field: value}, kind)


def test_a_setting_is_left_to_people_unless_the_pack_says_how_to_clean_it() -> None:
    assert msgspec.convert(PLAIN | LEAST[SettingIndicator], SettingIndicator).clean_is == "manual"


def test_a_rule_serves_files_unless_the_pack_says_otherwise() -> None:
    assert msgspec.convert(PLAIN | LEAST[ContentIndicator], ContentIndicator).where == ("files",)
