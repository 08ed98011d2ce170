"""Options that several words of `codered fleet` share."""

from collections.abc import Callable
from typing import Any

import rich_click as click

from codered_hq.cli.hosts import selection_options
from codered_hq.cli.speaking import speaker_options

Decorated = Callable[..., Any]


def hosts_options(function: Decorated) -> Decorated:
    """HOST… or RUN, what narrows them down, or all."""
    function = click.option("--all", "everything", is_flag=True, help="All hosts of the inventory.")(function)
    return click.argument("names", nargs=-1, metavar="[HOST|RUN]…")(selection_options(function))


def change_options(function: Decorated) -> Decorated:
    """How a change is agreed to, why, and by whom."""
    for option in (
        click.option("--dry-run", is_flag=True, help="Show what would change on how many hosts; send nothing."),
        click.option("--yes", is_flag=True, help="Do not ask."),
        click.option(
            "--reason", default="", metavar="TEXT", help="Why, for those who must approve it, and the ledger."
        ),
    ):
        function = option(function)
    return speaker_options(function)


def incident_option(function: Decorated) -> Decorated:
    """Which incident a run belongs to."""
    return click.option("--incident", default="", metavar="NAME", help="The incident that this belongs to.")(function)
