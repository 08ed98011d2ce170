"""Java code as words: names, texts, numbers, operators; blanks and comments are dropped. Linear in time."""

import re
from typing import NamedTuple

MOST_TOKENS = 300_000  # of one page; the largest page of the development corpus has 45,000

_TOKEN = re.compile(
    r"""(?P<skip>\s+|//[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<text>"[^"\\\n]*(?:\\.[^"\\\n]*)*"?|'[^'\\\n]*(?:\\.[^'\\\n]*)*'?)
    |(?P<name>[^\W\d][\w$]*|\$[\w$]*)
    |(?P<number>0[xX][0-9a-fA-F_]+[lL]?|\d[\d_]*(?:\.\d+)?[lLfFdD]?)
    |(?P<sign>->|::|\+\+|--|==|!=|<=|>=|&&|\|\||[-+*/%&|^]=|.)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\([0-7]{1,3}|.)", re.DOTALL)
_SHORT = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0"}
_CLOSERS = {"(": ")", "[": "]", "{": "}"}


class Tokens(NamedTuple):
    """The words of code side by side: their text, kind and place, and for a bracket the index of the one that closes
    it (the end if none does). A sentinel `""` stands at the end.
    """

    texts: list[str]
    kinds: list[str]
    places: list[int]
    partners: dict[int, int]


def read_tokens(code: str) -> Tokens:
    """Cut code into words, at most MOST_TOKENS of them."""
    texts: list[str] = []
    kinds: list[str] = []
    places: list[int] = []
    for match in _TOKEN.finditer(code):
        kind = match.lastgroup
        if kind == "skip" or kind is None:
            continue
        texts.append(match[0])
        kinds.append(kind)
        places.append(match.start())
        if len(texts) >= MOST_TOKENS:
            break
    partners = _match_brackets(texts, kinds)
    texts.append("")
    kinds.append("end")
    places.append(len(code))
    return Tokens(texts, kinds, places, partners)


def read_literal(token: str) -> str:
    """What a text in quotes says."""
    body = token[1:-1] if len(token) > 1 and token[-1] == token[0] else token[1:]
    if "\\" not in body:
        return body
    return _ESCAPED.sub(lambda match: _SHORT.get(match[1]) or _read_octal(match[1]), body)


def _read_octal(said: str) -> str:
    return chr(int(said, 8) & 0xFF) if said[0] in "01234567" else said


def _match_brackets(texts: list[str], kinds: list[str]) -> dict[int, int]:
    partners: dict[int, int] = {}
    open_: list[int] = []
    for index, text in enumerate(texts):
        if kinds[index] != "sign":
            continue
        if text in _CLOSERS:
            open_.append(index)
        elif text in ")]}" and open_ and _CLOSERS[texts[open_[-1]]] == text:
            partners[open_.pop()] = index
        elif text == "}":
            # a brace closes what was left open inside of it
            while open_ and texts[open_[-1]] != "{":
                partners[open_.pop()] = index
            if open_:
                partners[open_.pop()] = index
    for index in open_:
        partners[index] = len(texts)
    return partners
