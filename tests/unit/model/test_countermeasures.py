from typing import Any

import msgspec
import pytest

from codered.model.countermeasures import (
    AddressShare,
    Block,
    Containment,
    Evidence,
    MustNotTouch,
    PlatformPatch,
    Probe,
    ProbeAnswer,
    Removal,
    RemovalStep,
    ScanBehaviour,
    Vulnerability,
)

LEAST: dict[type[msgspec.Struct], dict[str, Any]] = {
    Evidence: {"says": "patched", "references": []},
    PlatformPatch: {"platform": "nt4", "affected": True},
    Vulnerability: {
        "name": "n",
        "cves": [],
        "bulletins": [],
        "component": "idq.dll",
        "conditions": "c",
        "platforms": [],
    },
    AddressShare: {"share": 0.5, "within": "same_8"},
    ScanBehaviour: {"protocol": "tcp", "ports": [80], "references": []},
    ProbeAnswer: {"says": "vulnerable", "because": "b"},
    Probe: {
        "id": "p",
        "protocol": "http",
        "ports": [80],
        "method": "GET",
        "path": "/",
        "answers": [],
        "references": [],
    },
    Block: {"direction": "out", "protocol": "tcp", "ports": [80], "because": "b"},
    Containment: {},
    RemovalStep: {"action": "quarantine_file", "indicators": ["i"], "because": "b"},
    MustNotTouch: {"path": "c:\\notworm", "because": "b"},
    Removal: {"steps": []},
}


@pytest.mark.parametrize("kind", LEAST)
def test_what_must_be_said_and_nothing_else_may(kind: type[msgspec.Struct]) -> None:
    assert isinstance(msgspec.convert(LEAST[kind], kind), kind)
    for name in LEAST[kind]:
        with pytest.raises(msgspec.ValidationError, match=name):
            msgspec.convert({key: value for key, value in LEAST[kind].items() if key != name}, kind)
    with pytest.raises(msgspec.ValidationError, match="command"):
        msgspec.convert(LEAST[kind] | {"command": "x"}, kind)


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        (Evidence, "says", "fine"),
        (AddressShare, "within", "moon"),
        (ScanBehaviour, "protocol", "http"),
        (Probe, "method", "POST"),
        (Probe, "method", "PUT"),
        (Probe, "protocol", "smb"),
        (ProbeAnswer, "says", "maybe"),
        (Block, "direction", "both"),
        (RemovalStep, "action", "run_command"),
        (RemovalStep, "action", "format_disk"),
    ],
)
def test_words_outside_the_lists_are_refused(kind: type[msgspec.Struct], field: str, value: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=field):
        msgspec.convert(LEAST[kind] | {field: value}, kind)


def test_nothing_is_touched_or_advised_unless_the_pack_says_so() -> None:
    removal = msgspec.convert(LEAST[Removal], Removal)
    assert (removal.rebuild_because, removal.needs_reboot, removal.must_not_touch) == ("", False, ())
