"""`codered self-check`: can this installation be trusted, and what can it do here?"""

import rich_click as click

from codered.cli.options import as_json_option


@click.command("self-check")
@click.option(
    "--release", metavar="FILE", type=click.Path(exists=True, dir_okay=False),
    help="Compare the own files with this signed release.json and the package of it that lies beside it.",
)  # fmt: skip
@click.option(
    "--key", metavar="KEY.pem", type=click.Path(exists=True, dir_okay=False),
    help="The publisher's public key, from elsewhere than the release.",
)  # fmt: skip
@as_json_option
def command(release: str | None, key: str | None, as_json: bool) -> int:
    """Check this installation: its own files, its packs, what it finds and removes, and which layers work here.

    Nothing is changed but temporary folders. A list that lies beside the files proves damage, never that nobody
    changed both: for that, give --release and --key.

    Exits with 0 if all is well, 1 if something is wrong, 3 if something could not be checked. What does not work on
    this host (no root, a part that is not installed) is told, and is neither.
    """
    if bool(release) != bool(key):
        raise click.UsageError("--release and --key stand together")
    from codered.cli import self_checking

    return self_checking.check(release, key, as_json)
