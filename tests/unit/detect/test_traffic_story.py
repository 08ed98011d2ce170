import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.detect import traffic_story
from codered.detect.traffic_story import TrafficStory, is_address, show_address
from codered.model.traffic import Request
from tests.unit.detect.test_traffic_signs import index, sign

A, B, C = bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2]), bytes([10, 0, 0, 3])
SIGNS = index(sign("worm", "get", attack=["T1210"]), sign("worm", "hello", attack=["T1046"]))


def request(at: float, actor: bytes, to: bytes, *names: str, source: bytes = b"", convicts: bool = True) -> Request:
    return Request(at, actor, source, to, 80, names or ("worm/get",), convicts, b"GET /inert")


def test_a_sender_is_counted_with_first_last_targets_and_hours() -> None:
    story = TrafficStory(SIGNS)
    for at, to in ((7200.0, B), (3600.0, C), (3660.0, C)):
        story.take(request(at, A, to))
    (sender,) = story.senders()
    assert (sender.count, sender.first, sender.last) == (3, 3600.0, 7200.0)
    assert sender.hours == {1: 2, 2: 1}
    assert (sender.minutes, story.minutes) == ({60: 1, 61: 1, 120: 1}, {})
    deed = sender.deeds["worm/get"]
    story.take(request(3700.0, A, bytes(4), "worm/hello"))
    assert (deed.targets, sender.deeds["worm/hello"].targets) == ({B, C}, {bytes(4)})
    assert (deed.count, deed.first, deed.last, deed.example.destination) == (3, 3600.0, 7200.0, C)
    assert story.find(A) is sender
    assert story.find(B) is None


def test_what_infects_passes_from_source_to_target() -> None:
    story = TrafficStory(SIGNS)
    story.take(request(10.0, b"pid 12 345", B, source=A))
    story.take(request(5.0, A, B))
    story.take(request(1.0, C, B, "worm/hello"))
    (handed,) = story.handed()
    assert (handed.source, handed.target, handed.first, handed.last) == (A, B, 5.0, 10.0)


def test_there_is_room_for_so_many_and_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic_story, "MOST_SENDERS", 2)
    monkeypatch.setattr(traffic_story, "MOST_PASSINGS", 1)
    monkeypatch.setattr(traffic_story, "MOST_SIGNS", 1)
    monkeypatch.setattr(traffic_story, "MOST_TARGETS", 1)
    monkeypatch.setattr(traffic_story, "MOST_MINUTES", 1)
    monkeypatch.setattr(traffic_story, "MOST_HOURS", 1)
    story = TrafficStory(SIGNS)
    for actor, to in ((A, B), (A, C), (B, C), (C, A)):
        story.take(request(1e4 * actor[3], actor, to, "worm/get", "worm/hello"))
    assert (len(story.senders()), story.left_out, story.pairs_left_out, story.requests) == (2, 1, 2, 4)
    first, second = story.senders()
    assert (len(first.minutes), second.minutes, len(story.minutes), len(first.deeds)) == (1, {}, 1, 1)
    assert len(first.deeds["worm/get"].targets) == 1
    monkeypatch.setattr(traffic_story, "MOST_ALL_TARGETS", 0)
    story.take(request(1.0, B, A))
    assert len(second.deeds["worm/get"].targets) == 1


@given(st.lists(st.tuples(st.floats(), st.binary(max_size=17), st.binary(max_size=17)), max_size=20))
def test_no_time_and_no_address_breaks_it(told: list[tuple[float, bytes, bytes]]) -> None:
    story = TrafficStory(SIGNS)
    for at, actor, to in told:
        story.take(request(at, actor, to))
    assert story.requests == len(told)
    assert all(isinstance(show_address(one.target), str) for one in story.handed())


def test_addresses() -> None:
    assert show_address(A) == "10.0.0.1"
    assert show_address(b"\0" * 10 + b"\xff\xff" + A) == "10.0.0.1"
    assert show_address(b"\xfe\x80" + b"\0" * 13 + b"\1") == "fe80::1"
    assert show_address(b"pid 12 3") == ""
    assert [is_address(key) for key in (A, b"x" * 16, b"pid 1234 1234567", b"gone 12345678901", b"")] == [
        True, True, False, False, False,
    ]  # fmt: skip
