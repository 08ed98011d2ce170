"""Mail to a real server: over TLS, with a login, to receivers that are refused; and servers that behave badly."""

import email
import socket
import time
from email.policy import default
from pathlib import Path

import pytest

from codered_hq.config import NotifyConfig
from codered_hq.model.notice import Notice
from codered_hq.sending import mail_clients
from codered_hq.sending.mail import is_address, send_mail, write_mail
from codered_hq.sending.not_sent import NotSent
from tests.fixtures.notice_servers import (
    Mailbox,
    check_login,
    find_free_port,
    make_certificate,
    running_mail,
    running_raw,
)

PLAIN = NotifyConfig(name="post", way="mail", url="", sender="hq@example.test", starttls=False)
NOTICE = Notice(to="kim@example.test", subject="Two – hosts", body="infected: ü\n.\nend", urgent=True, id="abc1")


def _at(port: int, **given: object) -> NotifyConfig:
    fields = {name: getattr(PLAIN, name) for name in PLAIN.__struct_fields__}
    return NotifyConfig(**(fields | {"url": f"smtp://127.0.0.1:{port}"} | given))


def _fail(config: NotifyConfig, notice: Notice = NOTICE) -> NotSent:
    with pytest.raises(NotSent) as failed:
        send_mail(config, notice)
    assert failed.value.why.startswith("post: ")
    return failed.value


def test_over_tls_with_a_login_a_mail_arrives_whole(tmp_path: Path) -> None:
    context, ca = make_certificate(tmp_path)
    box = Mailbox()
    options = {"tls_context": context, "require_starttls": True, "authenticator": check_login, "auth_required": True}
    with running_mail(box, **options) as port:
        config = _at(port, starttls=True, ca_file=str(ca), user="crisis", password="letmein")
        send_mail(config, NOTICE)
        wrong = _fail(_at(port, starttls=True, ca_file=str(ca), user="crisis", password="no"))
        distrusted = _fail(_at(port, starttls=True, user="crisis", password="letmein"))
    mail = email.message_from_bytes(box.mails[0], policy=default)
    assert (box.receivers, box.sealed, len(box.mails)) == (["kim@example.test"], [True], 1)
    assert (mail["Message-ID"], mail["X-Codered-Id"], mail["Importance"]) == ("<abc1@example.test>", "abc1", "high")
    assert mail["Subject"] == "[TLP:AMBER] URGENT: Two – hosts"
    assert mail.get_content().replace("\r", "") == "TLP:AMBER\n\ninfected: ü\n.\nend\n\nTLP:AMBER\n"
    assert wrong.whole
    assert not wrong.lasting
    assert "535" in wrong.why
    assert distrusted.whole
    assert not distrusted.lasting
    assert "certificate" in distrusted.why.lower()


def test_what_a_server_refuses_for_good_is_lasting_and_for_now_is_not() -> None:
    box = Mailbox(gone="550 no such person\x1b[2J", grey="451 come back later", data="452 disk full")
    with running_mail(box) as port:
        gone = _fail(_at(port), Notice(to="gone@example.test", subject="s", body="b"))
        grey = _fail(_at(port), Notice(to="grey@example.test", subject="s", body="b"))
        full = _fail(_at(port), NOTICE)
        clear = _fail(_at(port, starttls=True))
    assert (gone.lasting, gone.whole) == (True, False)
    assert "550 no such person\\x1b" in gone.why
    assert (grey.lasting, grey.whole) == (False, False)
    assert "451" in grey.why
    assert not full.lasting
    assert "452" in full.why
    assert clear.whole
    assert "STARTTLS" in clear.why


def test_a_server_that_hangs_floods_closes_or_is_away_costs_a_short_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_clients, "STEP_SECONDS", 0.3)
    monkeypatch.setattr(mail_clients, "WHOLE_SECONDS", 0.6)

    def hang(connected: socket.socket) -> None:
        connected.recv(1000)

    def flood(connected: socket.socket) -> None:
        while True:
            connected.sendall(b"220-" + b"x" * 4000 + b"\r\n")

    def drip(connected: socket.socket) -> None:
        while True:
            connected.sendall(b"2")
            time.sleep(0.05)

    def leave(connected: socket.socket) -> None:
        connected.sendall(b"220 hello\r\n")
        connected.recv(1000)

    for talk, told in ((hang, "timed out"), (flood, "without end"), (drip, ""), (leave, "closed")):
        with running_raw(talk) as port:
            failed = _fail(_at(port))
            assert (failed.whole, failed.lasting, told in failed.why) == (True, False, True), talk
    assert "refused" in _fail(_at(find_free_port())).why


def test_no_header_and_no_second_receiver_can_be_smuggled_in() -> None:
    evil = "x\r\nBcc: all@example.test\r\n\r\nbody\u202e"
    written = write_mail(PLAIN, Notice(to="kim@example.test", subject=evil, body=f"{evil}\x1b[2J", id="i"))
    read = email.message_from_bytes(written.as_bytes(), policy=default)
    assert read["Bcc"] is None
    assert "\\u202e" in read["Subject"]
    assert "\\x1b[2J" in read.get_content()
    for wrong in (
        "kim@example.test\r\nRCPT TO:<a@b>", "a@b,c@d", "<a@b>", "a b@c", "@b", "a@", "a", "-a@b", "a@-b", "ü@b.test",
        "a@b@c", '"a"@b', "a@b" * 200, "",
    ):  # fmt: skip
        assert not is_address(wrong), wrong
        with pytest.raises(NotSent) as failed:
            write_mail(PLAIN, Notice(to=wrong, subject="s", body="b"))
        assert failed.value.lasting
    assert is_address("kim.lee+hq@mail.example.test")
    for url in ("http://127.0.0.1", "smtp://", "smtp://[::1", "smtp://x:99999999", ""):
        assert "its url must be" in _fail(_at(1, url=url)).why
    far = _fail(_at(1, url="smtp://mail.example.test", user="u", password="p"))
    assert "in the clear" in far.why
    assert _fail(_at(1, sender="nobody")).whole
