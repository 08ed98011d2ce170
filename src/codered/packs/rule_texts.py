"""YARA source text rule by rule, without believing any of it: where each rule begins and ends, and the words of its
condition. One pass, so a set of thousands of rules takes a second; a rule that can't be read costs itself alone.
"""

import re
from collections.abc import Iterator

import msgspec

_HEAD = re.compile(r"^[ \t]{0,200}(?=(?:(?:private|global)\s{1,200}){0,4}rule\s{1,200}\w)", re.MULTILINE)
_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*(?:.*?\*/|.*))
      | (?P<text>"(?:\\.|[^"\\\n])*")
      | (?P<regex>/(?:\\[^\n]|[^/\\\n])+/[a-z]*)
      | (?P<name>[$\#@!][A-Za-z0-9_]*\*?)
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<number>[0-9][0-9A-Za-z_]*)
      | (?P<sign>[^"/\s])""",
    re.VERBOSE | re.DOTALL,
)
_HEX = re.compile(r"\{(?:[0-9A-Fa-f?~()\[\]|\s-]|/\*.*?\*/|//[^\n]*)*\}", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)")
_ENDS = ("private", "global", "rule", "import", "include")


class Token(msgspec.Struct, frozen=True):
    """A token of the source: `text`, `regex`, `name`, `word`, `number`, `sign` or `hex`, and where it stands."""

    kind: str
    value: str
    start: int
    end: int


class Told(msgspec.Struct, frozen=True):
    """An `import` or `include`, or (kind "broken") a rule that can't be read: its value or name, line, and why."""

    kind: str
    value: str
    line: int
    why: str = ""


class RuleText(msgspec.Struct, frozen=True):
    """A rule as it stands: `source` without its modifiers, from the word `rule` to the last brace; `meta` as written,
    `regexes` its patterns, `condition` its tokens with places in `source`. Lines count from 1.
    """

    name: str
    line: int
    last: int
    scopes: tuple[str, ...]
    tags: tuple[str, ...]
    meta: tuple[tuple[str, str], ...]
    regexes: tuple[str, ...]
    source: str
    condition: tuple[Token, ...]
    name_at: int

    def words(self) -> tuple[str, ...]:
        """The condition as words, comments gone."""
        return tuple(token.value for token in self.condition)


class _Broken(Exception):
    """What is wrong, and at which place of the source."""

    def __init__(self, why: str, at: int) -> None:
        super().__init__(why)
        self.why = why
        self.at = at


def split_rules(source: str) -> Iterator[RuleText | Told]:
    """The rules, imports and includes of a source text in their order, and the rules that can't be read."""
    reader = _Reader(source)
    while (token := reader.peek()) is not None:
        start = token.start
        try:
            yield reader.read_next()
        except _Broken as problem:
            line = reader.line_at(start)
            at = line + source.count("\n", start, problem.at)
            yield Told("broken", _name_at(source, start), line, f"{problem.why} (line {at})")
            if not reader.skip_to_next(start + 1):
                return


def _name_at(source: str, start: int) -> str:
    found = re.compile(r"(?:(?:private|global)\s{1,200}){0,4}rule\s{1,200}(\w{1,128})").match(source, start)
    return found[1] if found else ""


class _Reader:
    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._counted = (0, 1)
        self._commented = 0

    def line_at(self, place: int) -> int:
        """The line of a place that is not before the last one asked for."""
        at, line = self._counted
        line += self._source.count("\n", at, place)
        self._counted = (place, line)
        return line

    def skip_to_next(self, place: int) -> bool:
        """Go to the next line behind `place`, and behind what was read as a comment, that looks like the head of a
        rule; whether there is one.
        """
        found = _HEAD.search(self._source, max(place, self._commented))
        self._at = found.end() if found else len(self._source)
        return found is not None

    def peek(self) -> Token | None:
        """The next token, None at the end. What is no token at all is a sign."""
        while self._at < len(self._source):
            found = _TOKEN.match(self._source, self._at)
            if found is None:
                return Token("sign", self._source[self._at], self._at, self._at + 1)
            if found.lastgroup != "space":
                return Token(str(found.lastgroup), found[0], found.start(), found.end())
            self._at = found.end()
            self._commented = self._at if found[0].startswith("/*") else self._commented
        return None

    def take(self, wanted: str = "", kind: str = "") -> Token:
        """The next token, which must be this one, or of this kind. Raises _Broken."""
        token = self.peek()
        if token is None:
            raise _Broken("it ends too early", len(self._source))
        if (wanted and token.value != wanted) or (kind and token.kind != kind):
            raise _Broken(f"`{token.value[:40]}` where {wanted or 'a ' + kind} should be", token.start)
        self._at = token.end
        return token

    def accept(self, wanted: str) -> bool:
        """Take the next token if it is this one."""
        token = self.peek()
        if token is None or token.value != wanted:
            return False
        self._at = token.end
        return True

    def read_next(self) -> RuleText | Told:
        """One rule, import or include. Raises _Broken."""
        first = self.take()
        if first.value in ("import", "include"):
            value = self.take(kind="text").value[1:-1]
            return Told(first.value, value, self.line_at(first.start))
        scopes = []
        while first.value in ("private", "global"):
            scopes.append(first.value)
            first = self.take()
        if first.value != "rule":
            raise _Broken(f"`{first.value[:40]}` where a rule should begin", first.start)
        return self._read_rule(first.start, tuple(scopes))

    def _read_rule(self, start: int, scopes: tuple[str, ...]) -> RuleText:
        name = self.take(kind="word")
        tags = []
        if self.accept(":"):
            while (token := self.peek()) is not None and token.kind == "word":
                tags.append(self.take().value)
        self.take("{")
        meta = self._read_meta()
        regexes = self._read_strings()
        self.take("condition")
        self.take(":")
        condition = self._read_condition(start)
        source = self._source[start : self._at]
        line = self.line_at(start)
        found = (*regexes, *(token.value for token in condition if token.kind == "regex"))
        return RuleText(
            name.value, line, line + source.count("\n"), scopes, tuple(tags), meta, found, source, condition,
            name.start - start,
        )  # fmt: skip

    def _read_meta(self) -> tuple[tuple[str, str], ...]:
        meta: list[tuple[str, str]] = []
        if not self.accept("meta"):
            return ()
        self.take(":")
        while (token := self.peek()) is not None and token.value not in ("strings", "condition"):
            key = self.take(kind="word").value
            self.take("=")
            minus = "-" if self.accept("-") else ""
            value = self.take()
            if value.kind not in ("text", "number", "word"):
                raise _Broken(f"`{value.value[:40]}` is no value of {key[:40]}", value.start)
            meta.append((key, minus + _read_value(value)))
        return tuple(meta)

    def _read_strings(self) -> tuple[str, ...]:
        regexes: list[str] = []
        if not self.accept("strings"):
            return ()
        self.take(":")
        while (token := self.peek()) is not None and token.value != "condition":
            taken = self.take()
            if taken.kind == "regex":
                regexes.append(taken.value)
            if taken.value == "=" and (token := self.peek()) is not None and token.value == "{":
                self._skip_hex(token.start)
            elif taken.value in ("{", "}", '"', "/") or (taken.kind == "word" and taken.value in _ENDS[1:]):
                raise _Broken(f"`{taken.value}` among its strings", taken.start)
        return tuple(regexes)

    def _skip_hex(self, start: int) -> None:
        found = _HEX.match(self._source, start)
        if found is None:
            raise _Broken("a hex string that does not end", start)
        self._at = found.end()

    def _read_condition(self, start: int) -> tuple[Token, ...]:
        tokens: list[Token] = []
        while (token := self.take()).value != "}":
            if token.value in ("{", '"', "/") or (token.kind == "word" and token.value in _ENDS):
                raise _Broken(f"`{token.value}` in its condition", token.start)
            tokens.append(Token(token.kind, token.value, token.start - start, token.end - start))
        if not tokens:
            raise _Broken("it has no condition", self._at - 1)
        return tuple(tokens)


def _read_value(token: Token) -> str:
    return _ESCAPE.sub(r"\1", token.value[1:-1]) if token.kind == "text" else token.value
