"""`codered packs`: list, show, check and try the threat packs."""

import rich_click as click

from codered.cli.options import as_json_option


@click.group("packs")
def command() -> None:
    """The threat packs: what the tool knows, as data."""


@command.command(name="list")
@as_json_option
def list_packs(as_json: bool) -> int:
    """List the packs, a line each."""
    from codered.cli import pack_views
    from codered.cli.running import load_named_packs

    click.echo(pack_views.list_as_json(load_named_packs()) if as_json else pack_views.list_as_text(load_named_packs()))
    return 0


@command.command()
@click.argument("name")
@as_json_option
def show(name: str, as_json: bool) -> int:
    """Show one pack: what it is, how it shows, what is done about it."""
    from codered.cli import pack_views
    from codered.cli.running import load_named_packs

    (loaded,) = load_named_packs((name,))
    click.echo(pack_views.show_as_json(loaded) if as_json else pack_views.show_as_text(loaded))
    return 0


@command.command()
@click.argument("names", nargs=-1, metavar="[NAME|FOLDER]...")
def lint(names: tuple[str, ...]) -> int:
    """Check packs strictly: every mistake with its line and what to do. Default: all packs."""
    from codered.cli import pack_checks

    return pack_checks.lint(names)


@command.command(name="test")
@click.argument("names", nargs=-1, metavar="[NAME|FOLDER]...")
def try_examples(names: tuple[str, ...]) -> int:
    """Scan every pack's own examples: hits must be found, clean ones must not. Default: all packs."""
    from codered.cli import pack_checks

    return pack_checks.try_examples(names)
