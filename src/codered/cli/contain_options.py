"""What `codered contain` takes."""

from typing import NamedTuple

import rich_click as click

from codered.cli.options import Decorated


class OnOptions(NamedTuple):
    """What the user said to `codered contain on`."""

    isolate: bool
    block: tuple[str, ...]
    packs: tuple[str, ...]
    throttle: str | None
    allow: tuple[str, ...]
    confirm_within: str | None
    undo_after: str | None
    survive_reboot: bool
    freeze: tuple[int, ...]
    cut_my_session: bool
    dry_run: bool
    yes: bool
    as_json: bool


class AutoOptions(NamedTuple):
    """What the user said to `codered contain --auto`."""

    length: str
    cap: int
    first: str
    undo_after: str
    allow: tuple[str, ...]
    syslog: str | None
    jsonl: str | None
    webhook: str | None
    as_json: bool


_ALLOW = click.option("--allow", multiple=True, metavar="CIDR", help="This network stays reachable (repeatable).")
_ON = (
    click.option("--isolate", is_flag=True, help="Nothing in or out. The default if nothing else is named."),
    click.option("--block", multiple=True, metavar="PORTS", help="No connections out to these: tcp:80,443 or udp:53."),
    click.option("--pack", "packs", multiple=True, metavar="NAME", help="No connections out to this threat's ports."),
    click.option("--throttle", metavar="RATE", help="So many new connections out, no more: 2/s, 30/m, 2/h."),
    _ALLOW,
    click.option(
        "--confirm-within", metavar="TIME",
        help="The kernel opens it by itself unless it is confirmed. Default: 60s to isolate; 0 = never at a "
        "console, and for all else.",
    ),
    click.option("--undo-after", metavar="TIME", help="Undo it by itself after this time, as 2h."),
    click.option("--survive-reboot", is_flag=True, help="Have systemd set it again when this host starts."),
    click.option("--freeze", type=int, multiple=True, metavar="PID", help="Freeze this process besides (repeatable)."),
    click.option("--cut-my-session", is_flag=True, help="Even if it ends your own session; needs --yes."),
)  # fmt: skip
_AUTO = (
    click.option("--auto", is_flag=True, help="Watch, and contain by itself what is confirmed."),
    click.option("--for", "length", default="24h", show_default=True, metavar="TIME", help="How long it watches."),
    click.option(
        "--cap", type=click.IntRange(1, 1000), default=3, show_default=True,
        help="So many an hour at most; then new connections are only slowed.",
    ),
    click.option(
        "--first", type=click.Choice(["throttle", "block", "freeze", "isolate"]), default=None,
        help="What to do first, for all of this host. Default: freeze the process, close its port for its users.",
    ),
    click.option(
        "--undo-after", default="30m", show_default=True, metavar="TIME",
        help="Undo it after this time, unless it is confirmed.",
    ),
    _ALLOW,
    click.option("--syslog", metavar="WHERE", help="Alerts as RFC 5424: udp://HOST:PORT, tcp://HOST:PORT or /dev/log."),
    click.option("--jsonl", metavar="FILE", help="Alerts as JSON lines at the end of this file."),
    click.option("--webhook", metavar="URL", help="Alerts as JSON posted to this address."),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON document at the end."),
)  # fmt: skip


def on_options(function: Decorated) -> Decorated:
    """All options of `codered contain on` but those of every changing word."""
    for option in reversed(_ON):
        function = option(function)
    return function


def auto_options(function: Decorated) -> Decorated:
    """All options of `codered contain --auto`."""
    for option in reversed(_AUTO):
        function = option(function)
    return function
