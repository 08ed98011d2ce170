"""`codered drill`: practise on something harmless."""

import rich_click as click

from codered.cli.shared_words import SharedWords


@click.group("drill", cls=SharedWords)
def command() -> None:
    """Practise on something harmless: the real commands, on what the drill makes itself."""


@command.command()
@click.option("--keep", is_flag=True, help="Keep the drill's folder to look at.")
@click.option("--quiet", "-q", is_flag=True, help="Only a line a step.")
def host(keep: bool, quiet: bool) -> int:
    """Infect an inert Windows-laid-out volume with markers, then look, plan, apply, verify, roll back, apply again.

    Shows each step as a user sees it, and fails (exit 1) if anything is not as it must be.
    """
    from codered.cli import drilling

    return drilling.run_host_drill(keep, quiet)
