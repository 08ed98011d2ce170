"""`codered drill`: practise on something harmless."""

import importlib

import rich_click as click

from codered.cli import has_headquarters

HQ_ROOM = "codered_hq.cli.drill_words"


class DrillWords(click.RichGroup):
    """The words about this host; where headquarters is there, those of its drills too."""

    def list_commands(self, context: click.Context) -> list[str]:
        """First this host's."""
        return [*super().list_commands(context), *_read_crisis_words()]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command of a word, None if there is no such word."""
        return super().get_command(context, name) or _read_crisis_words().get(name)


def _read_crisis_words() -> dict[str, click.Command]:
    """By name, not by import: the host tool knows nothing of headquarters, and its one file has none."""
    if not has_headquarters():
        return {}
    commands: dict[str, click.Command] = importlib.import_module(HQ_ROOM).COMMANDS
    return commands


@click.group("drill", cls=DrillWords)
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
