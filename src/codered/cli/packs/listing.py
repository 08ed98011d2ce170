"""`codered packs list`: the packs, a line each."""

import rich_click as click

from codered.cli.options import as_json_option


@click.command("list")
@as_json_option
def command(as_json: bool) -> int:
    """List the packs, a line each."""
    from codered.cli.packs import viewing
    from codered.cli.running import load_named_packs

    packs = load_named_packs()
    click.echo(viewing.list_as_json(packs) if as_json else viewing.list_as_text(packs))
    return 0
