"""A script as tokens, by one master pattern a language: linear in the text, whatever it is."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from codered.detect.scripts.budget import note_cut

MOST_TOKENS = 100_000

_VISUAL_BASIC = re.compile(
    r"""(?P<skip>[ \t\f\xa0]+|_[ \t]*\r?\n|'[^\r\n]*|\brem(?=[ \t\r\n])[^\r\n]*)
    |(?P<break>[\r\n:]+)
    |(?P<text>"(?:[^"\r\n]|"")*+"?)
    |(?P<number>&h[0-9a-f]+&?|\d+(?:\.\d+)?)
    |(?P<name>[a-z_\x80-\xff][\w\x80-\xff]*|\[[^\]\r\n]{0,100}\])
    |(?P<op>&=|\+=|<>|<=|>=|.)""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_DOUBLED = r"""(?P<text>"(?:[^"]|""){0,4000}+"|'(?:[^']|''){0,4000}+')"""
_C_LIKE = re.compile(
    r"""(?P<skip>\s+|//[^\r\n]*|/\*.*?(?:\*/|\Z))
    |(?P<break>[;{}])
    |(?P<verbatim>[@$]{1,2}"(?:[^"]|"")*+"?)
    |(?P<text>"(?:[^"\\\r\n]|\\.)*+"?|'(?:[^'\\\r\n]|\\.)*+'?)
    |(?P<number>0x[0-9a-f]+|\d+(?:\.\d+)?)
    |(?P<name>[@$]?[a-z_\x80-\xff][\w$\x80-\xff]*)
    |(?P<op>[=!]==|==|!=|<=|>=|=>|\+=|&&|\|\||.)""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_PERL = re.compile(
    r"""(?P<skip>[ \t\r\n\f]+|(?<![$\w&])\#[^\n]*|(?:(?<=\n)|\A)=[a-z]+.*?(?:\n=cut[^\n]*|\Z)
        |=~\s*(?:s|tr|y)/(?:[^/\\\n]|\\.){0,300}/(?:[^/\\\n]|\\.){0,300}/[a-z]{0,6}
        |[=!]~\s*m?/(?:[^/\\\n]|\\.){0,300}/[a-z]{0,6})
    |(?P<key>(?<=[\w>\]}])(?:->)?\{\s{0,9}["']?\$?[\w.-]{1,60}["']?\s{0,9}\})
    |(?P<break>[;{}])
    |(?P<tick>`(?:[^`\\]|\\.)*+`?|\bqx\s*(?:\{[^}]*\}?|\([^)]*\)?|/[^/]*/?))
    |(?P<text>"(?:[^"\\]|\\.){0,4000}+"|\bqq\s*(?:\{[^}]*\}?|\([^)]*\)?))
    |(?P<plain>'(?:[^'\\]|\\.){0,4000}+')
    |(?P<number>0x[0-9a-f]+|\d+(?:\.\d+)?)
    |(?P<name>[$@%]\{[a-z_]\w*\}|(?:[$@%&]\#?|<)?[a-z_]\w*(?:::[a-z_]\w*)*)
    |(?P<other>==|!=|<=|>=|=>|=~|!~|\.=|->|&&|\|\||.)""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_PYTHON = re.compile(
    r"""(?P<skip>[ \t\f]+|\\\r?\n|\#[^\r\n]*)
    |(?P<break>[\r\n;]+[ \t]*)
    |(?P<verbatim>[rbuf]{0,2}(?:\"{3}(?:[^"\\]|\\.|"[^"\\]|""[^"\\]|"\\.|""\\.)*+(?:\"{3}|"{0,2}\Z)
                               |'{3}(?:[^'\\]|\\.|'[^'\\]|''[^'\\]|'\\.|''\\.)*+(?:'{3}|'{0,2}\Z)))
    |(?P<text>[rbuf]{0,2}(?:"(?:[^"\\\r\n]|\\.)*+"?|'(?:[^'\\\r\n]|\\.)*+'?))
    |(?P<number>0x[0-9a-f]+|\d+(?:\.\d+)?)
    |(?P<name>[a-z_]\w*)
    |(?P<op>==|!=|<=|>=|\+=|.)""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
# ColdFusion is like C but for its texts, in which a backslash is nothing special and quotes are doubled.
_COLD_FUSION = re.compile(
    _C_LIKE.pattern.replace(r"""(?P<text>"(?:[^"\\\r\n]|\\.)*+"?|'(?:[^'\\\r\n]|\\.)*+'?)""", _DOUBLED), _C_LIKE.flags
)
_PATTERNS = {"vb": _VISUAL_BASIC, "c": _C_LIKE, "cf": _COLD_FUSION, "perl": _PERL, "python": _PYTHON}
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([0-7]{3})|(.))", re.DOTALL)
_PLAIN_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}


class Token(NamedTuple):
    """A piece of a script. `kind`: name, text (without its quotes), number, op, break, or tick (a command line)."""

    kind: str
    text: str
    at: int


def read_tokens(code: str, syntax: str, offset: int = 0) -> Iterator[Token]:
    """The tokens of code in a syntax (vb, c, cf, perl, python), MOST_TOKENS at most, no comments, no spaces."""
    number = 0
    for match in _PATTERNS[syntax].finditer(code):
        kind = match.lastgroup
        if kind is None or kind in ("skip", "key"):
            continue
        number += 1
        if number > MOST_TOKENS:
            note_cut("more words than are read")
            return
        yield _make_token(kind, match[0], offset + match.start(), syntax)


def _make_token(kind: str, text: str, at: int, syntax: str) -> Token:
    if kind == "name":
        return Token("name", text.strip("[]") if syntax == "vb" else text.strip("$@%&#{}<"), at)
    if kind == "other":
        return Token("op", text, at)
    if kind in ("op", "number", "break", "tick"):
        return Token(kind, text, at)
    if kind == "verbatim":
        return Token("text", text.lstrip("@$rbufRBUF").strip("\"'").replace('""', '"'), at)
    if syntax == "cf":
        return Token("text", text[1:-1].replace(text[0] * 2, text[0]), at)
    if syntax == "vb":
        return Token("text", text[1:].removesuffix('"').replace('""', '"'), at)
    return Token("text" if kind == "text" else "plain", unescape(_strip_quotes(text)), at)


def _strip_quotes(text: str) -> str:
    body = text.lstrip("rbufqRBUFQ") if text[:1] not in "\"'" else text
    quote = body[:1]
    return body[1:].removesuffix({"{": "}", "(": ")"}.get(quote, quote))


def unescape(text: str) -> str:
    """The text without its backslash escapes."""
    return _ESCAPE.sub(_read_escape, text) if "\\" in text else text


def _read_escape(match: re.Match[str]) -> str:
    digits = match[1] or match[2]
    if digits:
        return chr(int(digits, 16))
    return chr(int(match[3], 8)) if match[3] else _PLAIN_ESCAPES.get(match[4], match[4])
