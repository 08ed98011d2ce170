"""Options that several words of `codered incident` and `codered task` share."""

from collections.abc import Callable
from typing import Any

import rich_click as click

from codered_hq.model.crisis import ROLES

Decorated = Callable[..., Any]


def name_argument(function: Decorated) -> Decorated:
    """The incident, where it is what the word is about."""
    return click.argument("name", metavar="[NAME]", default="")(function)


def incident_option(function: Decorated) -> Decorated:
    """The incident, where something else is what the word is about."""
    text = "The incident. Default: the only one that is open."
    return click.option("--incident", default="", metavar="NAME", help=text)(function)


def role_option(*, required: bool = False, default: str | None = None) -> Callable[[Decorated], Decorated]:
    """A role of the crisis team."""
    choice = click.Choice(ROLES if required or default is None else ["", *ROLES])
    said: dict[str, Any] = {} if default is None else {"default": default}
    text = f"One of {', '.join(ROLES)}."
    return click.option("--role", required=required, type=choice, metavar="ROLE", help=text, **said)
