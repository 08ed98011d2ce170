"""The options of `codered respond`."""

from typing import NamedTuple

import rich_click as click

from codered.cli.options import Decorated


class RespondOptions(NamedTuple):
    """What the user said to `codered respond`. `resume` is a response's id, "" the newest one, None = a new one."""

    paths: tuple[str, ...]
    root: str | None
    fast: bool
    staged: bool
    yes: bool
    resume: str | None
    baseline: str | None
    restore_from: str | None
    packages: tuple[str, ...]
    keyring: str | None
    lists: str | None
    offline: bool
    patch: bool
    include_suspicious: bool
    no_evidence: str | None
    budget: str | None
    monitor: str | None
    as_json: bool
    output: tuple[str, ...]
    no_firewall: bool = False


_OPTIONS = (
    click.option("--root", metavar="DIR", help="An offline system: a mounted volume, or an unpacked tree."),
    click.option(
        "--fast", is_flag=True, help="Look only at what runs, what starts by itself and what that points to."
    ),
    click.option(
        "--staged", is_flag=True, help="Look, plan and advise; change nothing. The default where nobody can be asked."
    ),
    click.option("--yes", is_flag=True, help="Take every step without asking."),
    click.option(
        "--resume", metavar="[ID]", is_flag=False, flag_value="", default=None,
        help="Go on with a response that was staged, stopped, or waits for a start of the host. Default: the newest.",
    ),
    click.option("--patch", is_flag=True, help="Also upgrade the packages whose hole let it in."),
    click.option("--include-suspicious", is_flag=True, help="Also plan what is only suspicious."),
    click.option("--no-evidence", metavar="REASON", help="Collect no evidence, and note why."),
    click.option("--budget", metavar="SIZE", help="How much evidence may be collected, as 2GiB."),
    click.option("--no-firewall", is_flag=True, help="Leave the firewall alone; else the threat's ports are blocked."),
    click.option("--monitor", metavar="TIME", help="In the end watch the host for this long, as 72h."),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON document."),
    click.option(
        "-o", "--output", multiple=True, metavar="FILE",
        help="Also write the response here, by its ending: .html .json .txt (repeatable).",
    ),
)  # fmt: skip


def respond_options(function: Decorated) -> Decorated:
    """All options of `codered respond` but those about sources."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function
