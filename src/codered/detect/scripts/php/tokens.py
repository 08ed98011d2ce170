"""The tokens of a PHP script: what a server would run of a text, without comments and blanks."""

import re
from typing import NamedTuple

MOST_TOKENS = 400_000

OPENING = r"<\?(?:php\b|=|(?!xml))|<script[^>]{0,80}language\s{0,3}=\s{0,3}[\"']?php[^>]{0,20}>"
_OPEN = re.compile(OPENING, re.IGNORECASE)
_MASTER = re.compile(
    r"(?P<blank>\s++|//[^\n?]*(?:\?(?!>)[^\n?]*)*|\#(?!\[)[^\n?]*(?:\?(?!>)[^\n?]*)*|/\*.*?(?:\*/|\Z))"
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
    size = len(text)
    while at < size and len(tokens) < MOST_TOKENS:
        found = _read_run(text, at, tokens)
        if found is None:
            return size
        if found.lastgroup == "close":
            return found.end()
        at = _read_heredoc(text, found, tokens) if found.lastgroup == "heredoc" else found.end()
    return at


def _read_run(text: str, at: int, tokens: list[Token]) -> re.Match[str] | None:
    """Reads up to a closing tag or a text of many lines, which it gives; None at the end."""
    add, make = tokens.append, tuple.__new__
    room = MOST_TOKENS - len(tokens)
    for found in _MASTER.finditer(text, at):
        kind = found.lastgroup
        if kind == "blank":
            continue
        if kind in ("close", "heredoc") or room <= 0:
            return found
        room -= 1
        add(make(Token, (kind, found.group(), found.start())))  # Token() itself takes three times as long
    return None


def _read_heredoc(text: str, found: re.Match[str], tokens: list[Token]) -> int:
    word = found.group("word")
    end = re.compile(r"^[ \t]{0,80}" + word + r"\b", re.MULTILINE).search(text, found.end())
    stop = end.start() if end else len(text)
    kind = "nowdoc" if found.group("mark") == "'" else "heredoc"
    tokens.append(Token(kind, text[found.end() : stop].rstrip("\n"), found.start()))
    return end.end() if end else len(text)
