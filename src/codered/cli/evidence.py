"""`codered evidence`: what was found, kept so that it would stand up, before anything is changed."""

from typing import Any

import rich_click as click

from codered.cli.evidence_options import (
    CheckOptions,
    CollectOptions,
    ExportOptions,
    TransferOptions,
    custody_options,
)
from codered.cli.options import as_json_option


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
@click.option(
    "--key",
    multiple=True,
    metavar="PUB",
    help="A public key that may have signed (repeatable). Default: the keys this host trusts.",
)
@click.option("--head", default="", metavar="HASH", help="The head that was published.")
@as_json_option
def verify(**given: Any) -> int:
    """Name every thing in a container (a folder or zip) or a ledger (JSON lines) that is not as it was sealed; 1 if
    there is any, 3 if nobody who is trusted here signed it.
    """
    from codered.cli import evidence_checking

    return evidence_checking.verify(CheckOptions(**given))


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
