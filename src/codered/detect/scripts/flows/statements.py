"""Tokens as statements, and which function they stand in."""

from collections.abc import Iterable
from typing import NamedTuple

from codered.detect.scripts.flows.tokens import Token

_VB_BREAKS = frozenset(("then", "else"))
_VB_HEADS = frozenset(("public", "private", "protected", "default", "shared", "overridable", "function", "sub"))
_NOT_FUNCTIONS = frozenset(
    ("if", "for", "while", "switch", "catch", "using", "foreach", "lock", "else", "elsif", "unless", "with", "new")
)
_BEFORE_LISTS = ("]", "=", "(")
_MOST_HEAD = 60  # tokens of a function's head


class Statement(NamedTuple):
    """Tokens that belong together; `function` is the lower-case name of the function around them, empty for none."""

    tokens: tuple[Token, ...]
    function: str


class Program(NamedTuple):
    """The statements of a script, and the parameters of its functions by their lower-case names."""

    statements: tuple[Statement, ...]
    functions: dict[str, tuple[str, ...]]


def split_statements(tokens: Iterable[Token], syntax: str) -> Program:
    """The statements of tokens in a syntax (vb, c, perl, python)."""
    if syntax == "vb":
        return _split_basic(tokens)
    return _split_python(tokens) if syntax == "python" else _split_braces(tokens, syntax)


def _split_basic(tokens: Iterable[Token]) -> Program:
    statements: list[Statement] = []
    functions: dict[str, tuple[str, ...]] = {}
    current: list[Token] = []
    inside = ""

    def close() -> None:
        nonlocal inside, current
        words = [token.text.lower() for token in current[:5]]
        while len(words) > 1 and words[0] in _VB_HEADS and words[0] not in ("function", "sub"):
            words.pop(0)
        if len(words) > 1 and words[0] in ("function", "sub"):
            inside = words[1]
            functions[inside] = _read_basic_parameters(current)
        elif words[:2] in (["end", "function"], ["end", "sub"]):
            inside = ""
        elif current:
            statements.append(Statement(tuple(current), inside))
        current = []

    for token in tokens:
        if token.kind == "break":
            close()
            continue
        if token.kind == "name" and token.text.lower() in _VB_BREAKS:
            close()
            continue
        current.append(token)
    close()
    return Program(tuple(statements), functions)


def _read_basic_parameters(head: list[Token]) -> tuple[str, ...]:
    """The names after the opening bracket: of `ByVal x As String` it is the x."""
    found: list[str] = []
    opened = fresh = False
    for token in head[:_MOST_HEAD]:
        word = token.text.lower()
        if not opened:
            opened = fresh = word == "("
        elif word in (",", ")"):
            fresh = word == ","
        elif fresh and token.kind == "name" and word not in ("byval", "byref", "optional", "paramarray"):
            found.append(word)
            fresh = False
    return tuple(found)


def _split_braces(tokens: Iterable[Token], syntax: str) -> Program:
    statements: list[Statement] = []
    functions: dict[str, tuple[str, ...]] = {}
    current: list[Token] = []
    around: list[str] = []
    depth = listed = 0
    for token in tokens:
        if token.text == "{" and current and syntax == "c" and current[-1].text in _BEFORE_LISTS:
            token, listed = Token("op", "(", token.at), listed + 1  # noqa: PLW2901  `new object[] { a, b }`
        elif token.text == "}" and listed and token.kind == "break":
            token, listed = Token("op", ")", token.at), listed - 1  # noqa: PLW2901
        depth += (token.text in ("(", "[") and token.kind == "op") - (token.text in (")", "]") and token.kind == "op")
        if token.kind != "break" and not (
            token.kind == "op" and token.text == "," and depth <= 0 and syntax in ("c", "cf")
        ):
            current.append(token)
            continue
        depth = listed = 0
        inside = around[-1] if around else ""
        name, parameters = _read_head(current, syntax) if token.text == "{" else ("", ())
        if name:
            functions[name] = parameters
        elif current:
            statements.append(Statement(tuple(current), inside))
        current = []
        if token.text == "{":
            around.append(name or inside)
        elif token.text == "}" and around:
            around.pop()
    if current:
        statements.append(Statement(tuple(current), around[-1] if around else ""))
    return Program(tuple(statements), functions)


def _read_head(current: list[Token], syntax: str) -> tuple[str, tuple[str, ...]]:
    """The name and the parameters of the function whose body opens after these tokens, an empty name for none."""
    head = current[-_MOST_HEAD:]
    if syntax == "perl":
        sub = next((number for number in range(len(head) - 2, -1, -1) if head[number].text == "sub"), -1)
        named = sub >= 0 and head[sub + 1].kind == "name" and all(token.kind == "op" for token in head[sub + 2 :])
        name = head[sub + 1].text.lower() if named else ""
        return (name, (f"@{name}",)) if name else ("", ())
    opening = next((number for number, token in enumerate(head) if token.text == "("), 0)
    if not opening or head[opening - 1].kind != "name" or any(token.text in ("=", "=>") for token in head[:opening]):
        return "", ()
    words = [token.text.lower() for token in head[:opening]]
    if words[0] in _NOT_FUNCTIONS or words[-1] in _NOT_FUNCTIONS or (len(words) > 1 and words[-2] in (".", "new")):
        return "", ()
    return words[-1], _read_typed_parameters(head[opening + 1 :])


def _read_typed_parameters(tokens: list[Token]) -> tuple[str, ...]:
    """The last name before each comma: of `string x` it is the x; of `x : String` the first."""
    found: list[str] = []
    last = ""
    typed = False
    for token in tokens:
        if token.text in (",", ")"):
            if last:
                found.append(last)
            last, typed = "", False
            if token.text == ")":
                break
        elif token.text in (":", "="):
            typed = True
        elif token.kind == "name" and not typed:
            last = token.text.lower()
    return tuple(found)


def _split_python(tokens: Iterable[Token]) -> Program:
    statements: list[Statement] = []
    functions: dict[str, tuple[str, ...]] = {}
    current: list[Token] = []
    around: list[tuple[int, str]] = []
    indent = depth = 0
    for token in (*tokens, Token("break", "\n", 0)):
        depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
        if token.kind != "break":
            current.append(token)
        elif depth <= 0 or ";" in token.text:
            depth = 0
            if current:
                while around and indent <= around[-1][0]:
                    around.pop()
                if current[0].text == "def" and len(current) > 1:
                    name = current[1].text.lower()
                    functions[name] = _read_typed_parameters(current[3:_MOST_HEAD])
                    around.append((indent, name))
                else:
                    statements.append(Statement(tuple(current), around[-1][1] if around else ""))
            current = []
            indent = len(token.text.rpartition("\n")[2])
    return Program(tuple(statements), functions)
