"""A notice by mail: one message to one receiver, over TLS wherever a password or the network is in play."""

import smtplib
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import format_datetime
from typing import TypeGuard
from urllib.parse import urlsplit

from codered.export.writing.escaping import printable
from codered_hq.config import NotifyConfig
from codered_hq.model.notice import Notice
from codered_hq.sending.mail_clients import PlainClient, SealedClient
from codered_hq.sending.not_sent import MOST_WORDS, NotSent
from codered_hq.sending.talking import is_loopback, make_tls, tell_error
from codered_hq.sending.wording import write_body, write_subject

MOST_ADDRESS = 254
_NEVER = frozenset(" \t\r\n\"(),:;<>[]\\|&`'")  # nothing of the kind is needed, and all of it was misused
_PORTS = {"smtp": 25, "smtps": 465}


def send_mail(config: NotifyConfig, notice: Notice) -> None:
    """Hand it to the mail server. Raises NotSent; a receiver that is refused for good is lasting."""
    message = write_mail(config, notice)
    client = _connect(config)
    try:
        client.send_message(message, config.sender, [notice.to])
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise NotSent(f"{config.name}: refuses the receiver: {_tell(code, said)}", lasting=code >= 500) from None
    except smtplib.SMTPSenderRefused as error:  # our own address: can be mended
        raise NotSent(f"{config.name}: {_tell(error.smtp_code, error.smtp_error)}", whole=True) from None
    except smtplib.SMTPResponseException as error:
        told = f"{config.name}: {_tell(error.smtp_code, error.smtp_error)}"
        raise NotSent(told, lasting=error.smtp_code >= 500) from None
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise NotSent(f"{config.name}: {tell_error(error)}", whole=True) from None
    finally:
        client.close()


def write_mail(config: NotifyConfig, notice: Notice) -> EmailMessage:
    """The message. Its Message-ID is that of the notice, so that a repeat is recognised. Raises NotSent."""
    for address, lasting in ((notice.to, True), (config.sender, False)):
        if not is_address(address):
            what = "receiver" if lasting else "sender"
            raise NotSent(f"{config.name}: the {what} is no mail address", lasting=lasting, whole=not lasting)
    message = EmailMessage(policy=POLICY)
    message["From"], message["To"], message["Subject"] = config.sender, notice.to, write_subject(notice)
    message["Date"] = format_datetime(datetime.now(UTC))
    if notice.id:
        message["Message-ID"] = f"<{notice.id}@{config.sender.rpartition('@')[2]}>"
        message["X-Codered-Id"] = notice.id
    message["Auto-Submitted"] = "auto-generated"  # no absence note comes back
    if notice.urgent:
        message["Importance"] = "high"
    message.set_content(write_body(notice))
    return message


def is_address(text: str) -> bool:
    """Whether it is one plain mail address: ASCII, one @, nothing that a header or a command could be made of."""
    name, at, domain = text.partition("@")
    plain = text.isascii() and text.isprintable() and not _NEVER.intersection(text) and len(text) <= MOST_ADDRESS
    return bool(plain and at and name and domain and "@" not in domain and name[0] != "-" and domain[0] not in ".-")


def _connect(config: NotifyConfig) -> smtplib.SMTP:
    try:
        parts = urlsplit(config.url)
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        host, port = "", 0
    if not host or not port or parts.scheme not in _PORTS:
        raise NotSent(f"{config.name}: its url must be smtp://HOST:PORT or smtps://HOST:PORT", whole=True)
    sealed = parts.scheme == "smtps"
    if config.password and not (sealed or config.starttls or is_loopback(host)):
        raise NotSent(f"{config.name}: a password is not sent in the clear: set starttls", whole=True)
    client: smtplib.SMTP | None = None
    try:
        us = config.sender.rpartition("@")[2]
        client = SealedClient(host, port, us, make_tls(config)) if sealed else PlainClient(host, port, us)
        if config.starttls and not sealed:
            client.starttls(context=make_tls(config))
        if config.user:
            client.login(config.user, config.password)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        if client is not None:
            client.close()
        told = _tell(error.smtp_code, error.smtp_error) if _is_answer(error) else tell_error(error)
        raise NotSent(f"{config.name}: {told}", whole=True) from None
    return client


def _is_answer(error: Exception) -> TypeGuard[smtplib.SMTPResponseException]:
    return isinstance(error, smtplib.SMTPResponseException)


def _tell(code: int, said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return printable(f"answers {code} {' '.join(text.split())}")[:MOST_WORDS]
