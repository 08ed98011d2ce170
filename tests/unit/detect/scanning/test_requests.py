"""One request that only an infected host sends is enough."""

import msgspec

from codered.detect.scanning.contacts import ActorContacts
from codered.detect.scanning.requests import MOST_SIGNS, judge_request
from codered.detect.scanning.thresholds import load_thresholds
from codered.model.traffic import Request

NUMBERS = load_thresholds()


def make_request(*signs: str, convicts: bool = True, to: bytes = b"\x01\x02\x03\x04") -> Request:
    return Request(1.0, b"a", b"\x0a\x00\x00\x01", to, 80, signs, convicts, b"GET /default.ida?" + b"N" * 400)


def test_one_convicts_and_repeats_only_count() -> None:
    actor = ActorContacts(b"a", b"\x0a\x00\x00\x01")
    verdict = judge_request(actor, make_request("codered/ida"), 1.0, NUMBERS)
    assert verdict is not None
    assert (verdict.kind, verdict.confidence, verdict.signs) == ("request", "confirmed", ("codered/ida",))
    assert (len(verdict.data), verdict.destination) == (256, b"\x01\x02\x03\x04")
    for _ in range(5):
        assert judge_request(actor, make_request("codered/ida"), 2.0, NUMBERS) is None
    assert actor.signs is not None
    assert actor.signs["codered/ida"].count == 6
    assert judge_request(actor, make_request("nimda/root"), 2.0, NUMBERS) is not None


def test_what_does_not_convict_grows_with_the_addresses() -> None:
    actor = ActorContacts(b"a", b"")
    told = []
    for one in range(6):
        verdict = judge_request(actor, make_request("x/probe", convicts=False, to=bytes((one,))), 1.0, NUMBERS)
        told.append(verdict.confidence if verdict else "")
    assert told == ["suspicious", "", "likely", "", "", ""]
    assert judge_request(actor, make_request("x/probe"), 1.0, NUMBERS) is not None


def test_signs_and_addresses_are_bounded() -> None:
    actor = ActorContacts(b"a", b"")
    for one in range(3 * MOST_SIGNS):
        judge_request(actor, make_request(f"x/{one}", to=b"%d" % one), 1.0, NUMBERS)
        judge_request(actor, make_request("x/0", to=b"%d" % one), 1.0, NUMBERS)
    assert actor.signs is not None
    assert len(actor.signs) == MOST_SIGNS
    assert len(actor.signs["x/0"].addresses) <= 64
    assert judge_request(actor, msgspec.structs.replace(make_request("x/0"), signs=()), 1.0, NUMBERS) is None
