"""Groups whose words are partly headquarters': `contain` and `drill`."""

import importlib

import rich_click as click

from codered.cli import has_headquarters


class SharedWords(click.RichGroup):
    """The words about this host; where headquarters is there, those of its room of the same name (`NAME_words`) too."""

    def list_commands(self, context: click.Context) -> list[str]:
        """First this host's."""
        return [*super().list_commands(context), *self._read_others()]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command of a word, None if there is no such word."""
        return super().get_command(context, name) or self._read_others().get(name)

    def _read_others(self) -> dict[str, click.Command]:
        """By name, not by import: the host tool knows nothing of headquarters, and its one file has none."""
        if not has_headquarters():
            return {}
        commands: dict[str, click.Command] = importlib.import_module(f"codered_hq.cli.{self.name}_words").COMMANDS
        return commands
