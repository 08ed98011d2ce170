import select
import socket
from collections.abc import Iterator

import pytest

from codered_hq.probing.calls import CONNECTING, OUT, READING, Call
from codered_hq.probing.pacing import Pacer
from codered_hq.probing.ranges import AddressSpace
from codered_hq.probing.sockets import begin
from codered_hq.probing.visiting import Visit, plan_course
from tests.fixtures.sweep_runs import make_job

IN = select.EPOLLIN
Pair = tuple[Call, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A call that is connected, and the other end of it."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        place = AddressSpace(("127.0.0.1",)).locate(0)
        visit = Visit(plan_course(make_job("127.0.0.1", ports=(port,))), place, False)
        pacer: Pacer[Visit] = Pacer(0, 0, 0.0)
        call = Call(visit, begin(place, port), pacer.begin(0, False, 0.0), 1.5)
        peer, _ = door.accept()
        assert call.phase == CONNECTING
        assert not call.connect(OUT, None, 1000)
        with peer:
            yield call, peer
        call.sock.close()


def wait(call: Call) -> int:
    with select.epoll() as poll:
        poll.register(call.sock.fileno(), IN)
        return poll.poll(5)[0][1]


def test_a_request_and_its_answer_in_pieces(pair: Pair) -> None:
    call, peer = pair
    assert call.phase == READING
    assert peer.recv(1000).startswith(b"GET / HTTP/1.1\r\n")
    assert not call.advance(IN)  # nothing there after all
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Le")
    assert not call.advance(wait(call))
    peer.sendall(b"ngth: 2\r\n\r\nok")
    assert call.advance(wait(call))
    assert call.answer
    assert (call.answer.status, call.answer.body, call.failure) == (200, b"ok", None)


def test_an_end_in_the_middle(pair: Pair) -> None:
    call, peer = pair
    peer.recv(1000)
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok")
    peer.close()
    while not call.advance(wait(call)):
        pass
    assert call.answer
    assert (call.answer.body, call.answer.whole) == (b"ok", False)


def test_a_reset_keeps_what_was_said(pair: Pair) -> None:
    call, peer = pair
    peer.close()  # with a request unread: a reset
    assert call.advance(wait(call))
    assert call.answer
    assert "reset" in call.answer.fault


def test_a_word_of_icmp_that_means_nothing_ends_no_connection(pair: Pair) -> None:
    call, _ = pair
    call.phase = CONNECTING
    assert not call.connect(select.EPOLLERR, None, 1000)
    assert (call.phase, call.failure) == (CONNECTING, None)


def test_one_that_talks_first_is_heard_at_once(pair: Pair) -> None:
    call, peer = pair
    peer.sendall(b"SSH-2.0-x\r\n")
    call.phase = CONNECTING
    assert call.connect(OUT | wait(call), None, 1000)
    assert call.answer
    assert not call.answer.web


def test_time_is_up(pair: Pair) -> None:
    call, _ = pair
    call.end("no whole answer in 8 s")
    assert call.answer
    assert call.answer.fault == "no whole answer in 8 s"
    call.phase = CONNECTING
    call.end("")
    assert call.failure == ("no_answer", "silent")
