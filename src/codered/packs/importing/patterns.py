"""Regular expressions of other tools: whether the engine takes them in linear time, and which plain text each of their
matches holds, by which a line of a log is found.
"""

import re

from codered.packs.checks.patterns import explain_pattern

LEAST_LITERAL = 4  # characters
MOST_PATTERN = 2000
_LOOKS = re.compile(r"\(\?(?:[=!>P(|#]|<[=!])|\\[kKGAZzQERgXC]")
_BACK = re.compile(r"(?<!\\)(?:\\\\)*\\[1-9]")
_PLAIN = re.compile(r"[A-Za-z0-9_/.,:;=&%~!@#'<>`-]{4,}")
_SAFE = re.compile(r"[A-Za-z0-9_/.,:;=&~!@-]{4,}")
_ATOM = re.compile(
    r"\\x[0-9A-Fa-f]{2}|\\[^\n]|\[\^?\]?(?:\\[^\n]|[^\]\\\n])*\]|\(\?[a-z:]{1,8}|[(){}|^$]|[^\\\n]", re.DOTALL
)
_REPEAT = re.compile(r"(?:[*?+]|\{\d{0,5}(?:,\d{0,5})?\})[?+]?")


def escape(text: str) -> str:
    """The text as a pattern that matches just it."""
    return "".join(_escape_one(character) for character in text)


def escape_bytes(data: bytes) -> str:
    """The bytes as a pattern that matches just them."""
    return "".join(_escape_one(chr(byte)) if 32 <= byte < 127 else f"\\x{byte:02x}" for byte in data)


def _escape_one(character: str) -> str:
    if character.isascii() and (character.isalnum() or character in "_ %&=<>#~,;:!@\"'`-"):
        return character
    if character.isascii() and character.isprintable():
        return "\\" + character
    return "".join(f"\\x{byte:02x}" for byte in character.encode(errors="replace"))


def refuse_pattern(pattern: str) -> str:
    """Why a pattern can't be taken, "" if it can."""
    if len(pattern) > MOST_PATTERN:
        return f"its pattern is longer than {MOST_PATTERN} characters"
    if _LOOKS.search(pattern):
        return "its pattern looks around itself or is of Perl's own kind, which takes no linear time"
    if _BACK.search(pattern):
        return "its pattern refers back to a group, which takes no linear time"
    return explain_pattern(pattern)


def find_words(text: str, *, in_path: bool = False) -> str:
    """The longest run of a plain text that stands in a log as it is, whatever the log's form; "" if none is long
    enough. A log may keep path and query apart and write blanks otherwise; `in_path`: it may also be encoded there.
    """
    return max((_SAFE if in_path else _PLAIN).findall(text), key=len, default="")


def anchor(pattern: str) -> tuple[str, bool]:
    """The pattern without the `^` at its beginning, and whether it had one. Raises ValueError for a `^` elsewhere, or
    one that holds for some alternatives only: the text of a request begins with its method.
    """
    depth, places, splits = 0, [], False
    for found in _ATOM.finditer(pattern):
        depth += found[0].startswith("(")
        depth -= found[0] == ")"
        places += [found.start()] if found[0] == "^" else []
        splits |= found[0] == "|" and depth == 0
    if not places:
        return pattern, False
    if places != [0] or splits:
        raise ValueError("its pattern has a `^` that is not for all of it")
    return pattern[1:], True


def end_in_line(pattern: str) -> str:
    """The pattern for a request's first line, where the version stands behind the path."""
    return _ATOM.sub(lambda found: "( |$)" if found[0] == "$" else found[0], pattern)


def find_literals(pattern: str) -> tuple[str, ...]:
    """Texts of which every match of the pattern holds one; () if that can't be told. Only what stands outside of
    brackets and is not optional counts, for each of the alternatives.
    """
    runs: list[list[str]] = [[""]]
    depth, last = 0, 0
    for found in _ATOM.finditer(pattern):
        if found.start() < last:
            continue
        atom = found[0]
        repeat = _REPEAT.match(pattern, found.end())
        last = repeat.end() if repeat else found.end()
        depth += atom.startswith("(")
        if atom == "|" and depth == 0:
            runs.append([""])
        elif depth == 0 and not repeat and (plain := _plain_of(atom)):
            runs[-1][-1] += plain
        else:
            runs[-1].append("")
        depth -= atom == ")"
        if depth < 0:
            return ()
    best = [max((find_words(run) for run in branch), key=len) for branch in runs]
    return tuple(dict.fromkeys(best)) if all(best) and depth == 0 else ()


def _plain_of(atom: str) -> str:
    """The one character that an atom stands for, "" if it may be several."""
    if atom.startswith("\\x"):
        return chr(int(atom[2:], 16))
    if atom.startswith("\\"):
        return "" if atom[1].isalnum() else atom[1]
    return "" if atom in "(){}|^$.[" or len(atom) > 1 else atom
