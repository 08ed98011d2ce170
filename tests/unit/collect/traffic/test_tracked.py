from codered.collect.traffic.beginnings import MOST_SENT
from codered.collect.traffic.frames import Segment, Unreachable
from codered.collect.traffic.trace_pages import AGAIN, RESET, STATE, TraceRecord
from codered.collect.traffic.tracked import TrackedAttempts, begins, read_addresses
from codered.model.traffic import Attempt, Reply

OWN, OTHER = b"\x0a\x00\x00\x01", b"\xc6\x33\x64\x01"
ENDS = OWN + OTHER + b"\x0f\xa0\x00\x50"
ATTEMPT = Attempt(10.0, b"pid 1 1", OWN, OTHER, 80)
SOCKET = 0xABC


def state(old: int, new: int, port: int = 4000, softirq: bool = False) -> TraceRecord:
    values = (SOCKET, old, new, port, 80, 2, OWN, OTHER, bytes(10) + b"\xff\xff" + OTHER, bytes(16))
    return TraceRecord(0, STATE, 1, softirq, values)


def begun(**how: bool) -> TrackedAttempts:
    tracked = TrackedAttempts()
    tracked.begin(SOCKET, ATTEMPT, foreign=how.get("foreign", False), told=how.get("told", True))
    return tracked


def data(sequence: int, payload: bytes) -> Segment:
    return Segment(ENDS, OWN, 4000, OTHER, 80, 0x18, sequence, payload)


def outcome(reply: Reply | None) -> str | None:
    return reply.outcome if reply else None


def test_answered() -> None:
    tracked = begun()
    assert tracked.follow(state(2, 1), 11.0) == Reply(11.0, b"pid 1 1", OTHER, 80, "answered")
    assert tracked.follow(TraceRecord(0, RESET, 1, True, (SOCKET,)), 12.0) is None  # a reset of what was connected


def test_a_socket_with_another_owner_settles_nothing_of_the_first() -> None:
    tracked = begun()
    elsewhere = (SOCKET, 2, 1, 4001, 80, 2, OWN, OWN, bytes(10) + b"\xff\xff" + OWN, bytes(16))
    assert tracked.follow(TraceRecord(0, STATE, 1, False, elsewhere), 11.0) is None
    tracked = begun()
    tracked.forget(SOCKET)
    assert tracked.follow(state(2, 1), 11.0) is None


def test_refused_once_though_the_socket_ends_after_it() -> None:
    tracked = begun()
    assert outcome(tracked.follow(TraceRecord(0, RESET, 1, True, (SOCKET,)), 11.0)) == "refused"
    assert tracked.follow(state(2, 7, softirq=True), 11.0) is None


def test_silent_at_the_first_repetition_and_answered_after_all() -> None:
    tracked = begun()
    again = TraceRecord(0, AGAIN, 1, True, (SOCKET, 2))
    assert [outcome(tracked.follow(again, at)) for at in (11.0, 13.0)] == ["silent", None]
    assert outcome(tracked.follow(state(2, 1), 13.1)) == "answered"


def test_ended_by_what_arrived_is_unreachable_by_the_program_is_nothing() -> None:
    assert outcome(begun().follow(state(2, 7, softirq=True), 11.0)) == "unreachable"
    assert begun().follow(state(2, 7), 11.0) is None


def test_what_a_router_says_needs_the_syn_that_was_seen() -> None:
    tracked = begun()
    assert tracked.find_unreachable(Unreachable(ENDS), 10.1) is None
    assert tracked.match_syn(ENDS, 10.0)
    assert outcome(tracked.find_unreachable(Unreachable(ENDS), 10.1)) == "unreachable"


def test_a_syn_belongs_to_one_attempt_and_its_repetitions_to_the_same() -> None:
    tracked = begun()
    assert tracked.match_syn(ENDS, 10.0)
    assert tracked.match_syn(ENDS, 11.0)
    assert not tracked.match_syn(OWN + OTHER + b"\x0f\xa1\x00\x50", 11.0)


def test_a_syn_much_later_is_not_the_attempts() -> None:
    assert not begun().match_syn(ENDS, 30.0)


def test_a_syn_behind_a_translation_of_addresses_is_the_containers() -> None:
    tracked = begun(foreign=True, told=False)
    assert tracked.match_syn(b"\x01\x02\x03\x04" + OTHER + b"\x0f\xa0\x00\x50", 10.5)
    assert not tracked.match_syn(OWN + b"\x09\x09\x09\x09" + b"\x0f\xa0\x00\x50", 10.5)
    assert tracked.follow(state(2, 1), 11.0) is None


def test_the_beginning_grows_until_it_is_enough() -> None:
    tracked = begun()
    tracked.follow(state(2, 1), 10.1)
    first, second = tracked.take_data(data(5, b"GET /"), 10.2), tracked.take_data(data(10, b"x" * 4000), 10.3)
    assert first is not None
    assert second is not None
    assert (first.data, first.actor, second.data) == (b"GET /", b"pid 1 1", (b"GET /" + b"x" * 4000)[:MOST_SENT])
    assert tracked.take_data(data(4010, b"more"), 10.4) is None


def test_what_is_sent_twice_or_behind_a_gap_does_not_count() -> None:
    tracked = begun()
    tracked.follow(state(2, 1), 10.1)
    tracked.take_data(data(5, b"GET /"), 10.2)
    assert tracked.take_data(data(5, b"GET /"), 10.3) is None
    assert tracked.take_data(data(99, b"x"), 10.3) is None
    assert TrackedAttempts().take_data(data(5, b"GET /"), 10.2) is None


def test_records_are_told_apart_and_addresses_shortened() -> None:
    assert begins(state(7, 2))
    assert not begins(state(2, 1))
    assert not begins(TraceRecord(0, RESET, 1, True, (SOCKET,)))
    assert read_addresses(state(7, 2)) == (OWN, OTHER)
    six = TraceRecord(0, STATE, 1, False, (SOCKET, 7, 2, 0, 80, 10, OWN, OTHER, b"d" * 16, b"s" * 16))
    assert read_addresses(six) == (b"s" * 16, b"d" * 16)
