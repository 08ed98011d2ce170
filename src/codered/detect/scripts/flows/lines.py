"""Statements as they are followed: what they assign to, and where their brackets and arguments are."""

from typing import NamedTuple

from codered.detect.scripts.flows.tokens import Token

_ASSIGNS = frozenset(("=", "+=", "&=", ".="))
_ASKS = frozenset(("if", "elseif", "while", "for", "foreach", "using", "until", "case", "loop", "do"))
SELF = frozenset(("this", "me", "self", "my"))
_DECLARES = SELF | frozenset(
    [
        "dim",
        "if",
        "while",
        "using",
        "for",
        "var",
        "my",
        "local",
        "set",
        "let",
        "const",
        "redim",
        "private",
        "public",
        "static",
    ]
)


class Use(NamedTuple):
    """Something is handed to a place that matters: what is done there, what the value is made of (bits), the text if it
    is plain to see, and where.
    """

    what: str
    made_of: int
    text: str | None
    at: int


class Line(NamedTuple):
    """A statement with its brackets, its function, and the variable and property that it assigns to."""

    tokens: list[Token]
    partner: dict[int, int]
    function: str
    target: str
    value_at: int  # where the assigned value begins, 0 = nothing is assigned
    prop: str
    also: tuple[str, ...]  # more variables that are assigned


def find_target(tokens: list[Token], syntax: str) -> tuple[str, int, str]:
    """The variable that a statement assigns to, where the value begins (0 = it assigns nothing), and the property."""
    depth = 0
    head = tokens[0].text.lower() if tokens else ""
    asks = head in _ASKS
    if asks and syntax == "vb" and head != "for":
        return "", 0, ""
    if syntax == "python" and head == "with" and len(tokens) > 3 and tokens[-3].text == "as":  # and a colon at the end
        return tokens[-2].text.lower(), 1, ""
    if syntax == "perl" and _sets_default(tokens, head):
        return "_", 2, ""
    for number, token in enumerate(tokens[:80]):
        if syntax == "vb" and token.text.lower() == "new" and number > 1 and tokens[number - 1].text.lower() == "as":
            return tokens[number - 2].text.lower(), number + 1, ""
        if asks and syntax == "perl" and head.startswith("for") and token.kind == "name" and number:
            if token.text not in ("my", "local", "our"):
                return token.text.lower(), number + 1, ""
        elif asks and token.kind == "name" and token.text.lower() == "in" and number:
            return tokens[number - 1].text.lower(), number + 1, ""
        if token.kind != "op":
            continue
        depth += (token.text in ("(", "[")) - (token.text in (")", "]"))
        if token.text in _ASSIGNS and number and (depth <= 0 or asks):
            return _name_target(tokens[:number])
    return "", 0, ""


def _sets_default(tokens: list[Token], head: str) -> bool:
    """Whether it is Perl's `foreach (@list)` or `while (<HANDLE>)`, which set `$_`."""
    texts = [token.text for token in tokens[1:6]]
    if texts[:1] != ["("]:
        return False
    return head in ("for", "foreach") or (head == "while" and ">" in texts[2:] and "=" not in texts)


def _name_target(left: list[Token]) -> tuple[str, int, str]:
    names = [token for token in left if token.kind == "name" and token.text.lower() not in _DECLARES]
    if not names:
        return "", 0, ""
    if (len(left) > 1 and left[-1].kind == "name" and left[-2].kind == "name") or (
        left[-2:-1] and left[-2].text in "]>"
    ):
        return left[-1].text.lower(), len(left) + 1, ""
    typed = next((number for number, token in enumerate(left) if token.text == ":" and token.kind == "op"), 0)
    if typed == len(left) - 2 and left[typed - 1].kind == "name":  # `var x : String`
        return left[typed - 1].text.lower(), len(left) + 1, ""
    dots = [number for number, token in enumerate(left) if token.kind == "op" and token.text in (".", "->")]
    if dots and dots[-1] + 1 < len(left) and left[dots[-1] + 1].kind == "name":
        base = next((token for token in names if token.at < left[dots[-1]].at), names[0])
        start = next(number for number, token in enumerate(left) if token is base)
        while start + 1 < len(left) and left[start + 1].kind == "name":
            start += 1
        return left[start].text.lower(), len(left) + 1, left[dots[-1] + 1].text.lower()
    opened = next((number for number, token in enumerate(left) if token.text in ("(", "[")), len(left))
    before = [token for token in left[:opened] if token in names] or names
    return before[-1].text.lower(), len(left) + 1, ""


def match_brackets(tokens: list[Token]) -> dict[int, int]:
    """Where each opening bracket is closed, by their numbers."""
    partner: dict[int, int] = {}
    opened: list[int] = []
    for number, token in enumerate(tokens):
        if token.kind == "op" and token.text in ("(", "["):
            opened.append(number)
        elif token.kind == "op" and token.text in (")", "]") and opened:
            partner[opened.pop()] = number
    partner |= dict.fromkeys(opened, len(tokens))  # a line that was broken: up to its end
    return partner


def split_arguments(line: Line, opening: int, closing: int) -> list[tuple[int, int]]:
    """Where each argument between two brackets begins and ends."""
    pieces: list[tuple[int, int]] = []
    start = position = opening + 1
    while position < closing:
        if line.tokens[position].text == "," and line.tokens[position].kind == "op":
            pieces.append((start, position))
            start = position + 1
        position = line.partner.get(position, position) + 1
    return [*pieces, (start, closing)] if start < closing else pieces
