"""The pages of the command line: one a word, and the page that lists them."""

import re
from collections.abc import Mapping

from codered.model.errors import ExitCode
from scripts.command_pages import Param, Word
from scripts.reference_examples import EXAMPLES
from scripts.reference_texts import MADE

_OPTION = re.compile(r"(?<![\w`-])--[a-z][a-z0-9-]*")
_SPECIAL = re.compile(r"([\\*_\[\]|])")


def list_pages(words: tuple[Word, ...], exits: Mapping[str, frozenset[ExitCode]]) -> dict[str, str]:
    """Path below docs/reference -> Markdown."""
    pages = {"cli.md": _write_index(words)}
    for top in (word for word in words if len(word.path) == 2):
        under = tuple(word for word in words if word.path[:2] == top.path)
        pages[f"cli/{top.path[1]}.md"] = _write_page(under, exits)
    return pages


def escape(text: str) -> str:
    """Help text as Markdown: nothing in it is markup but what stands in backquotes; options are shown as code."""
    parts = text.split("`")
    for index in range(0, len(parts), 2):  # every other one stands in backquotes
        plain = _SPECIAL.sub(r"\\\1", parts[index].replace("&", "&amp;").replace("<", "&lt;"))
        parts[index] = _OPTION.sub(r"`\g<0>`", plain)
    return "`".join(parts)


def _write_index(words: tuple[Word, ...]) -> str:
    lines = [
        MADE,
        "# The command line",
        "",
        *(escape(one) + "\n" for one in words[0].paragraphs),
        "Data goes to stdout, talk and progress to stderr. `--json` prints one document whose [schema](schemas.md) is",
        "fixed. Every word explains itself with `--help`. What it ends with: [exit codes](exit-codes.md).",
        "",
    ]
    for title, headquarters in (("On a host", False), ("At headquarters (extra `hq`)", True)):
        chosen = [word for word in words if len(word.path) == 2 and word.headquarters is headquarters]
        lines += [f"## {title}", ""]
        lines += [f"- [`{word.name}`](cli/{word.path[1]}.md): {escape(word.summary)}." for word in chosen]
        lines.append("")
    return "\n".join(lines)


def _write_page(words: tuple[Word, ...], exits: Mapping[str, frozenset[ExitCode]]) -> str:
    top = words[0]
    parts = [f"{MADE}\n# {top.name}", *_write_word(top, exits)]
    examples = "\n".join(f"# {what}\n{line}" for what, line in EXAMPLES.get(top.path[1], ()))
    parts += ["**Examples**", f"```sh\n{examples}\n```"] if examples else []
    for word in words[1:]:
        parts += [f"{'#' * (len(word.path) - 1)} {word.name}", *_write_word(word, exits)]
    return "\n\n".join(parts) + "\n"


def _write_word(word: Word, exits: Mapping[str, frozenset[ExitCode]]) -> list[str]:
    parts = [escape(one) for one in word.paragraphs]
    parts.append(f"```text\n{word.usage}\n```")
    if word.words:
        parts.append("Commands:")
        parts.append("\n".join(f"- [`{name}`](#{anchor(word, name)})" for name in word.words))
    params = [_write_param(one) for one in word.params if one.is_option or one.choices]
    if params:
        parts.append("Options:")
        parts.append("\n".join(params))
    if word.name in exits:
        above = " ".join(f"`{int(code)}`" for code in sorted(exits[word.name]))
        parts.append(f"[Exit codes](../exit-codes.md): {above}")
    if word.headquarters and len(word.path) == 2:
        parts.append("Needs the extra `hq`.")
    return parts


def anchor(word: Word, name: str) -> str:
    """Where a command of a group stands on its page: as GitHub and the site both name the heading."""
    return "-".join((*word.path, name))


def _write_param(param: Param) -> str:
    shown = ", ".join(param.forms)
    label = f"{shown} {param.value}".strip()
    notes = [escape(param.text)] if param.text else []
    shown_already = re.split(r"[|{}]", param.value) + re.findall(r"[\w-]+", param.text)
    if not {one for one in param.choices if one} <= set(shown_already):
        notes.append("One of " + ", ".join(f"`{one}`" for one in param.choices if one) + ".")
    if param.default:
        notes.append(f"Default: `{param.default}`.")
    if param.required and param.is_option:
        notes.append("Must be given.")
    return f"- `{label}`: {' '.join(notes)}" if notes else f"- `{label}`"
