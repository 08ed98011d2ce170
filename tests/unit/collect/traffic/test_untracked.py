from codered.collect.traffic.frames import ACK, RST, SYN, Segment, Unreachable
from codered.collect.traffic.untracked import UntrackedAttempts
from codered.model.traffic import Attempt, Reply

OWN, OTHER = b"\x0a\x00\x00\x01", b"\xc6\x33\x64\x01"
SYN_SENT = Segment(OWN + OTHER + b"\x0f\xa0\x00\x50", OWN, 4000, OTHER, 80, SYN, 1, b"")


def answer(flags: int) -> Segment:
    return Segment(OTHER + OWN + b"\x00\x50\x0f\xa0", OTHER, 80, OWN, 4000, flags, 1, b"")


def begun() -> UntrackedAttempts:
    attempts = UntrackedAttempts()
    attempts.begin(SYN_SENT, Attempt(10.0, OWN, OWN, OTHER, 80))
    return attempts


def test_answers() -> None:
    assert begun().answer(answer(SYN | ACK), 10.1) == Reply(10.1, OWN, OTHER, 80, "answered")
    assert begun().answer(answer(RST | ACK), 10.1) == Reply(10.1, OWN, OTHER, 80, "refused")
    assert begun().answer(answer(ACK), 10.1) is None
    assert UntrackedAttempts().answer(answer(SYN | ACK), 10.1) is None
    assert begun().find_unreachable(Unreachable(SYN_SENT.ends), 10.1) == Reply(10.1, OWN, OTHER, 80, "unreachable")


def test_a_reset_after_the_answer_changes_nothing() -> None:
    attempts = begun()
    attempts.answer(answer(SYN | ACK), 10.1)
    assert attempts.answer(answer(RST), 10.2) is None
    assert not attempts.pending


def test_silence_is_told_once() -> None:
    attempts = begun()
    assert attempts.age(10.5) == []
    assert attempts.age(11.1) == [Reply(11.1, OWN, OTHER, 80, "silent")]
    assert attempts.age(12.0) == []
    assert attempts.repeat(SYN_SENT, 13.0) is None


def test_a_repetition_is_silence_but_the_same_frame_on_two_interfaces_is_not() -> None:
    attempts = begun()
    assert attempts.repeats(SYN_SENT, 10.0001)
    assert attempts.repeat(SYN_SENT, 10.0001) is None
    assert attempts.repeat(SYN_SENT, 11.0) == Reply(11.0, OWN, OTHER, 80, "silent")


def test_a_port_given_out_again_is_a_new_attempt() -> None:
    assert not begun().repeats(SYN_SENT, 500.0)
    assert not UntrackedAttempts().repeats(SYN_SENT, 10.0)


def test_what_is_sent() -> None:
    data = SYN_SENT._replace(flags=0x18, payload=b"GET /")
    sent = begun().take_data(data, 10.2)
    assert sent is not None
    assert (sent.actor, sent.data) == (OWN, b"GET /")
    assert UntrackedAttempts().take_data(data, 10.2) is None
