"""`codered packs show`: one pack."""

import rich_click as click

from codered.cli.options import as_json_option


@click.command("show")
@click.argument("name")
@as_json_option
def command(name: str, as_json: bool) -> int:
    """Show one pack: what it is, how it shows, what is done about it."""
    from codered.cli.packs import viewing
    from codered.cli.running import load_named_packs

    (loaded,) = load_named_packs((name,))
    click.echo(viewing.show_as_json(loaded) if as_json else viewing.show_as_text(loaded))
    return 0
