"""One notice over one way, now. What is to be kept until it went through is in incidents/outbox."""

from collections.abc import Callable, Mapping
from typing import Final

from codered_hq.config import NotifyConfig
from codered_hq.model.notice import Notice
from codered_hq.sending.chats import send_matrix, send_ntfy, send_slack, send_webhook
from codered_hq.sending.mail import send_mail
from codered_hq.sending.not_sent import NotSent

WAYS: Final[Mapping[str, Callable[[NotifyConfig, Notice], None]]] = {
    "mail": send_mail,
    "webhook": send_webhook,
    "slack": send_slack,
    "ntfy": send_ntfy,
    "matrix": send_matrix,
}
NEVER_RED = "TLP:RED is for the people it is told to, by voice: no way of headquarters.toml carries it"


def deliver(config: NotifyConfig, notice: Notice) -> None:
    """Send it. Raises NotSent, also for TLP:RED, whatever the way: servers on it would keep it."""
    if notice.tlp == "RED":
        raise NotSent(NEVER_RED, lasting=True)
    WAYS[config.way](config, notice)
