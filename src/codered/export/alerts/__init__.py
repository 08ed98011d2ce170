"""Where alerts go: a file a way, in one explicit list."""

from collections.abc import Callable
from typing import Protocol

from codered.export.alerts.json_lines import JsonLines
from codered.export.alerts.syslog import Syslog
from codered.export.alerts.webhook import Webhook
from codered.model.monitoring import MonitorEvent


class AlertWay(Protocol):
    """A way for alerts. `send` never blocks for long and never fails; `troubles` says since the last call what did."""

    def send(self, event: MonitorEvent) -> None:
        """Take an alert."""
        ...

    def troubles(self) -> tuple[str, ...]:
        """What could not be delivered, in words."""
        ...

    def close(self) -> None:
        """Deliver what waits, for at most some seconds, and end."""
        ...


# To add a way: a file here, and a line; the key is its option.
ALERT_WAYS: dict[str, Callable[[str], AlertWay]] = {"syslog": Syslog, "jsonl": JsonLines, "webhook": Webhook}
"""Each takes its address or file and raises WrongUse if that is none."""
