import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.flows import ordering
from codered.collect.flows.chunk import Answer, Asked, Contact, make_chunk
from codered.collect.flows.ordering import Ordering
from codered.model.traffic import Attempt, Reply, Resolved, Sent


def contact(at: float) -> Contact:
    return Contact(at, b"from", b"dest", 80, "tcp", "answered", at)


def test_names_come_before_attempts_and_attempts_before_replies() -> None:
    order, chunk = Ordering(), make_chunk()
    chunk.answers, chunk.asked = [Answer(5.0, b"from", b"dest")], [Asked(5.0, b"from", b"dest", 80, b"GET")]
    order.put(chunk, [contact(5.0)])
    assert [type(event) for event in order.take(everything=True)] == [Resolved, Attempt, Reply, Sent]


def test_the_window_waits_and_late_events_are_given_and_counted() -> None:
    order = Ordering()
    order.put(make_chunk(), [contact(100.0), contact(90.0)])
    assert list(order.take()) == []
    order.put(make_chunk(), [contact(125.0)])
    assert [event.at for event in order.take()] == [90.0, 90.0]
    order.put(make_chunk(), [contact(50.0)])
    assert [event.at for event in order.take()] == [50.0, 50.0]
    assert order.late == 2
    assert [event.at for event in order.take(everything=True)] == [100.0, 100.0, 125.0, 125.0]


def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordering, "MOST_WAITING", 10)
    order = Ordering()
    order.put(make_chunk(), [contact(5.0 + number / 100) for number in range(20)])
    assert len(list(order.take())) == 30


@given(st.lists(st.lists(st.floats(0, 1e6), max_size=8), max_size=8))
def test_every_event_is_given_once(times: list[list[float]]) -> None:
    order, given_back = Ordering(), []
    for part in times:
        order.put(make_chunk(), [contact(at) for at in part])
        given_back += [event.at for event in order.take()]
    given_back += [event.at for event in order.take(everything=True)]
    assert sorted(given_back) == sorted(at for part in times for at in part for _ in range(2))
