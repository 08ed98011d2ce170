"""Who says a word of headquarters that decides or changes something: --as and --key."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import rich_click as click

if TYPE_CHECKING:
    from codered_hq.incidents.people import Speaker

Decorated = Callable[..., Any]


def speaker_options(function: Decorated) -> Decorated:
    """Who speaks, and the proof of it."""
    for option in (
        click.option(
            "--key", "key_file", default="", envvar="CODERED_KEY", metavar="FILE", help="Your private key."
        ),
        click.option(
            "--as", "as_name", default="", envvar="CODERED_AS", metavar="NAME",
            help="Who you are in the team. Default: whose key, or whose account of this system it is.",
        ),
    ):  # fmt: skip
        function = option(function)
    return function


def find_speaker(given: dict[str, Any]) -> "Speaker":
    """Who speaks, from what was given by `speaker_options`. Headquarters must be open. Raises Refused and WrongUse."""
    from codered_hq.incidents.people import speak

    return speak(given["as_name"], given["key_file"])
