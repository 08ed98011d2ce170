"""`codered packs`: list, show, make, check, bring and carry the threat packs. To add a word: a file here and its line
in WORDS.
"""

import importlib

import rich_click as click

WORDS = {
    "list": "listing",
    "show": "showing",
    "lint": "linting",
    "test": "testing",
    "new": "drafting",
    "try": "trying",
    "explain": "explaining",
    "bench": "benching",
    "import": "importing",
    "export": "exporting",
    "update": "updating",
    "sources": "sourcing",
    "publish": "publishing",
}
"""A word and the file that has its command: what is there, what is made, what goes out and comes in."""


class PackWords(click.RichGroup):
    """Finds the command of a word in its own file."""

    def list_commands(self, _context: click.Context) -> list[str]:
        """The words in the order of the work."""
        return list(WORDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """The command of a word, None if there is no such word."""
        if name not in WORDS:
            return None
        command: click.Command = importlib.import_module(f"codered.cli.packs.{WORDS[name]}").command
        return command


@click.group("packs", cls=PackWords)
def command() -> None:
    """The threat packs: what the tool knows, as data."""
