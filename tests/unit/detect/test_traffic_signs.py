from typing import Any

import msgspec

from codered.detect.traffic_signs import PayloadSign, index_payload_signs, judge_signs
from codered.model.indicators import LogIndicator, TrafficIndicator
from codered.packs.loading import find_packs_folder, load_packs


def sign(pack: str, name: str, **more: Any) -> PayloadSign:
    plain: dict[str, Any] = {
        "id": name, "because": "b", "confidence": "confirmed", "severity": "critical", "references": ("r",),
        "protocol": "tcp", "ports": (80,), "direction": "out", "pattern": "x",
    }  # fmt: skip
    return PayloadSign(pack, msgspec.convert(plain | more, TrafficIndicator))


def index(*signs: PayloadSign) -> dict[str, PayloadSign]:
    return {one.name: one for one in signs}


def test_every_traffic_and_log_indicator_of_the_packs_is_known() -> None:
    packs = load_packs(find_packs_folder())
    known = index_payload_signs(packs)
    assert isinstance(known["codered/ida-n-sent"].indicator, TrafficIndicator)
    assert len(known) == sum(len(one.pack.logs) + len(one.pack.traffic) for one in packs)
    assert all(name == one.name for name, one in known.items())


def test_a_sign_of_one_threat_names_it() -> None:
    (verdict,) = judge_signs(("worm/get", "nobody/knows"), index(sign("worm", "get")))
    assert (verdict.pack, verdict.sign.name, verdict.shared_by) == ("worm", "worm/get", ())


def test_a_shared_sign_names_none_until_another_of_the_same_sender_decides() -> None:
    shared = sign("a", "root", shared_by=["b"])
    known = index(shared, sign("b", "own", id="own"))
    (verdict,) = judge_signs((shared.name,), known)
    assert (verdict.pack, verdict.shared_by) == ("unattributed", ("a", "b"))
    (verdict,) = judge_signs((shared.name, "b/own"), known)
    assert (verdict.pack, verdict.sign.name) == ("b", "b/own")


def test_the_other_packs_sign_stands_for_the_shared_one_that_it_decides() -> None:
    known = index(
        sign("a", "root", shared_by=["b"]),
        sign("b", "root", shared_by=["a"]),
        sign("a", "own", confidence="likely"),
        sign("b", "weak", confidence="suspicious"),
    )
    verdicts = judge_signs(("a/root", "b/root", "b/weak"), known)
    assert [verdict.pack for verdict in verdicts] == ["b", "unattributed"]
    verdicts = judge_signs(("a/root", "b/root", "a/own"), known)
    assert [verdict.pack for verdict in verdicts] == ["a"]


def test_what_infects() -> None:
    assert sign("worm", "get", attack=["T1210"]).infects()
    assert not sign("worm", "get", attack=["T1046"]).infects()
    log: dict[str, Any] = {
        "id": "l", "because": "b", "confidence": "likely", "severity": "high", "references": ("r",),
        "literals": ("/x",), "pattern": "/x",
    }  # fmt: skip
    for vector, infects in (("exploit", True), ("backdoor", False), ("probe", False)):
        assert PayloadSign("w", msgspec.convert(log | {"vector": vector}, LogIndicator)).infects() == infects
