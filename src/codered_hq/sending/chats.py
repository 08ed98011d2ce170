"""Notices over HTTP: webhook, Slack-compatible, ntfy, Matrix."""

import base64
import hashlib
import hmac
from email.header import Header
from urllib.parse import quote

import msgspec

from codered_hq.config import NotifyConfig
from codered_hq.model.notice import Notice
from codered_hq.sending.talking import Call, call
from codered_hq.sending.wording import cut, cut_bytes, write_body, write_subject

MOST_SLACK = 38_000  # characters
MOST_NTFY = 4000  # bytes; a longer one becomes an attachment
MOST_MATRIX = 50_000  # bytes; an event has 65,536 at most
_SIGNATURE = "X-Codered-Signature"


def send_webhook(config: NotifyConfig, notice: Notice) -> None:
    """POST it as JSON; with a token, X-Codered-Signature is the HMAC-SHA256 of the body. Raises NotSent."""
    told = {"id": notice.id, "to": notice.to, "subject": write_subject(notice), "body": write_body(notice)}
    body = msgspec.json.encode({**told, "tlp": notice.tlp, "urgent": notice.urgent})
    headers = {"Content-Type": "application/json", "X-Codered-Id": notice.id}
    if config.token:
        headers[_SIGNATURE] = "sha256=" + hmac.new(config.token.encode(), body, hashlib.sha256).hexdigest()
    call(config, Call("POST", "", body, headers))


def send_slack(config: NotifyConfig, notice: Notice) -> None:
    """POST it to an incoming webhook (Slack, Mattermost, Rocket.Chat). Raises NotSent."""
    text = cut(f"{write_subject(notice)}\n{write_body(notice)}", MOST_SLACK)
    for sign, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):  # <!channel> in a host name calls nobody
        text = text.replace(sign, written)
    headers = {"Content-Type": "application/json", "X-Codered-Id": notice.id, **_show_who(config)}
    call(config, Call("POST", "", msgspec.json.encode({"text": text}), headers))


def send_ntfy(config: NotifyConfig, notice: Notice) -> None:
    """POST it to a topic. Raises NotSent."""
    subject = write_subject(notice)
    title = subject if subject.isascii() else Header(subject, "utf-8", maxlinelen=10_000).encode(linesep="")
    headers = {"Title": title, "Priority": "urgent" if notice.urgent else "default", "X-Codered-Id": notice.id}
    path = f"/{quote(notice.to, safe='')}" if notice.to else ""
    call(config, Call("POST", path, cut_bytes(write_body(notice), MOST_NTFY).encode(), headers | _show_who(config)))


def send_matrix(config: NotifyConfig, notice: Notice) -> None:
    """PUT it into a room; the transaction's id is the notice's, so a repeat is not shown twice. Raises NotSent."""
    text = cut_bytes(f"{write_subject(notice)}\n{write_body(notice)}", MOST_MATRIX)
    path = f"/_matrix/client/v3/rooms/{quote(notice.to, safe='')}/send/m.room.message/{quote(notice.id, safe='')}"
    body = msgspec.json.encode({"msgtype": "m.text", "body": text})
    call(config, Call("PUT", path, body, {"Content-Type": "application/json", **_show_who(config)}))


def _show_who(config: NotifyConfig) -> dict[str, str]:
    if config.token:
        return {"Authorization": f"Bearer {config.token}"}
    if config.user:
        pair = base64.b64encode(f"{config.user}:{config.password}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}
    return {}
