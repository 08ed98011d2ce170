"""Writes the man pages: codered.1 and one for each command, codered-WORD.1, from the words of the command line."""

import re
from pathlib import Path

from scripts.command_pages import PROGRAM, Param, Word, read_words

_EXIT_CODES = (
    ("0", "done and clean"),
    ("1", "found something"),
    ("2", "wrong use"),
    ("3", "coverage incomplete"),
    ("4", "refused; nothing was touched"),
    ("5", "awaiting approval"),
    ("6", "failed, and rolled back"),
    ("7", "failed, and not rolled back"),
    ("70", "a bug"),
    ("130", "interrupted"),
)
_FILES = (
    ("/var/lib/codered", "plans, journals, the vault, evidence and keys of root; others: ~/.local/state/codered"),
    ("/var/cache/codered", "compiled rules; can be removed at any time"),
    ("/etc/codered/allow.yaml", "what you vouch for"),
    ("/etc/codered/trust.toml", "whose orders this host obeys"),
)
_ENVIRONMENT = (
    ("CODERED_STATE", "the folder for state"),
    ("CODERED_CACHE", "the folder for compiled rules"),
    ("CODERED_PACKS", "a folder of packs in place of those shipped or installed"),
    ("CODERED_ALLOW", "an allow-list in place of /etc/codered/allow.yaml"),
    ("CODERED_DEBUG", "set: a bug shows its trace"),
)


def write_man_pages(into: Path, version: str, day: str, *, headquarters: bool) -> tuple[Path, ...]:
    """Every page (uncompressed) into an existing folder; `day` is YYYY-MM-DD, `headquarters` whether its words are in
    the package too.
    """
    words = [word for word in read_words() if headquarters or not word.headquarters]
    written = []
    for word in words:
        path = into / f"{'-'.join(word.path)}.1"
        path.write_text(render_man_page(word, words, version, day), "utf-8")
        written.append(path)
    return tuple(written)


def render_man_page(word: Word, words: list[Word], version: str, day: str) -> str:
    """One page as roff with the macros of man(7). `words` are all that have a page."""
    name = "-".join(word.path)
    parts = [
        f'.TH {escape(name.upper())} 1 {day} "codered {version}" "CodeRed Detection and Removal"',
        ".SH NAME",
        f"{escape(name)} \\- {escape(word.summary[:1].lower() + word.summary[1:])}",
        ".SH SYNOPSIS",
        f".B {escape(word.name)}",
        escape(word.usage.removeprefix(word.name).strip() or "[OPTIONS]"),
        ".SH DESCRIPTION",
        "\n.PP\n".join(escape(paragraph) for paragraph in word.paragraphs),
        *_render_words(word, words),
        *_render_options(word),
    ]
    if word.path == (PROGRAM,):
        for title, entries in (("EXIT STATUS", _EXIT_CODES), ("ENVIRONMENT", _ENVIRONMENT), ("FILES", _FILES)):
            parts += [f".SH {title}", *_render_entries(entries)]
    parts += [".SH SEE ALSO", ",\n".join(_name_neighbours(word, words))]
    return "\n".join(parts) + "\n"


def _render_words(word: Word, words: list[Word]) -> list[str]:
    under = [one for one in words if one.path[:-1] == word.path]
    if not under:
        return []
    return [".SH COMMANDS", *_render_entries([(one.path[-1], f"{one.summary}.") for one in under])]


def _render_options(word: Word) -> list[str]:
    options = [param for param in word.params if param.is_option]
    shown = [(", ".join(param.forms) + (f" {param.value}" if param.value else ""), _tell(param)) for param in options]
    return [".SH OPTIONS", *_render_entries([*shown, ("-h, --help", "Show the options.")])]


def _tell(param: Param) -> str:
    remarks = [f"Default: {param.default}."] if param.default else []
    remarks += ["May be given more than once."] if param.repeatable else []
    return " ".join((param.text or "(no help)", *remarks))


def _render_entries(entries: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> list[str]:
    return [line for term, text in entries for line in (".TP", f".B {escape(term)}", escape(text))]


def _name_neighbours(word: Word, words: list[Word]) -> list[str]:
    """The pages of what is above it; of the program those of all words."""
    near = [one for one in words if len(one.path) == 2] if len(word.path) == 1 else []
    above = [one for one in words if one.path == word.path[:-1]]
    pages = sorted("-".join(one.path) for one in (*near, *above))
    return [f".BR {escape(page)} (1)" for page in pages]


def escape(text: str) -> str:
    """Text that roff prints as it is: no word of it is a request, a hyphen is one that can be copied."""
    plain = re.sub(r"`([^`]*)`", r"\1", text)
    told = plain.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("…", "...")
    return f"\\&{told}" if told.startswith((".", "\\(aq")) else told
