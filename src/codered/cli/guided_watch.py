"""Has a host watched after a response."""

from codered.cli import monitoring
from codered.cli.monitor_options import MonitorOptions


def install_watch(plan: str, length: str) -> None:
    """Have the system watch what the plan of this file touched for so long ("72h"), also after a start of the host.
    Raises WrongUse, Refused.
    """
    monitoring.monitor(
        MonitorOptions(
            words=(), length=length, plan=plan, on_finding="tell", every="1h", syslog=None, jsonl=None, webhook=None,
            name=None, only=False, install=True, resume=None, dry_run=False, output=None, as_json=False,
        )
    )  # fmt: skip
