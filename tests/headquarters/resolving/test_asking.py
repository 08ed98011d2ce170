import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from codered_hq.resolving.asking import AskLimits, Heard, Question, Unheard, ask_many, draw_number
from tests.fixtures.networks import ANSWERING, inside, running_network
from tests.fixtures.small_responders import running_responder

QUICK = AskLimits(per_second=2000, seconds=0.15, tries=2)


def make_question(subject: str, port: int, number: int | None = None) -> Question:
    own = draw_number() if number is None else number
    return Question(subject, own.to_bytes(2, "big") + b" who?", own, (subject, port))


@contextmanager
def loopback() -> Iterator[tuple[socket.socket, int]]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        own.bind(("127.0.0.1", 0))
        own.settimeout(5)
        yield own, own.getsockname()[1]


def test_lost_questions_are_asked_again_and_every_one_comes_back() -> None:
    with loopback() as (own, port):
        got: list[bytes] = []

        def answer() -> None:
            for turn in range(3):
                packet, sender = own.recvfrom(100)
                got.append(packet)
                if turn:  # the first is lost
                    own.sendto(packet + b" me", sender)

        thread = threading.Thread(target=answer)
        thread.start()
        found = list(ask_many([make_question("127.0.0.1", port, 1), make_question("127.0.0.1", port, 2)], QUICK))
        thread.join()
    assert sorted(one.packet for one in found if isinstance(one, Heard)) == [b"\0\1 who? me", b"\0\2 who? me"]
    assert got[0] == got[2]


def test_only_who_was_asked_may_answer() -> None:
    """A stranger, a wrong port and a wrong number are no answer; the true one after them is."""
    with loopback() as (own, port), loopback() as (stranger, _):

        def answer() -> None:
            packet, sender = own.recvfrom(100)
            stranger.sendto(packet + b" liar", sender)
            own.sendto(b"\xff\xff wrong", sender)
            own.sendto(b"x", sender)
            time.sleep(0.02)
            own.sendto(packet + b" me", sender)

        thread = threading.Thread(target=answer)
        thread.start()
        (one,) = ask_many([make_question("127.0.0.1", port, 7)], QUICK)
        thread.join()
    assert isinstance(one, Heard)
    assert one.packet.endswith(b" me")
    assert one.hops > 0


def test_reasons_of_those_who_do_not_answer() -> None:
    with loopback() as (_, silent), loopback() as (closing, closed):
        closing.close()
        asked = [make_question("127.0.0.1", silent, 5), make_question("127.0.0.1", silent, 5)]
        asked += [make_question("127.0.0.2", closed), make_question("127.255.255.255", closed)]
        found = list(ask_many(asked, QUICK))
    whys = sorted(one.why for one in found if isinstance(one, Unheard))
    assert whys == [
        "it is the address of everybody on a link, not of one machine",
        "its number is in use for another question: ask again",
        "no answer (2 tries, 0.15 s each)",
        f"the host is there, and nothing listens on UDP port {closed}",
    ]


def test_thousands_at_once_within_the_rate() -> None:
    echo = "def answer(packet, sender, local):\n    return [packet + local]\n"
    hosts = [f"198.51.100.{low}" for low in range(1, 255)]
    with running_network() as network, running_responder(network.world, echo, 4242), inside(network.host):
        asked = [make_question(host, 4242) for _ in range(8) for host in hosts]
        begin = time.monotonic()
        found = list(ask_many(asked, AskLimits(per_second=5000, at_once=500)))
        seconds = time.monotonic() - begin
    assert ANSWERING == "198.51.100.0/24"
    heard = [one for one in found if isinstance(one, Heard)]
    assert len(found) == len(asked)
    assert len(heard) >= len(asked) - 2  # two that were drawn the same number for one host at one time
    assert all(socket.inet_ntoa(one.packet[-4:]) == one.question.subject for one in heard)
    assert seconds > len(asked) / 5000 * 0.9  # never faster than allowed


def test_numbers_are_drawn_from_all() -> None:
    drawn = {draw_number() for _ in range(2000)}
    assert len(drawn) > 1900
    assert max(drawn) < 65536


def test_ipv6_and_an_answer_that_a_flood_of_false_ones_surrounds() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as own:
        own.bind(("::1", 0))
        own.settimeout(5)

        def answer() -> None:
            packet, sender = own.recvfrom(100)
            for number in range(3000):
                own.sendto(number.to_bytes(2, "big") + b" guess", sender)
                if number == 10:
                    own.sendto(packet + b" me", sender)

        thread = threading.Thread(target=answer)
        thread.start()
        (one,) = ask_many([make_question("::1", own.getsockname()[1], 60000)], QUICK)
        thread.join()
    assert isinstance(one, Heard)
    assert one.packet.endswith(b" me")
    assert one.hops == 64
