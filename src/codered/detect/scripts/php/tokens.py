"""The tokens of a PHP script: what a server would run of a text, without comments and blanks."""

import re
from typing import NamedTuple

MOST_TOKENS = 400_000

_OPEN = re.compile(
    r"<\?(?:php\b|=|(?!xml))|<script[^>]{0,80}language\s{0,3}=\s{0,3}[\"']?php[^>]{0,20}>", re.IGNORECASE
)
_MASTER = re.compile(
    r"(?P<blank>\s+|//[^\n?]*(?:\?(?!>)[^\n?]*)*|\#(?!\[)[^\n?]*(?:\?(?!>)[^\n?]*)*|/\*(?:[^*]|\*(?!/))*+(?:\*/)?)"
    r"|(?P<variable>\$[A-Za-z_\x80-\xff][\w\x80-\xff]*)"
    r"|(?P<name>\\?[A-Za-z_\x80-\xff][\w\x80-\xff]*(?:\\[A-Za-z_\x80-\xff][\w\x80-\xff]*)*)"
    r"|(?P<single>'[^'\\]*(?:\\.[^'\\]*)*+'?)"
    r"|(?P<double>\"[^\"\\]*(?:\\.[^\"\\]*)*+\"?)"
    r"|(?P<tick>`[^`\\]*(?:\\.[^`\\]*)*+`?)"
    r"|(?P<number>0[xX][0-9A-Fa-f_]+|0[bB][01]+|[0-9][0-9_]*(?:\.[0-9]+)?|\.[0-9]+)"
    r"|(?P<heredoc><<<[ \t]{0,8}(?P<mark>['\"]?)(?P<word>[A-Za-z_]\w{0,80})(?P=mark)\r?\n)"
    r"|(?P<close>\?>|</script\b[^>]{0,20}>)"
    r"|(?P<op>\?->|->|=>|::|\.=|\?\?=|\?\?|===|!==|==|!=|<=>|<=|>=|<<|>>|&&|\|\||\+\+|--|[-+*/%^|&]=|\.\.\.|.)",
    re.DOTALL | re.ASCII,
)


class Token(NamedTuple):
    """One token: its kind (variable name single double tick number heredoc op html), its text, where it starts."""

    kind: str
    text: str
    at: int


def tokenize(text: str) -> list[Token]:
    """The tokens of all PHP parts of a text. An HTML part between them is one token `;`."""
    tokens: list[Token] = []
    at = 0
    while len(tokens) < MOST_TOKENS:
        opened = _OPEN.search(text, at)
        if not opened:
            break
        if opened.group() == "<?=":
            tokens.append(Token("name", "echo", opened.start()))
        at = _read_part(text, opened.end(), tokens)
        tokens.append(Token("op", ";", at))
    return tokens


def tokenize_code(code: str) -> list[Token]:
    """The tokens of a text that is code from its first character on, as `eval` takes it."""
    tokens: list[Token] = []
    at = _read_part(code, 0, tokens)
    if at < len(code):
        tokens.append(Token("op", ";", at))
        tokens.extend(tokenize(code[at:]))
    return tokens


def _read_part(text: str, at: int, tokens: list[Token]) -> int:
    """Reads up to the closing tag; where it ends."""
    match = _MASTER.match
    size = len(text)
    while at < size and len(tokens) < MOST_TOKENS:
        found = match(text, at)
        if not found:
            return size
        kind = found.lastgroup or "op"
        if kind == "blank":
            at = found.end()
        elif kind == "close":
            return found.end()
        elif kind == "heredoc":
            at = _read_heredoc(text, found, tokens)
        else:
            tokens.append(Token(kind, found.group(), at))
            at = found.end()
    return at


def _read_heredoc(text: str, found: re.Match[str], tokens: list[Token]) -> int:
    word = found.group("word")
    end = re.compile(r"^[ \t]{0,80}" + word + r"\b", re.MULTILINE).search(text, found.end())
    stop = end.start() if end else len(text)
    kind = "nowdoc" if found.group("mark") == "'" else "heredoc"
    tokens.append(Token(kind, text[found.end() : stop].rstrip("\n"), found.start()))
    return end.end() if end else len(text)
