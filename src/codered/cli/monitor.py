"""`codered monitor`: watch a cleaned host for what comes back."""

from typing import Any

import rich_click as click

from codered.cli.monitor_options import LENGTH, MonitorOptions
from codered.cli.options import as_json_option


@click.command("monitor")
@click.argument("words", nargs=-1, metavar="[PATH]... | status [NAME] | stop NAME")
@click.option("--for", "length", default=LENGTH, metavar="TIME", help="How long, as 90s, 30m or 7d. Default: 72h.")
@click.option("--plan", metavar="PLAN", help="Also the places this plan touched; what it removed is known again.")
@click.option(
    "--on-finding", type=click.Choice(["tell", "contain"]), default="tell", help="tell: alert; contain: freeze it too."
)
@click.option("--every", default="1h", metavar="TIME", help="A light look everywhere this often; 0s = never.")
@click.option("--syslog", metavar="WHERE", help="Alerts as RFC 5424: udp://HOST:PORT, tcp://HOST:PORT or /dev/log.")
@click.option("--jsonl", metavar="FILE", help="Alerts as JSON lines at the end of this file.")
@click.option("--webhook", metavar="URL", help="Alerts as JSON posted to this address.")
@click.option("--name", metavar="NAME", help="A name for this watch. Default: the plan's id, or host.")
@click.option("--only", is_flag=True, help="Of the files, only PATH and the plan's places.")
@click.option("--install", is_flag=True, help="Have systemd run it, so that it survives a reboot.")
@click.option("--resume", metavar="NAME", help="Go on with an unfinished watch, as it was begun.")
@click.option("--dry-run", is_flag=True, help="Show what would be watched.")
@click.option("-o", "--output", metavar="FILE", help="Also write the report here: .json, else as text.")
@as_json_option
def command(**given: Any) -> int:
    """Watch this host: what the plan touched, and where worms come back: cron, units, accounts, keys, web roots,
    temporary folders, PATHs; new listeners and program starts. What changes is judged at once, as in a scan.

    Nothing is changed, but `--on-finding contain` freezes a process, journaled; `codered rollback` lets it go. After a
    crash the same command, or --resume NAME, goes on: the time between is named, and all is looked at again.

    Exits with 0 if nothing came back, 1 if something did, 3 if there was a time or place that was not watched.
    """
    from codered.cli import monitoring

    return monitoring.monitor(MonitorOptions(**given))
