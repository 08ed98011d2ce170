"""Terminal colours. They are put around words of our own after everything has been measured, never taken from data."""

from typing import Literal

Shade = Literal["bold", "dim", "red", "yellow", "green", "cyan"]

_CODES: dict[Shade, str] = {"bold": "1", "dim": "2", "red": "1;31", "yellow": "1;33", "green": "1;32", "cyan": "36"}

SHADE_OF_VERDICT: dict[str, Shade] = {
    "infected": "red",
    "suspicious": "yellow",
    "vulnerable": "yellow",
    "incomplete": "yellow",
    "attacked": "cyan",
    "clean": "green",
}
SHADE_OF_CONFIDENCE: dict[str, Shade] = {"confirmed": "red", "likely": "yellow", "suspicious": "cyan"}


class Paint:
    """Colours words when `colour` is on, and leaves them alone when it is off."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def shade(self, text: str, shade: Shade) -> str:
        """The text in this shade."""
        return f"\x1b[{_CODES[shade]}m{text}\x1b[0m" if self._colour and text else text

    def shade_start(self, lines: list[str], start: str, shade: Shade) -> list[str]:
        """The lines, with `start` shaded where the first of them begins with it."""
        if not lines or not lines[0].startswith(start):
            return lines
        return [self.shade(start, shade) + lines[0][len(start) :], *lines[1:]]

    def head(self, title: str) -> list[str]:
        """A section's heading with a rule under it and an empty line above."""
        return ["", self.shade(title, "bold"), self.shade("-" * len(title), "dim")]
