"""`codered evidence`: what was found, kept so that it would stand up, before anything is changed."""

from typing import Any, NamedTuple

import rich_click as click

from codered.cli.options import Decorated, as_json_option


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


@click.group("evidence")
def command() -> None:
    """Collect evidence before anything is changed, prove that it is unchanged, hand it on."""


@command.command()
@click.option("--plan", metavar="PLAN", help="What this plan is about.")
@click.option("--report", metavar="REPORT.json", help="What this report is about. Without both: the host's state.")
@click.option("-o", "--output", metavar="DIR", help="Make the container in this folder.")
@click.option("--budget", default="2GiB", show_default=True, metavar="SIZE", help="Keep at most so much.")
@click.option("--include-secrets", is_flag=True, help="Private keys, password files and environments too.")
@custody_options
@click.option("--tsa", metavar="URL", help="Have the seal time-stamped (RFC 3161) by this authority.")
@click.option("--yes", is_flag=True, help="Collect also what is over the budget, as far as it goes.")
@as_json_option
def collect(**given: Any) -> int:
    """Keep what would be lost: processes, connections, memory, then files, logs and the system's state."""
    from codered.cli import evidencing

    return evidencing.collect(CollectOptions(**given))


@command.command(name="list")
@click.option("-o", "--output", metavar="DIR", help="The containers in this folder.")
@as_json_option
def list_containers(output: str | None, as_json: bool) -> int:
    """List the containers, a line each."""
    from codered.cli import evidencing

    return evidencing.list_all(output, as_json)


@command.command()
@click.argument("container")
@click.option("--key", multiple=True, metavar="PUB", help="A public key that may have signed (repeatable).")
@click.option("--head", default="", metavar="HASH", help="The head that was published.")
@as_json_option
def verify(**given: Any) -> int:
    """Name every thing in a container (a folder or zip) that is not as it was sealed; 1 if there is any."""
    from codered.cli import evidencing

    return evidencing.verify(CheckOptions(**given))


@command.command()
@click.argument("container")
@click.option("--zip", metavar="FILE", help="The whole container as one file that can be verified.")
@click.option("--stix", metavar="FILE", help="A STIX 2.1 bundle.")
@click.option("--csv", metavar="FILE", help="A timeline.")
@click.option("--plain", metavar="FOLDER", help="The items as they were found: live content, handle with care.")
@custody_options
def export(**given: Any) -> int:
    """Write a container in other forms; the custody log says so."""
    from codered.cli import evidencing

    return evidencing.export(ExportOptions(**given))


@command.command()
@click.argument("container")
@click.option("--to", required=True, metavar="WHO", help="Who gets it.")
@click.option("--why", required=True, metavar="TEXT", help="What for.")
@custody_options
def transfer(**given: Any) -> int:
    """Enter in the custody log that a container was handed over."""
    from codered.cli import evidencing

    return evidencing.transfer(TransferOptions(**given))
