"""`codered packs lint`: every mistake of packs."""

import rich_click as click


@click.command("lint")
@click.argument("names", nargs=-1, metavar="[NAME|FOLDER]...")
def command(names: tuple[str, ...]) -> int:
    """Check packs strictly: every mistake with its line and what to do. Default: all packs."""
    from codered.cli.packs import checking

    return checking.lint(names)
