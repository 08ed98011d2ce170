import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.model.countermeasures import SWEEP_AGENT
from codered_hq.probing.asking import Ask, Door, find_redirect, make_up, name_host, write_agent, write_request
from codered_hq.probing.reading import Answer

DOOR = Door(80, False, "")


def test_a_request_byte_for_byte() -> None:
    raw = write_request(Ask("HEAD", "/x", "/x"), Door(8080, False, ""), "2001:db8::1", write_agent("noc@example.org"))
    lines = raw.decode().split("\r\n")
    assert lines[:2] == ["HEAD /x HTTP/1.1", "Host: [2001:db8::1]:8080"]
    assert re.fullmatch(r"User-Agent: CodeRed-sweep/[0-9.]+ \(noc@example\.org\)", lines[2])
    assert "Connection: close" in lines
    assert raw.endswith(b"\r\n\r\n")
    assert name_host(Door(443, True, "www.example.org"), "192.0.2.1") == "www.example.org"
    assert name_host(Door(443, False, ""), "192.0.2.1") == "192.0.2.1:443"


@given(st.text(max_size=300))
def test_no_contact_can_add_a_field(contact: str) -> None:
    agent = write_agent(contact)
    assert agent.isascii()
    assert agent.isprintable()
    assert len(agent) < 150


def test_made_up_names() -> None:
    made = {make_up("/scripts/{random}.exe") for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"/scripts/[a-z]{12}\.exe", each) for each in made)
    assert not any("cmd" in each for each in made)


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("/index.html", "/index.html"), ("/web/#part", "/web/"),
        ("HTTP://192.0.2.1/web/Default.aspx", "/web/Default.aspx"),
        ("/login", "/login"), ("/next", ""), ("/index.html?a=b", ""),  # no server chooses what we send
        ("/cgi-bin/reboot", ""), ("/cgi-bin/", ""), ("/setup.cgi?action=reboot", ""),
        ("/delete?id=1", ""), ("/reboot/", ""),
        ("/", ""), ("", ""), ("http://192.0.2.1", ""), ("next", ""), ("//192.0.2.2/x", ""),
        ("http://192.0.2.2/x", ""),
        ("http://192.0.2.1:81/x", ""), ("http://192.0.2.1.example.org/x", ""), ("http://192.0.2.1@192.0.2.2/", ""),
        ("https://192.0.2.1/x", ""), ("/a b", ""), ("/a\r\nX: y", ""), ("/scripts/root.exe?/c+dir", ""),
        ("/..%c0%af..", ""),
        ("/\u00e9", ""),
    ],
)  # fmt: skip
def test_a_redirect_is_followed_on_the_same_door_only(place: str, path: str) -> None:
    assert find_redirect(Answer(status=302, fields={"location": place}), DOOR, "192.0.2.1") == path
    assert find_redirect(Answer(status=200, fields={"location": place}), DOOR, "192.0.2.1") == ""


def test_logs_of_those_who_were_swept_know_it_again() -> None:
    assert write_agent("noc@example.org").startswith(SWEEP_AGENT)
