"""Hostile text made safe for where it goes: a terminal, a page, a spreadsheet cell.

Every string of a report may come from the machine under suspicion: a file name can hold an escape sequence that
clears the screen, or a direction override that makes `exe.gpj` read `jpg.exe`.
"""

import html
import re
from collections.abc import Iterable
from typing import NewType

Markup = NewType("Markup", str)
"""Text that is HTML already. Only this file turns `str` into it, so mypy finds the place that forgot to escape."""

# str.isprintable() is False for controls, formats (bidi, zero width), surrogates, unassigned, private use and every
# space but U+0020. These few it lets through although nothing is seen where they stand.
_INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    + "".join(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))
)
_ODD = re.compile(r"[^ -~]")
_ATTRIBUTE = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def is_visible(character: str) -> bool:
    """Whether a reader sees this character, as itself and in its place."""
    return character.isprintable() and character not in _INVISIBLE


def printable(text: str) -> str:
    """The text with every character that moves, hides or reorders other text shown as \\xNN, \\uNNNN or \\UNNNNNNNN.

    A backslash stays single (Windows paths are read more often than forged ones), so the result is for reading; the
    JSON report holds the exact text.
    """
    return text if text.isascii() and text.isprintable() else _ODD.sub(_show_odd, text)


def legible(text: str, most: int = 1000) -> str:
    """Printable text from at most `most` characters, then …

    A forged report must not fill the screen with one field, or keep us busy wrapping it.
    """
    return printable(text[:most] + "…" if len(text) > most else text)


def escape_html(text: str) -> Markup:
    """The text as HTML content or attribute value, invisible characters shown as in `printable`."""
    return Markup(html.escape(printable(text), quote=True))


def encode_entities(text: str) -> Markup:
    """The text with each character as a numeric entity.

    What was found on a machine is quoted in the report as proof. Written plainly, the saved page would hold the very
    bytes that the rules look for, and the next scan would report the report.
    """
    return Markup("".join(f"&#{ord(character)};" for character in printable(text)))


def join_markup(parts: Iterable[Markup], between: str = "") -> Markup:
    """Pieces of HTML one after the other, `between` (escaped) in the gaps."""
    return Markup(html.escape(between).join(parts))


def element(name: str, *children: Markup, **attributes: str | int | float) -> Markup:
    """An HTML or SVG element. Attribute values are escaped; `class_` gives `class`, `aria_label` gives `aria-label`,
    "" leaves the attribute out.
    Raises ValueError when an attribute's name is none.
    """
    written = []
    for key, value in attributes.items():
        attribute = key.rstrip("_").replace("_", "-")
        if not _ATTRIBUTE.fullmatch(attribute):
            raise ValueError(f"not an attribute: {attribute!r}")
        if value != "":
            written.append(f' {attribute}="{escape_html(str(value))}"')
    return Markup(f"<{name}{''.join(written)}>{''.join(children)}</{name}>")


def guard_cell(text: str) -> str:
    """The text as a spreadsheet cell: printable, and never a formula (a leading ' is added where it could be one)."""
    shown = printable(text)
    return "'" + shown if text.lstrip(" ").startswith(_FORMULA) else shown


def _show_odd(match: re.Match[str]) -> str:
    character = match[0]
    if is_visible(character):
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
