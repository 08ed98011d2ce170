"""Texts in PHP's quotes: their escapes, and the variables in them."""

import re
from collections.abc import Iterator

_SINGLE = re.compile(r"\\([\\'])")
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{1,2})|u\{([0-9A-Fa-f]{1,6})\}|([0-7]{1,3})|(.))", re.DOTALL)
_PIECE = re.compile(
    r"\$(?P<bare>[A-Za-z_\x80-\xff][\w\x80-\xff]*)(?P<key>\[[^\]\n]{0,200}\]|->[A-Za-z_]\w*)?"
    r"|\{(?P<braced>\$[^{}]{1,400}(?:\{[^{}]{0,200}\}[^{}]{0,200}){0,4})\}"
    r"|\$\{(?P<named>[^{}]{1,400})\}"
    r"|(?P<escape>\\(?:x[0-9A-Fa-f]{1,2}|u\{[0-9A-Fa-f]{1,6}\}|[0-7]{1,3}|.))",
    re.DOTALL | re.ASCII,
)
_LETTERS = {
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "e": "\x1b",
    "f": "\f",
    "\\": "\\",
    "$": "$",
    '"': '"',
    "`": "`",
}
MOST_PIECES = 2000


def read_single(text: str) -> str:
    """A text in single quotes without them."""
    return _SINGLE.sub(r"\1", text[1:-1] if len(text) > 1 and text[-1] == "'" else text[1:])


def read_escapes(text: str) -> str:
    """A text with its escapes read as double quotes read them."""
    return _ESCAPE.sub(_read_escape, text)


def split_double(text: str) -> Iterator[tuple[str, str, bool]]:
    """The pieces of a text in double quotes: what it says, or code in place of it; and whether escapes hid letters."""
    if "$" not in text:
        yield read_escapes(text), "", _hides(text)
        return
    at = start = 0
    for _ in range(MOST_PIECES):
        found = _PIECE.search(text, at)
        if not found:
            break
        at = found.end()
        if found.group("escape"):
            continue
        if found.start() > start:
            yield read_escapes(text[start : found.start()]), "", _hides(text[start : found.start()])
        start = at
        yield "", _write_code(found), False
    if start < len(text):
        yield read_escapes(text[start:]), "", _hides(text[start:])


def _write_code(found: re.Match[str]) -> str:
    if found.group("bare"):
        key = found.group("key") or ""
        if key.startswith("[") and re.fullmatch(r"\[[A-Za-z_]\w*\]", key):
            key = f"['{key[1:-1]}']"
        return f"${found.group('bare')}{key}"
    if found.group("named"):
        name = found.group("named")
        return f"${name}" if re.match(r"[A-Za-z_]\w*(?:\[|$)", name) else "${" + name + "}"
    return found.group("braced")


def _hides(text: str) -> bool:
    """Whether letters are written as numbers."""
    return "\\" in text and any(
        (found.group(1) or found.group(3)) and _read_escape(found).isalnum() for found in _ESCAPE.finditer(text[:2000])
    )


def _read_escape(found: re.Match[str]) -> str:
    if found.group(1):
        return chr(int(found.group(1), 16))
    if found.group(2):
        return chr(int(found.group(2), 16) & 255)
    if found.group(3):
        return chr(int(found.group(3), 8) & 255)
    letter = found.group(4)
    return _LETTERS.get(letter, "\\" + letter)
