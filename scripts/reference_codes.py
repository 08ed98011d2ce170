"""The page of the exit codes."""

import re
from collections.abc import Mapping

from codered.model.errors import ExitCode
from scripts.command_pages import Word
from scripts.reference_exits import EVERY, KINDS
from scripts.reference_texts import MADE, TEXTS
from scripts.reference_words import escape

_HEAD = (
    "Fixed, and the same for every word. With an error, one line on stderr says what, where and what to do, and "
    "stdout stays empty."
)
_OWN = re.compile(r"\b[Ee]xits? (?:with )?\(?\d|\bexit \d|\(exit \d|: 0 if ")


def write_page(words: tuple[Word, ...], exits: Mapping[str, frozenset[ExitCode]]) -> str:
    """docs/reference/exit-codes.md."""
    lines = [
        MADE,
        "# Exit codes",
        "",
        _HEAD,
        "",
        "| code | what it means (its error in the code) | what to do |",
        "|---|---|---|",
    ]
    for code in ExitCode:
        kinds = "".join(f" (`{name}`)" for name, one in KINDS.items() if one is code)
        text = TEXTS.exits[code.name]
        lines.append(f"| {int(code)} | {text.means}{kinds} | {text.do} |")
    lines += ["", *_tell_words(exits), "", "## What words say of their own codes", ""]
    for word in words:
        said = [one for text in word.paragraphs for one in _split(text) if _OWN.search(one)]
        if said and len(word.path) > 1:
            lines.append(f"- [`{word.name}`](cli/{word.path[1]}.md): {escape(' '.join(said))}")
    return "\n".join(lines) + "\n"


def _split(text: str) -> list[str]:
    return re.split(r"(?<=[.!?]) (?=[A-Z0-9])", text)


def _tell_words(exits: Mapping[str, frozenset[ExitCode]]) -> list[str]:
    every = ", ".join(str(int(code)) for code in EVERY)
    lines = [
        "## Which words may end with it",
        "",
        f"Every word may end with {every}. The others are found by following the code from each word, so one is",
        "here too if only a rare case of it ends so.",
        "",
    ]
    for code in ExitCode:
        if code not in EVERY:
            lines += [f"**{int(code)}**: {', '.join(_shorten(exits, code))}", ""]
    return lines[:-1]


def _shorten(exits: Mapping[str, frozenset[ExitCode]], code: ExitCode) -> list[str]:
    """The words that may end with it; where all commands of a word may, the word alone."""
    tops: dict[str, list[str]] = {}
    for name in exits:
        tops.setdefault(name.split()[1], []).append(name)
    shown: list[str] = []
    for top, names in tops.items():
        have = [name for name in names if code in exits[name]]
        if len(have) == len(names) > 1:
            shown.append(f"all of `{top}`")
        else:
            shown += [f"`{name.removeprefix('codered ')}`" for name in have]
    return shown
