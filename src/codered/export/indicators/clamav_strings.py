"""A rule's strings as ClamAV writes them: bytes in hexadecimal, or a regular expression behind a trigger."""

import re

from codered.export.indicators.conditions import Here, UnsayableError
from codered.model.rule import RuleString

LEAST_BYTES = 2  # ClamAV looks for two plain bytes side by side
MOST_HEX = 4000  # characters of one string
MOST_GAP = 128  # bytes that ClamAV may pass over within a string
_MODIFIERS = {"ascii": "a", "wide": "w", "nocase": "i", "fullword": "f", "private": ""}
_PLAIN = re.compile(r"[0-9a-f]{2}[0-9a-f]{2}")
_WORD = re.compile(r"[0-9A-Fa-f?]{2}|\[(\d{0,5})(-?)(\d{0,5})\]|[()|]|\s+")
_COMMENT = re.compile(r"/\*[^*]{0,1000}\*/|//[^\n]{0,1000}")
_ODD = re.compile(r"\\.|[;/]|\{,(?=\d)", re.DOTALL)
_SPELLED = {";": r"\x3b", "/": r"\/", "{,": "{0,"}  # PCRE reads `{,3}` as it stands


def write_bytes(data: bytes, modifiers: tuple[str, ...] = ()) -> str:
    """Plain bytes. Raises UnsayableError."""
    if len(data) < LEAST_BYTES:
        raise UnsayableError("a string is shorter than two bytes")
    if len(data) * 2 > MOST_HEX:
        raise UnsayableError("a string is too long")
    return data.hex() + _write_modifiers(modifiers)


def write_string(string: RuleString, place: Here) -> str:
    """A text or hex string, with where it must begin. Raises UnsayableError."""
    is_text = string.kind == "text"
    said = write_bytes(string.literal(), string.modifiers) if is_text else _write_hex(string.source)
    return write_place(place) + said


def write_regex(string: RuleString, place: Here, trigger: str) -> str:
    """A regular expression, tried where the trigger holds. Raises UnsayableError."""
    pattern, flags = split_regex(string)
    if any(name in ("wide", "fullword") for name in string.modifiers):
        raise UnsayableError("a regular expression is wide or a full word")
    if not pattern.isprintable():
        raise UnsayableError("a regular expression has characters that can't be printed")
    said = _ODD.sub(lambda odd: _SPELLED.get(odd[0].removeprefix("\\"), odd[0]), pattern)
    ending = "E" + ("i" if "nocase" in string.modifiers or "i" in flags else "") + ("s" if "s" in flags else "")
    if place.first is None:
        return f"{trigger}/{said}/{ending}"
    return f"{write_place(place)}{trigger}/{said}/{ending}{'' if place.last == place.first else 'e'}"


def split_regex(string: RuleString) -> tuple[str, str]:
    """The expression and the letters behind its second slash."""
    pattern, _, flags = string.source[1:].rpartition("/")
    return pattern, flags


def write_place(place: Here) -> str:
    """The offset in front of a string; "" = anywhere."""
    if place.first is None or place.last is None:
        return ""
    return f"{place.first}:" if place.first == place.last else f"{place.first},{place.last - place.first}:"


def _write_modifiers(modifiers: tuple[str, ...]) -> str:
    letters = ""
    for name in modifiers:
        if name not in _MODIFIERS:
            raise UnsayableError(f"a string is {name}")
        letters += _MODIFIERS[name]
    return f"::{letters}" if letters.strip("a") else ""


def _write_hex(source: str) -> str:
    text = _COMMENT.sub(" ", source).strip().removeprefix("{").removesuffix("}")
    said, at, depth = "", 0, 0
    while at < len(text):
        word = _WORD.match(text, at)
        if word is None:
            raise UnsayableError("a hex string has what ClamAV can't say")
        at, each = word.end(), word[0]
        depth += (each == "(") - (each == ")")
        if each[0] == "[":
            if depth:
                raise UnsayableError("a hex string has a gap within alternatives")
            said += _write_gap(word)
        elif not each.isspace():
            said += each.lower()
    if not _PLAIN.search(said) or len(said) > MOST_HEX:
        raise UnsayableError("a hex string has no two plain bytes side by side, or is too long")
    return said


def _write_gap(word: re.Match[str]) -> str:
    least, dash, most = word[1] or "0", word[2], word[3]
    if dash and not most:
        return "*" if int(least) == 0 else f"{{{least}-}}"
    if int(most or least) > MOST_GAP:
        raise UnsayableError("a hex string has a long gap")
    return f"{{{least}-{most}}}" if dash else f"{{{least}}}"
