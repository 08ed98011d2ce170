"""Options of `codered evidence`, and what its words hand on."""

from typing import NamedTuple

import rich_click as click

from codered.cli.options import Decorated


class CollectOptions(NamedTuple):
    """What the user said to `codered evidence collect`."""

    plan: str | None
    report: str | None
    output: str | None
    budget: str
    include_secrets: bool
    by: str
    authority: str
    tsa: str | None
    key: str | None
    yes: bool
    as_json: bool


class ExportOptions(NamedTuple):
    """What the user said to `codered evidence export`."""

    container: str
    zip: str | None
    stix: str | None
    csv: str | None
    plain: str | None
    by: str
    authority: str
    key: str | None


class TransferOptions(NamedTuple):
    """What the user said to `codered evidence transfer`."""

    container: str
    to: str
    why: str
    by: str
    authority: str
    key: str | None


class CheckOptions(NamedTuple):
    """What the user said to `codered evidence verify`."""

    container: str
    key: tuple[str, ...]
    head: str
    as_json: bool


def custody_options(function: Decorated) -> Decorated:
    """`--by`, `--authority` and `--key`, for the custody log."""
    by = click.option("--by", default="", metavar="NAME", help="Who does it. Default: user@host.")
    right = click.option("--authority", default="", metavar="TEXT", help="On whose authority, for the custody log.")
    text = "Sign with this private key. Default: the host's own, made when there is none."
    return by(right(click.option("--key", metavar="FILE", help=text)(function)))
