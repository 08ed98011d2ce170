import re
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.export.alerts.syslog import Syslog, make_message, parse_address
from codered.model.errors import WrongUse
from codered.model.monitoring import MonitorEvent
from codered.model.paths import FilePath

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHAPE = re.compile(
    r"<8[0-7]>1 2026-03-01T12:00:00\.000000Z [!-~]+ codered - [!-~]+ "
    r'\[codered@32473( [a-z]+="([^"\\\]]|\\["\\\]])*")+\] \ufeff[^\x00-\x1f\x7f-\x9f]*'
)


def event(story: str = "it came back", path: str = "/x") -> MonitorEvent:
    return MonitorEvent(time=NOW, kind="reinfected", story=story, path=FilePath(path))


def test_datagrams() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(20)
        way = Syslog(f"udp://127.0.0.1:{server.getsockname()[1]}")
        way.send(event())
        assert server.recv(4096) == make_message(event())
        way.close()


def test_streams_are_counted_in_octets() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        way = Syslog(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        way.send(event("one"))
        way.send(event("two"))
        connection, _ = server.accept()
        way.close()
        with connection, connection.makefile("rb") as stream:
            for story in ("one", "two"):
                length = b""
                while (digit := stream.read(1)) != b" ":
                    length += digit
                assert stream.read(int(length)) == make_message(event(story))
        assert way.troubles() == ()


def test_the_local_socket(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(tmp_path / "log"))
        server.settimeout(20)
        way = Syslog(str(tmp_path / "log"))
        way.send(event())
        assert b"reinfected" in server.recv(4096)
        way.close()


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_leaves_its_place(story: str, path: str) -> None:
    message = make_message(event(story, path)).decode()
    assert SHAPE.fullmatch(message), message


def test_what_would_end_the_data_is_escaped() -> None:
    message = make_message(event("a\nb", '/a"]\\b')).decode()
    assert 'path="/a\\"\\]\\\\b"' in message
    assert message.endswith("a\\x0ab")


@pytest.mark.parametrize("address", ["", "host", "http://x", "udp://", "tcp://x:99999", "udp://x/path", "log"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(WrongUse):
        parse_address(address)


def test_the_usual_port() -> None:
    assert parse_address("udp://[::1]") == ("udp", ("::1", 514))
