"""Under which names the console is reached, and where it listens."""

import socket

import pytest

from codered.model.errors import WrongUse
from codered_hq.serving.names import (
    allow_names,
    bind,
    check_name,
    check_origin,
    is_loopback,
    list_names,
    make_address,
)


def test_names_as_they_are_compared() -> None:
    assert [check_name(name) for name in ("War.Corp.Example.", "10.1.2.3", "[::1]")] == [
        "war.corp.example", "10.1.2.3", "::1",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["*", ".example", "a b", "a,b", "https://a", "", "-a", "a" * 70, "a\n"])
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(WrongUse, match="is no host name or address"):
        check_name(name)


def test_the_origin_of_a_proxy() -> None:
    assert check_origin("https://War.corp.example/") == "https://war.corp.example"
    assert check_origin("https://[::1]:8444") == "https://[::1]:8444"


@pytest.mark.parametrize(
    "origin", ["http://war.corp.example", "war.corp.example", "https://", "https://a/b", "https://u:p@a", "https://a:x"]
)
def test_what_is_no_origin(origin: str) -> None:
    with pytest.raises(WrongUse, match="--behind-proxy"):
        check_origin(origin)


def test_loopback_is_always_known_and_more_only_if_others_reach_it() -> None:
    assert list_names("127.0.0.1", []) == ["localhost", "127.0.0.1", "::1"]
    assert list_names("10.9.8.7", ["war"])[3:] == ["war", socket.gethostname().lower(), "10.9.8.7"]
    assert "0.0.0.0" not in list_names("0.0.0.0", [])
    assert allow_names(["localhost", "::1"]) == "localhost,[::1]"
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "war")] == [True] * 3 + [
        False
    ] * 2


def test_the_address_that_is_told() -> None:
    assert make_address("127.0.0.1", 8443, []) == "https://localhost:8443"
    assert make_address("0.0.0.0", 8443, ["war.corp.example"]) == "https://war.corp.example:8443"
    assert make_address("10.9.8.7", 1, []) == "https://10.9.8.7:1"
    assert make_address("::", 1, []) == f"https://{socket.gethostname()}:1"


def test_a_port_that_is_taken_and_a_host_that_is_not_ours() -> None:
    with bind("127.0.0.1", 0) as first:
        with pytest.raises(WrongUse, match="can't listen there"):
            bind("127.0.0.1", first.getsockname()[1])
        with socket.create_connection(first.getsockname(), timeout=10):
            pass
    with pytest.raises(WrongUse):
        bind("192.0.2.1", 0)
    with pytest.raises(WrongUse, match="is no address of this machine"):
        bind("no such host", 0)
