"""Has a host watched after a response."""

from codered.cli import monitoring
from codered.cli.lengths import parse_length
from codered.cli.monitor_options import MonitorOptions
from codered.model.errors import Refused, WrongUse
from codered.remediate.at_boot import check_boots
from codered.targets import open_target


def check_length(length: str) -> None:
    """Raises WrongUse where a watch can't last so long."""
    if not parse_length(length, "--monitor"):
        raise WrongUse("a watch must last", where="--monitor", advice="write 90s, 30m, 72h or 7d")


def install_watch(plan: str, length: str) -> None:
    """Have the system watch what the plan of this file touched for so long ("72h"), also after a start of the host.
    Raises WrongUse, Refused.
    """
    try:
        check_boots(open_target())  # before a watch is noted that nobody starts
    except Refused:
        what = "this host is not started by systemd, so nothing would start the watch"
        raise Refused(what, advice="start it yourself: codered monitor, without --install") from None
    monitoring.monitor(
        MonitorOptions(
            words=(), length=length, plan=plan, on_finding="tell", every="1h", syslog=None, jsonl=None, webhook=None,
            name=None, only=False, install=True, resume=None, dry_run=False, output=None, as_json=False,
        )
    )  # fmt: skip
