import os
import select

from codered.collect.traffic.waking import Waker


def is_ready(waker: Waker, milliseconds: int) -> bool:
    waiting = select.poll()
    waiting.register(waker.fileno(), select.POLLIN)
    return bool(waiting.poll(milliseconds))


def test_a_source_wakes_only_while_it_is_listened_to() -> None:
    reading, writing = os.pipe()
    waker = Waker([reading])
    try:
        assert not is_ready(waker, 0)
        os.write(writing, b"x")
        assert is_ready(waker, 5000)
        waker.rest(0, listen=False)
        assert not is_ready(waker, 0)
        waker.rest(0, listen=True)
        assert is_ready(waker, 5000)
    finally:
        waker.close()
        os.close(reading)
        os.close(writing)


def test_the_clock_wakes_and_is_set_anew() -> None:
    waker = Waker([])
    waker.rest(0.01, listen=True)
    assert is_ready(waker, 5000)
    waker.rest(0, listen=True)
    assert not is_ready(waker, 0)
    waker.close()
    waker.close()
