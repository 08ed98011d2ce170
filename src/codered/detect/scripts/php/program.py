"""A PHP script as its tokens, with its functions and which brackets belong together."""

from bisect import bisect_left
from typing import NamedTuple

from codered.detect.scripts.php.tokens import Token

_PAIRS = {")": "(", "]": "[", "}": "{"}
_END = Token("op", "", -1)
MOST_FUNCTIONS = 4000


class Parameter(NamedTuple):
    """A parameter of a function: its name with the dollar sign, and where its default starts (token, 0 = none)."""

    name: str
    default: int


class Function(NamedTuple):
    """A function, method or closure: the tokens of its body and its parameters."""

    name: str
    program: "Program"
    parameters: tuple[Parameter, ...]
    start: int
    end: int
    owner: str = ""


class Program:
    """Tokens with the way from each opening bracket to its closing one. `origin` >= 0: all of it came from there."""

    def __init__(self, tokens: list[Token], origin: int = -1) -> None:
        self.tokens = [*tokens, _END, _END, _END]
        self.origin = origin
        self.size = len(tokens)
        self.closes = _match_brackets(tokens)
        self._namespaces: list[tuple[int, str]] | None = None

    def place(self, index: int) -> int:
        """Where a token lies in the file."""
        return self.origin if self.origin >= 0 else self.tokens[index].at

    def close_of(self, index: int) -> int:
        """The token that closes the bracket at `index`, the last one if none does."""
        return self.closes.get(index, self.size)

    def find_namespace(self, index: int) -> str:
        """The namespace in which a token stands, in small letters; empty outside of one."""
        if self._namespaces is None:
            after = [at + 1 for at, token in enumerate(self.tokens) if token.text.lower() == "namespace"]
            self._namespaces = [(at, self.tokens[at].text.lower()) for at in after if at < self.size]
        found = bisect_left(self._namespaces, (index, ""))
        name = self._namespaces[found - 1][1] if found else ""
        return "" if name == "{" else name

    def is_conditional(self, function: Function) -> bool:
        """Whether a function is declared inside of other braces than those of its namespace: it may not come to be."""
        for opened, closed in self.closes.items():
            around = opened < function.start - 1 and closed > function.end and self.tokens[opened].text == "{"
            if around and self.tokens[opened - 2].text.lower() != "namespace":
                return True
        return False

    def is_item(self, index: int) -> bool:
        """Whether the brace at a token holds the key of an item: old PHP wrote `$a{0}`."""
        close = self.close_of(index)
        return index < close <= index + 12 and all(self.tokens[at].text != ";" for at in range(index, close))

    def list_functions(self) -> dict[str, Function]:
        """Every function that has a name, methods also as `class::name`; names are in small letters."""
        found: dict[str, Function] = {}
        owners: list[tuple[str, int]] = []
        tokens = self.tokens
        for index in range(self.size):
            if tokens[index].kind != "name":
                continue
            word = tokens[index].text.lower()
            if word in ("class", "trait", "interface") and tokens[index + 1].kind == "name":
                opened = self.find(index, "{")
                owners.append((tokens[index + 1].text.lower(), self.close_of(opened)))
            elif word == "function" and len(found) < MOST_FUNCTIONS:
                while owners and owners[-1][1] < index:
                    owners.pop()
                self._add(found, index, owners[-1][0] if owners else "")
        return found

    def read_function(self, index: int) -> Function | None:
        """The function whose word `function` or `fn` stands at a token; None if it has no body."""
        tokens = self.tokens
        at = index + 1
        if tokens[at].text == "&":
            at += 1
        name = ""
        if tokens[at].kind == "name":
            name = tokens[at].text.lower()
            at += 1
        if tokens[at].text != "(":
            return None
        closed = self.close_of(at)
        parameters = self._read_parameters(at + 1, closed)
        opened = self.find(closed, "{")
        if opened >= self.size:
            return None
        return Function(name, self, parameters, opened + 1, self.close_of(opened))

    def find(self, index: int, text: str) -> int:
        """The next token with this text, the end if a `;` comes first."""
        for at in range(index, min(index + 200, self.size)):
            if self.tokens[at].text == text and self.tokens[at].kind == "op":
                return at
            if self.tokens[at].text == ";":
                break
        return self.size

    def _add(self, found: dict[str, Function], index: int, owner: str) -> None:
        function = self.read_function(index)
        if function and function.name:
            function = function._replace(owner=owner)
            if owner:
                found[f"{owner}::{function.name}"] = function
            else:
                found[function.name] = function

    def _read_parameters(self, start: int, end: int) -> tuple[Parameter, ...]:
        found: list[Parameter] = []
        at = start
        while at < end and len(found) < 32:
            token = self.tokens[at]
            if token.kind == "variable":
                found.append(Parameter(token.text, at + 2 if self.tokens[at + 1].text == "=" else 0))
            at = self.close_of(at) + 1 if token.text in ("(", "[") and token.kind == "op" else at + 1
        return tuple(found)


def _match_brackets(tokens: list[Token]) -> dict[int, int]:
    closes: dict[int, int] = {}
    opened: dict[str, list[int]] = {"(": [], "[": [], "{": []}
    for index, token in enumerate(tokens):
        if token.kind != "op":
            continue
        text = token.text
        if text in opened:
            opened[text].append(index)
        elif text in _PAIRS and opened[_PAIRS[text]]:
            closes[opened[_PAIRS[text]].pop()] = index
    return closes
