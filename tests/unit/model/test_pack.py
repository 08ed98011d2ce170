from typing import Any

import msgspec
import pytest

from codered.model.pack import ThreatPack

PLAIN = {"because": "b", "confidence": "likely", "severity": "high", "references": []}
LEAST: dict[str, Any] = {
    "format": 1,
    "name": "code-red",
    "version": "2026.11.1",
    "title": "Code Red",
    "kind": "worm",
    "summary": "s",
    "active": {"first_seen": "2001-07-13"},
    "references": [],
}


def test_the_least_a_pack_is() -> None:
    pack = msgspec.convert(LEAST, ThreatPack)
    assert pack.indicators() == ()
    assert (pack.active.first_seen.year, pack.removal) == (2001, None)


@pytest.mark.parametrize("name", sorted(LEAST))
def test_nothing_of_it_may_be_missing(name: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=name):
        msgspec.convert({key: value for key, value in LEAST.items() if key != name}, ThreatPack)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", 2),
        ("name", "../codered"),
        ("name", "Code Red"),
        ("name", "codered\n"),
        ("name", "-codered"),
        ("name", "a" * 41),
        ("version", "1.0"),
        ("version", "2026.11.1 "),
        ("version", "2026.11.1\n"),
        ("kind", "meme"),
        ("active", {"first_seen": "July 2001"}),
        ("references", [{"id": "a", "title": "t", "grade": "hearsay"}]),
        ("server_roles", ["gopher"]),
        ("commands", ["rm"]),
    ],
)
def test_other_packs_are_refused(field: str, value: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(LEAST | {field: value}, ThreatPack)


def test_indicators_of_all_layers_come_in_the_order_of_the_file() -> None:
    layers: dict[str, Any] = {
        "processes": [PLAIN | {"id": "p"}],
        "autostart": [PLAIN | {"id": "a", "kind": "cron"}],
        "settings": [PLAIN | {"id": "s", "store": "registry", "key": "HKLM\\x"}],
        "traffic": [PLAIN | {"id": "t", "protocol": "tcp", "ports": [80], "direction": "out"}],
        "logs": [PLAIN | {"id": "l", "literals": ["x"], "pattern": "x"}],
        "content": [PLAIN | {"id": "c", "rule": "r", "scope": "text"}],
        "files": [PLAIN | {"id": "f1"}, PLAIN | {"id": "f2"}],
    }
    pack = msgspec.convert(LEAST | layers, ThreatPack)
    assert [indicator.id for indicator in pack.indicators()] == ["f1", "f2", "c", "l", "t", "s", "a", "p"]
