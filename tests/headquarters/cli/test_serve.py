"""`codered serve` tells what it does, and refuses what it can't serve before anything is made."""

import socket
from pathlib import Path

import pytest

from tests.fixtures.saying import Say


def test_help(say: Say) -> None:
    done = say("serve", "--help")
    assert done.code == 0
    assert all(word in done.out for word in ("--behind-proxy", "--certificate", "--demo", "--no-worker"))


def test_a_port_that_is_taken(say: Say, headquarters: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = say("serve", "--port", str(taken.getsockname()[1]))
    assert (done.code, "can't listen there" in done.err, headquarters.exists()) == (2, True, False)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--certificate", "a.pem"], "--certificate and --key: need each other"),
        (["--name", "a b"], "is no host name or address"),
        (["--behind-proxy", "http://war.example"], "is no https address"),
        (["--behind-proxy", "https://war.example", "--host", "0.0.0.0"], "on this machine alone"),
        (["--behind-proxy", "https://war.example", "--certificate", "a", "--key", "b"], "on this machine alone"),
        (["--host", "192.0.2.77"], "192.0.2.77"),
    ],
)
def test_what_it_refuses(say: Say, headquarters: Path, words: list[str], told: str) -> None:
    done = say("serve", "--port", "0", *words)
    assert (done.code, headquarters.exists()) == (2, False)
    assert told in done.err
