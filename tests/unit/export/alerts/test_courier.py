import threading

from codered.export.alerts import courier
from codered.export.alerts.courier import Courier
from tests.fixtures.running import wait_until


def test_it_tries_again_and_delivers_in_order() -> None:
    got: list[bytes] = []
    failures = iter([True, True, False, False])

    def deliver(payload: bytes) -> None:
        if next(failures):
            raise OSError("not now")
        got.append(payload)

    made = Courier("x", deliver, pause=0.01)
    made.send(b"1")
    made.send(b"2")
    made.close()
    assert (got, made.troubles()) == ([b"1", b"2"], ())


def test_what_fails_for_good_is_told_once() -> None:
    def deliver(_: bytes) -> None:
        raise OSError(111, "Connection refused")

    made = Courier("webhook", deliver, pause=0.001)
    made.send(b"1")
    made.close()
    assert made.troubles() == ("webhook: 1 alerts not delivered: Connection refused",)
    assert made.troubles() == ()


def test_a_receiver_that_hangs_keeps_nobody_waiting() -> None:
    hanging, go_on = threading.Event(), threading.Event()

    def deliver(_: bytes) -> None:
        hanging.set()
        go_on.wait(20)

    made = Courier("x", deliver)
    made.send(b"first")
    wait_until(hanging.is_set)
    for _ in range(courier.MOST_WAITING + 7):
        made.send(b"more")
    assert made.troubles() == (f"x: 7 alerts dropped: {courier.MOST_WAITING} wait already",)
    made.close(seconds=0.05)
    left = courier.MOST_WAITING + 1  # with the one under way
    assert made.troubles() == (f"x: {left} alerts not delivered before the end: the receiver was too slow",)
    go_on.set()


def test_what_is_left_at_the_end_is_told_with_the_reason_once() -> None:
    tried = threading.Event()

    def deliver(_: bytes) -> None:
        tried.set()
        raise OSError(111, "Connection refused")

    made = Courier("syslog", deliver, pause=20.0)
    for _ in range(3):
        made.send(b"1")
    wait_until(tried.is_set)
    made.close(seconds=0.05)
    assert made.troubles() == ("syslog: 3 alerts not delivered before the end: Connection refused",)
    wait_until(lambda: not any(one.name == "alerts-syslog" for one in threading.enumerate()))
    assert made.troubles() == ()


def test_without_alerts_there_is_no_thread() -> None:
    before = threading.active_count()
    made = Courier("x", lambda _: None)
    assert threading.active_count() == before
    made.close()
