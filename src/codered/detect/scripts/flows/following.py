"""What flows where: a few passes over all statements, each value a set of bits, until nothing changes."""

from collections.abc import Iterator
import re
from itertools import islice
from typing import NamedTuple

from codered.detect.scripts.flows.folding import fold, is_text
from codered.detect.scripts.flows.grammar import BY_CALL, FROM_CALLER, REAL, TAINTS, Grammar
from codered.detect.scripts.flows.statements import Program, Statement
from codered.detect.scripts.flows.tokens import Token, read_tokens

MOST_PASSES = 5
MOST_STEPS = 3_000_000
MOST_DEPTH = 30
TAINTS_BY_CALL = REAL << BY_CALL
_SQL = re.compile(r"\b(?:select|create|drop|alter|insert|update|delete|where|exec|order by|values)\s", re.IGNORECASE)
_PLAIN = re.compile(r"[\w ]{0,80}[.:/\\-][\w ./\\:-]{0,200}|[A-Za-z_ ]{0,40}")
_CONSTANTS = frozenset(("vbcrlf", "vbcr", "vblf", "vbtab", "vbnewline", "now", "date", "time", "timer"))
_LONG = 100  # characters of a text that is hardly there to be shown
_TAKING_APART = frozenset(("mid", "midb", "substr", "substring", "charat"))
_WRITING = frozenset(("2", "8", "forwriting", "forappending"))
_ASSIGNS = frozenset(("=", "+=", "&=", ".="))
_ASKS = frozenset(("if", "elseif", "while", "for", "foreach", "using", "until", "case", "loop", "do"))
_SELF = frozenset(("this", "me", "self", "my"))
_DECLARES = frozenset(
    (
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
    )
)


class Use(NamedTuple):
    """Something is handed to a place that matters: what is done there, what the value is made of (bits), the text if it
    is plain to see, and where.
    """

    what: str
    made_of: int
    text: str | None
    at: int


class _Line(NamedTuple):
    tokens: list[Token]
    partner: dict[int, int]
    function: str
    target: str
    value_at: int  # where the assigned value begins, 0 = nothing is assigned
    prop: str
    also: tuple[str, ...]  # more variables that are assigned


class Follower:
    """Follows one program. `uses` after `follow` is everything that matters, the same place only once."""

    def __init__(self, program: Program, grammar: Grammar) -> None:
        self.grammar = grammar
        self.functions = program.functions
        self.values: dict[str, str] = {}
        self.built_names = False
        self.uses: dict[tuple[str, int], Use] = {}
        self._made: dict[str, int] = {}
        self._returns: dict[str, int] = {}
        self._steps = 0
        self._changed = False
        for parameters in program.functions.values():
            for name in parameters:
                self._made.setdefault(name, FROM_CALLER)
        self._parameters = {name: frozenset(parameters) for name, parameters in program.functions.items() if parameters}
        self._makers = grammar.makers
        self._blank = _find_blank(program, grammar)
        self._decoding = _find_decoding(program, grammar)
        self._lines = [self._prepare(statement) for statement in program.statements]

    def follow(self) -> None:
        """Pass over the lines until nothing changes, or the budget is spent."""
        for _ in range(MOST_PASSES):
            self._changed = False
            for line in self._lines:
                self._pass(line)
                if self._steps > MOST_STEPS:
                    return
            if not self._changed:
                return

    def _prepare(self, statement: Statement) -> _Line:
        tokens = fold(statement.tokens, self.grammar, {})
        target, value_at, prop = _find_target(tokens, self.grammar.syntax)
        if value_at and not prop:
            known = fold(tokens[value_at:], self.grammar, self.values)
            if len(known) == 1 and is_text(known[0]):
                self.values[target] = known[0].text
            else:
                self.values.pop(target, None)
            if target == statement.function and any(token.text.lower() in self.grammar.makers for token in tokens):
                self._makers |= {target}
        tokens = self._fill_in(tokens)
        several = self.grammar.syntax in ("perl", "python") and any(token.text == "," for token in tokens[:value_at])
        also = tuple(token.text.lower() for token in tokens[:value_at] if several and token.kind == "name")
        return _Line(tokens, _match_brackets(tokens), statement.function, target, value_at, prop, also)

    def _fill_in(self, tokens: list[Token]) -> list[Token]:
        """Names of classes and code that variables hold become texts where they are used."""
        if not any(
            token.kind == "name"
            and (token.text.lower() in self._makers or self.grammar.calls.get(token.text.lower()) == "code")
            for token in tokens
        ):
            return tokens
        _, value_at, _ = _find_target(tokens, self.grammar.syntax)
        return tokens[:value_at] + fold(tokens[value_at:], self.grammar, self._blank | self.values)

    def _pass(self, line: _Line) -> None:
        mask = self._weigh(line, line.value_at, len(line.tokens), 0)
        first = line.tokens[0].text.lower()
        if first == "return":
            self._give(self._returns, line.function, mask)
        if not line.value_at:
            return
        if line.prop or line.target in self.grammar.sets:
            use = self.grammar.find_use(self.grammar.sets, line.prop or line.target, self._made.get(line.target, 0))
            if use:
                self._use(use, mask, line.tokens[line.value_at :], line.tokens[0].at)
        for name in line.also:
            self._give(self._made, name, mask)
        if line.target == line.function or line.target in self.functions:
            self._give(self._returns, line.target, mask)
        else:
            self._give(self._made, line.target, mask)

    def _give(self, table: dict[str, int], name: str, mask: int) -> None:
        before = table.get(name, 0)
        if name and before | mask != before:
            table[name] = before | mask
            self._changed = True

    def _weigh(self, line: _Line, start: int, end: int, depth: int) -> int:
        """What the tokens from start to end are made of; uses on the way are noted."""
        mask, position = 0, start
        while position < end:
            token = line.tokens[position]
            self._steps += 1
            if token.kind == "name":
                made, position = self._weigh_chain(line, position, end, depth)
                mask |= made
                continue
            if token.kind == "tick" or (token.kind == "text" and self.grammar.syntax == "perl"):
                inside = self._weigh_inside(token.text)
                if token.kind == "tick":
                    self._use("command", inside, [], token.at)
                mask |= inside
            elif is_text(token) and _SQL.search(token.text[:200]):
                mask |= TAINTS["sql"]
            position += 1
        return mask

    def _weigh_inside(self, text: str) -> int:
        """What a text is made of into which a language puts the values of variables."""
        mask = 0
        for piece in text.split("$")[1:200]:
            name = piece.lstrip("{")[:60]
            length = next((at for at, letter in enumerate(name) if not (letter.isalnum() or letter == "_")), len(name))
            mask |= self._look_up(name[:length].lower(), "")
        return mask

    def _look_up(self, name: str, function: str) -> int:
        made = self._made.get(name, 0)
        if made & FROM_CALLER and name not in self._parameters.get(function, ()):
            made &= ~(FROM_CALLER | TAINTS_BY_CALL)
        return made | TAINTS.get(self.grammar.sources.get(name, ""), 0)

    def _weigh_chain(self, line: _Line, position: int, end: int, depth: int) -> tuple[int, int]:
        """`a.b(c).d[e]` from its first name on: what it is made of, and where it ends."""
        tokens = line.tokens
        mask = 0
        dotted = ""
        first = position
        while position < end:
            name = tokens[position].text.lower()
            dotted = f"{dotted}.{name}" if dotted else name
            after = tokens[position + 1].text if position + 1 < end else ""
            mask |= self._look_up(name, line.function) if position == first else 0
            if name in _SELF:
                dotted = ""
            source = (
                self.grammar.sources.get(dotted)
                or self.grammar.sources.get(name)
                or self.grammar.given.get(name if dotted != name else "")
            )
            mask |= TAINTS.get(source or "", 0)
            if name in self.grammar.harmless and (position != first or after == "("):
                mask = 0
            if len(dotted) > 200:
                dotted = ""
            position += 1
            closing = line.partner.get(position) if after in ("(", "[") else None
            if closing is not None:
                mask, position = self._weigh_call(line, (first, position, closing), mask, depth)
            elif (
                position < end
                and after not in (".", "->", "::", ")", ",", "=")
                and self._is_bare(name, tokens[position])
            ):
                given = self._weigh(line, position, end, depth + 1) if depth < MOST_DEPTH else 0
                self._hand_over(name, mask, given, tokens[position:end], position - 1 == first)
                return mask | given, end
            while position < end and tokens[position].text in ("(", "[") and line.partner.get(position, end) < end:
                mask |= self._weigh_deeper(line, position + 1, line.partner[position], depth)
                position = line.partner[position] + 1
            if not (position + 1 < end and tokens[position].text in (".", "->", "::")):
                break
            if tokens[position + 1].kind != "name":
                break
            position += 1
        return mask, max(position, first + 1)

    def _is_bare(self, name: str, after: Token) -> bool:
        """Whether a name takes the rest of the line without brackets."""
        if self.grammar.syntax == "c" or (after.kind == "op" and after.text not in ('"', "-", "@", "\\")):
            return False
        return name in self.grammar.calls or any(key.rpartition("/")[2] == name for key in self.grammar.methods)

    def _weigh_deeper(self, line: _Line, start: int, end: int, depth: int) -> int:
        return self._weigh(line, start, end, depth + 1) if depth < MOST_DEPTH else 0

    def _weigh_call(self, line: _Line, where: tuple[int, int, int], mask: int, depth: int) -> tuple[int, int]:
        """A name with its brackets at (first name, opening, closing): what comes out, and where it ends."""
        first, opening, closing = where
        name = line.tokens[opening - 1].text.lower()
        alone = opening - 1 == first or (first > 0 and line.tokens[first - 1].text.lower() == "new")
        given = self._weigh_deeper(line, opening + 1, closing, depth)
        handed = line.tokens[opening + 1 : closing]
        if alone and self.grammar.syntax == "vb" and (first == 0 or line.tokens[first - 1].text.lower() == "call"):
            given |= self._weigh_deeper(line, closing + 1, len(line.tokens), depth)
            handed = line.tokens[opening:] if closing + 1 < len(line.tokens) else handed
        if name in self.grammar.harmless:
            return 0, closing + 1
        if name in self.functions:
            return mask | self._enter(line, where, depth) | self._make_object(name, handed), closing + 1
        before = line.tokens[opening - 3].text.lower() if not alone and opening > 2 else ""
        full = f"{before}.{name}" if before else name
        if self.grammar.methods.get(full) == "write-both" or self.grammar.calls.get(full) == "write-both":
            self._write_both(line, opening, closing, depth)
        else:
            self._hand_over(full, mask, given, handed, alone)
        if alone and self.grammar.calls.get(name) == "code" and handed and is_text(handed[0]):
            mask |= self._weigh_code(handed[0].text)
        if name in self._makers or (handed and is_text(handed[0])):
            mask |= self._make_object(name, handed)
        if name in self.grammar.objects:
            mask |= self.grammar.kind_bit(self.grammar.objects[name])
        if name in self.grammar.decoders and not given & REAL and any(map(_looks_encoded, handed[:1])):
            mask |= TAINTS["decoded"]
        return mask | given, closing + 1

    def _write_both(self, line: _Line, opening: int, closing: int, depth: int) -> None:
        """The first argument is where something is written, the others what."""
        for number, (start, end) in enumerate(_split_arguments(line, opening, closing)):
            what = "write-content" if number else "write-path"
            self._use(what, self._weigh_deeper(line, start, end, depth), line.tokens[start:end], line.tokens[start].at)

    def _weigh_code(self, code: str) -> int:
        """What the value of an expression is made of that stands in a text."""
        mask = 0
        for token in islice(read_tokens(code[:4000], self.grammar.syntax), 200):
            if token.kind == "name":
                mask |= TAINTS.get(self.grammar.sources.get(token.text.lower(), ""), 0)
        return mask

    def _make_object(self, name: str, handed: list[Token]) -> int:
        if name not in self._makers or not handed:
            return 0
        known = self.grammar.objects.get(handed[0].text.lower()) if is_text(handed[0]) else None
        if known and handed[0].kind == "built":
            self.built_names = True
        return self.grammar.kind_bit(known) if known else 0

    def _hand_over(self, name: str, mask: int, given: int, handed: list[Token], alone: bool) -> None:
        """Note what is done with what a name is given, `name` with the one in front of it if there is one."""
        use = self.grammar.calls.get(name, "") if alone else self.grammar.methods.get(name, "")
        name = name.rpartition(".")[2]
        use = use or self.grammar.find_use(self.grammar.methods, name, mask)
        if use == "open-pipe":
            use = _tell_open(handed)
        if use == "open-text":
            use = "write-path" if any(token.text.lower() in _WRITING for token in handed[1:]) else "read"
        if use and handed:
            self._use(use, given, handed, handed[0].at)

    def _use(self, what: str, mask: int, handed: list[Token], at: int) -> None:
        text = handed[0].text if len(handed) >= 1 and is_text(handed[0]) else None
        mask = (mask | mask >> BY_CALL) & REAL
        before = self.uses.get((what, at))
        if before is None or before.made_of | mask != before.made_of:
            computed = TAINTS["hidden"] if any(token.kind in ("name", "tick") for token in handed) else 0
            made = mask | computed | (before.made_of if before else 0)
            self.uses[what, at] = Use(what, made, text, at)

    def _enter(self, line: _Line, where: tuple[int, int, int], depth: int) -> int:
        """A call of one of the file's own functions: its parameters take what they are given."""
        _, opening, closing = where
        name = line.tokens[opening - 1].text.lower()
        total = 0
        literal = False
        pieces = _split_arguments(line, opening, closing)
        parameters = self.functions[name]
        for number, (start, end) in enumerate(pieces):
            given = self._weigh_deeper(line, start, end, depth)
            given = (given | given >> BY_CALL) & REAL | given >> 16 << 16
            total |= given
            literal = literal or (end - start == 1 and _looks_encoded(line.tokens[start]))
            built = end - start == 1 and line.tokens[start].kind == "built" and len(line.tokens[start].text) > 7
            known = self.values.get(line.tokens[start].text.lower(), "") if end - start == 1 else ""
            literal = literal or (len(known) >= _LONG and not _PLAIN.fullmatch(known[:200]))
            given |= TAINTS["decoded"] if built else 0
            if parameters:
                target = parameters[min(number, len(parameters) - 1)]
                self._give(self._made, target, (given & REAL) << BY_CALL | given >> 16 << 16 | FROM_CALLER)
        result = self._returns.get(name, 0)
        made = result & REAL | result >> 16 << 16 | (total if result & FROM_CALLER else 0)
        return made | (TAINTS["decoded"] if (literal and name in self._decoding) else 0)


def _find_target(tokens: list[Token], syntax: str) -> tuple[str, int, str]:
    """The variable that a statement assigns to, where the value begins (0 = it assigns nothing), and the property."""
    depth = 0
    head = tokens[0].text.lower() if tokens else ""
    asks = head in _ASKS
    if asks and syntax == "vb" and head != "for":
        return "", 0, ""
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


def _name_target(left: list[Token]) -> tuple[str, int, str]:
    names = [token for token in left if token.kind == "name" and token.text.lower() not in _SELF | _DECLARES]
    if not names:
        return "", 0, ""
    dots = [number for number, token in enumerate(left) if token.text in (".", "->")]
    if dots and dots[-1] + 1 < len(left) and left[dots[-1] + 1].kind == "name":
        base = next((token for token in names if token.at < left[dots[-1]].at), names[0])
        start = next(number for number, token in enumerate(left) if token is base)
        while start + 1 < len(left) and left[start + 1].kind == "name":
            start += 1
        return left[start].text.lower(), len(left) + 1, left[dots[-1] + 1].text.lower()
    opened = next((number for number, token in enumerate(left) if token.text in ("(", "[")), len(left))
    before = [token for token in left[:opened] if token.kind == "name"] or names
    return before[-1].text.lower(), len(left) + 1, ""


def _match_brackets(tokens: list[Token]) -> dict[int, int]:
    partner: dict[int, int] = {}
    opened: list[int] = []
    for number, token in enumerate(tokens):
        if token.kind == "op" and token.text in ("(", "["):
            opened.append(number)
        elif token.kind == "op" and token.text in (")", "]") and opened:
            partner[opened.pop()] = number
    partner |= dict.fromkeys(opened, len(tokens))  # a line that was broken: up to its end
    return partner


def _split_arguments(line: _Line, opening: int, closing: int) -> list[tuple[int, int]]:
    pieces: list[tuple[int, int]] = []
    start = position = opening + 1
    while position < closing:
        if line.tokens[position].text == "," and line.tokens[position].kind == "op":
            pieces.append((start, position))
            start = position + 1
        position = line.partner.get(position, position) + 1
    return [*pieces, (start, closing)] if start < closing else pieces


def _tell_open(handed: list[Token]) -> str:
    """What Perl's `open` does: runs a command, writes or reads."""
    texts = [token.text.strip() for token in handed if is_text(token)]
    if any(text.startswith("|") or text.endswith("|") or text in ("-|", "|-") for text in texts):
        return "command"
    if any(text.startswith((">&", "<&", "+>&", "+<&")) for text in texts):
        return "duplicate"
    return "write-path" if any(text.startswith((">", "+>", "+<")) for text in texts) else "read"


def _find_blank(program: Program, grammar: Grammar) -> dict[str, str]:
    """Variables that nothing is ever assigned to, which only stand between pieces of texts: they are empty."""
    if grammar.syntax != "vb":
        return {}
    used: set[str] = set()
    assigned = {name for parameters in program.functions.values() for name in parameters} | set(program.functions)
    for tokens, _ in program.statements:
        assigned.add(_find_target(list(tokens), "vb")[0])
        for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
            if token.kind == "name" and before.text == "&" == after.text:
                used.add(token.text.lower())
    return dict.fromkeys(used - assigned - grammar.texts.keys() - grammar.sources.keys() - _CONSTANTS, "")


def _looks_encoded(token: Token) -> bool:
    """Whether a text that is handed to a function is neither a word nor the name of a file."""
    return is_text(token) and len(token.text) >= 12 and not _PLAIN.fullmatch(token.text[:200])


def _find_decoding(program: Program, grammar: Grammar) -> frozenset[str]:
    """The functions of the file that take texts apart or count characters."""
    marks = ("character", "reverse", "percent", "base64")
    return frozenset(
        statement.function
        for statement in program.statements
        if statement.function
        and any(token.kind == "name" and grammar.texts.get(token.text.lower()) in marks for token in statement.tokens)
    )


def iterate_uses(follower: Follower) -> Iterator[Use]:
    """What was found, in the order of the text."""
    yield from sorted(follower.uses.values(), key=lambda use: use.at)
