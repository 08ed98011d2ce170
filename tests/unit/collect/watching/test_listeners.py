import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.watching import listeners
from codered.collect.watching.listeners import Listening, list_listeners, name_listeners, parse_answer


@pytest.fixture(params=["the kernel", "/proc"])
def source(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "/proc":

        def refuse() -> set[Listening]:
            raise OSError("no such protocol")

        monkeypatch.setattr(listeners, "_ask_kernel", refuse)


def at(port: int) -> Listening | None:
    return next((one for one in list_listeners() if one.port == port and one.protocol == "tcp"), None)


@pytest.mark.usefixtures("source")
@pytest.mark.parametrize(
    ("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)  # fmt: skip
def test_who_waits_is_seen_with_its_program(family: socket.AddressFamily, address: str) -> None:
    with socket.create_server((address, 0), family=family) as server:
        port = server.getsockname()[1]
        found = at(port)
        assert found is not None
        assert (found.address, found.inode) == (address, os.fstat(server.fileno()).st_ino)
        (record,) = name_listeners(frozenset([found]))
        assert record.program == os.readlink("/proc/self/exe")
        with socket.create_connection((address, port)):
            assert at(port) == found
    assert at(port) is None


@pytest.mark.usefixtures("source")
def test_a_socket_that_waits_for_one_answer_is_no_listener() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as query:
        query.bind(("127.0.0.1", 0))
        port = query.getsockname()[1]
        assert all(one.port != port for one in list_listeners() if one.protocol == "udp")


def test_odd_lines_of_a_table_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "net").mkdir()
    good = b"  0: 0100007F:1092 00000000:0000 0A 0:0 0:0 0 0 0 4711 1"
    (tmp_path / "net/tcp").write_bytes(b"head\n\n0: x\n" + good.replace(b"0100007F", b"XX") + b"\n" + good + b"\n")

    def refuse() -> set[Listening]:
        raise OSError("no such protocol")

    monkeypatch.setattr(listeners, "_ask_kernel", refuse)
    assert list_listeners(str(tmp_path)) == {Listening("tcp", "127.0.0.1", 4242, 4711)}


@given(st.binary(max_size=200))
def test_no_bytes_break_the_parser(raw: bytes) -> None:
    found = parse_answer(raw, "tcp")
    assert found is None or 0 <= found.port <= 0xFFFF
