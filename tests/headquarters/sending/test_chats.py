"""Webhook, Slack, ntfy and Matrix against a real HTTP server."""

import base64
import hashlib
import hmac
from email.header import decode_header

import msgspec

from codered_hq.config import NotifyConfig
from codered_hq.model.notice import Notice
from codered_hq.sending.chats import send_matrix, send_ntfy, send_slack, send_webhook
from tests.fixtures.notice_servers import Seen, running_http

NOTICE = Notice(to="!room:hq.test", subject="Two – hosts\r\nX: y", body="<!channel> & all\x07", tlp="GREEN", id="id7")


def _config(way: str, url: str, **given: str) -> NotifyConfig:
    return msgspec.convert({"name": way, "way": way, "url": url, **given}, NotifyConfig)


def test_each_way_says_the_same_in_its_own_form() -> None:
    seen = Seen()
    with running_http(seen) as url:
        send_webhook(_config("webhook", f"{url}/hook?a=1", token="secret"), NOTICE)
        send_slack(_config("slack", f"{url}/services/T"), NOTICE)
        send_ntfy(_config("ntfy", url, user="u", password="p"), NOTICE)
        send_matrix(_config("matrix", f"{url}/", token="t0"), NOTICE)
        send_ntfy(_config("ntfy", f"{url}/topic"), msgspec.structs.replace(NOTICE, to="", urgent=True, body="ü" * 9000))
    hook, slack, ntfy, matrix, long = seen.requests
    told = seen.json(0)
    assert (hook[0], hook[1], hook[2]["x-codered-id"], told["id"]) == ("POST", "/hook?a=1", "id7", "id7")
    assert hook[2]["x-codered-signature"] == "sha256=" + hmac.new(b"secret", hook[3], hashlib.sha256).hexdigest()
    assert told["subject"] == "[TLP:GREEN] Two – hosts X: y"
    assert (told["tlp"], told["urgent"]) == ("GREEN", False)
    assert told["body"] == "TLP:GREEN\n\n<!channel> & all\\x07\n\nTLP:GREEN\n"
    assert "&lt;!channel&gt; &amp; all" in seen.json(1)["text"]
    assert "<" not in seen.json(1)["text"]
    assert slack[1] == "/services/T"
    assert "authorization" not in slack[2]
    assert (ntfy[1], ntfy[2]["priority"]) == ("/%21room%3Ahq.test", "default")
    assert ntfy[2]["authorization"] == "Basic " + base64.b64encode(b"u:p").decode()
    assert decode_header(ntfy[2]["title"])[0][0].decode() == "[TLP:GREEN] Two – hosts X: y"
    assert matrix[:2] == ("PUT", "/_matrix/client/v3/rooms/%21room%3Ahq.test/send/m.room.message/id7")
    assert matrix[2]["authorization"] == "Bearer t0"
    assert seen.json(3)["msgtype"] == "m.text"
    assert (long[1], long[2]["priority"]) == ("/topic", "urgent")
    assert len(long[3]) <= 4000
    assert long[3].decode().endswith("…")
