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
    assert f"{courier.MOST_WAITING} alerts dropped" in made.troubles()[0]
    go_on.set()


def test_without_alerts_there_is_no_thread() -> None:
    before = threading.active_count()
    made = Courier("x", lambda _: None)
    assert threading.active_count() == before
    made.close()
