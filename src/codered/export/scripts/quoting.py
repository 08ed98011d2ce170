"""Names and texts that somebody else chose, as literals of the languages that scripts are written in.

Whatever the text, the script reads the very same one; what can't be written safely is refused, never altered.
"""

import re
from itertools import groupby

_PLAIN = re.compile(r"[A-Za-z0-9 _.,;=~#$@'+{}()\[\]:\\-]*")


def quote_vbs(text: str) -> str:
    """An expression of VBScript: plain characters between quotes, all others by their number."""
    return _join(text, '"', "ChrW({})", " & ", '"')


def quote_powershell(text: str) -> str:
    """An expression of PowerShell in parentheses. Curly quotes end a text there too, so they stand by their number."""
    return f"({_join(text, chr(39), '[string][char]{}', ' + ', chr(39))})"


def is_safe_for_cmd(text: str) -> bool:
    """Whether it means itself between quotes on a command line of cmd, with or without delayed expansion."""
    return _PLAIN.fullmatch(text) is not None


def quote_reg(text: str) -> str | None:
    """A text between quotes of a registration file; None if it holds what can't stand there in ASCII."""
    if not all(" " <= char <= "~" for char in text):
        return None
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def write_comment(text: str) -> str:
    """A text for a comment of any of the languages: printable ASCII on one line."""
    return "".join(char if " " <= char <= "~" else f"\\u{ord(char):04x}" for char in text)


def _units(text: str) -> list[int]:
    raw = text.encode("utf-16-le", "surrogatepass")
    return [int.from_bytes(raw[at : at + 2], "little") for at in range(0, len(raw), 2)]


def _join(text: str, quote: str, by_number: str, plus: str, doubled: str) -> str:
    parts = []
    for plain, units in groupby(_units(text), lambda unit: 32 <= unit < 127):
        if plain:
            part = "".join(map(chr, units)).replace(quote, doubled * 2)
            parts.append(f"{quote}{part}{quote}")
        else:
            parts += [by_number.format(unit) for unit in units]
    return plus.join(parts) or quote * 2
