from codered.authoring.orders import Capture
from codered.authoring.traffic_parts import draft_traffic
from codered.model.traffic import Attempt, Sent

OWN = bytes((198, 51, 100, 7))


def scan(count: int) -> Capture:
    victims = [bytes((203, 0, 113, number)) for number in range(1, count + 1)]
    attempts = tuple(Attempt(float(at), OWN, OWN, victim, 8081) for at, victim in enumerate(victims))
    sent = tuple(
        Sent(float(at), OWN, OWN, victim, 8081, b"GET /zork/%d/gate HTTP/1.0\r\n\r\n" % (at * 31))
        for at, victim in enumerate(victims)
    )
    return Capture("c.pcap", attempts, sent)


def test_a_scanner_gives_ports_preference_and_what_it_sends() -> None:
    draft = draft_traffic((scan(40),))
    assert draft.behaviour is not None
    assert draft.behaviour["ports"] == [8081]
    assert draft.behaviour["addresses"] == [{"share": 1.0, "within": "sequential"}]
    assert 0.9 < draft.behaviour["per_second"] < 1.2
    (part,) = draft.parts
    assert part.sign["pattern"] == "^GET /zork/[0-9]{1,8}/gate"
    assert part.sent[0].text == "GET /zork/1/gate\r\n"


def test_few_addresses_are_no_scan_and_everyday_requests_no_sign() -> None:
    quiet = draft_traffic((Capture("c", (), (Sent(0.0, OWN, OWN, OWN, 80, b"GET / HTTP/1.1\r\n"),)),))
    assert quiet.behaviour is None
    assert quiet.parts == ()
    assert {choice.what for choice in quiet.choices} == {"none", "no sign"}
    assert draft_traffic(()).choices == ()
