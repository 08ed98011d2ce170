"""`codered packs test`: packs against their own examples."""

import rich_click as click


@click.command("test")
@click.argument("names", nargs=-1, metavar="[NAME|FOLDER]...")
def command(names: tuple[str, ...]) -> int:
    """Scan every pack's own examples: hits must be found, clean ones must not. Default: all packs."""
    from codered.cli.packs import checking

    return checking.try_examples(names)
