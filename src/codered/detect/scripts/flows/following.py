"""What flows where: a few passes over all statements, each value a set of bits, until nothing changes."""

import re
from itertools import islice

from codered.detect.scripts.flows.clues import LONG_TEXT, find_blank, find_decoding, looks_encoded, tell_open
from codered.detect.scripts.flows.folding import fold, is_text
from codered.detect.scripts.flows.grammar import BY_CALL, FROM_CALLER, REAL, TAINTS, Grammar
from codered.detect.scripts.flows.lines import SELF, Line, Use, find_target, match_brackets, split_arguments
from codered.detect.scripts.flows.statements import Program, Statement
from codered.detect.scripts.flows.tokens import Token, read_tokens

MOST_PASSES = 5
MOST_STEPS = 1_500_000
MOST_DEPTH = 30
TAINTS_BY_CALL = REAL << BY_CALL
_SQL = re.compile(r"\b(?:select|create|drop|alter|insert|update|delete|where|exec|order by|values)\s", re.IGNORECASE)
_LINKS = (".", "->", "::")
_ENDS = (*_LINKS, ")", ",", "=")
_WRITING = frozenset(("2", "8", "forwriting", "forappending"))


class Follower:
    """Follows one program. `uses` after `follow` is everything that matters, the same place only once."""

    def __init__(self, program: Program, grammar: Grammar) -> None:
        self.grammar = grammar
        self.functions = program.functions
        self.values: dict[str, str] = {}
        self.built_names = False
        self._long: set[str] = set()  # variables that held a long text that is not plain
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
        self._bare = grammar.calls.keys() | {key.rpartition("/")[2] for key in grammar.methods}
        self._blank = find_blank(program, grammar)
        self._decoding = find_decoding(program, grammar)
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

    def _prepare(self, statement: Statement) -> Line:
        tokens = fold(statement.tokens, self.grammar, {})
        target, value_at, prop = find_target(tokens, self.grammar.syntax)
        if value_at and not prop:
            known = fold(tokens[value_at:], self.grammar, self.values)
            if len(known) == 1 and is_text(known[0]):
                self.values[target] = known[0].text
                if len(known[0].text) >= LONG_TEXT and looks_encoded(known[0]):
                    self._long.add(target)
            else:
                self.values.pop(target, None)
            if target == statement.function and any(token.text.lower() in self.grammar.makers for token in tokens):
                self._makers |= {target}
        tokens = self._fill_in(tokens)
        several = self.grammar.syntax in ("perl", "python") and any(token.text == "," for token in tokens[:value_at])
        also = tuple(token.text.lower() for token in tokens[:value_at] if several and token.kind == "name")
        return Line(tokens, match_brackets(tokens), statement.function, target, value_at, prop, also)

    def _fill_in(self, tokens: list[Token]) -> list[Token]:
        """Names of classes and code that variables hold become texts where they are used."""
        if not any(
            token.kind == "name"
            and (token.text.lower() in self._makers or self.grammar.calls.get(token.text.lower()) == "code")
            for token in tokens
        ):
            return tokens
        _, value_at, _ = find_target(tokens, self.grammar.syntax)
        return tokens[:value_at] + fold(tokens[value_at:], self.grammar, self._blank | self.values)

    def _pass(self, line: Line) -> None:
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

    def _weigh(self, line: Line, start: int, end: int, depth: int) -> int:
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

    def _weigh_chain(self, line: Line, position: int, end: int, depth: int) -> tuple[int, int]:
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
            mask = self._meet(name, dotted, mask)
            if name in self.grammar.harmless and (position != first or after == "("):
                mask = 0
            if name in SELF or len(dotted) > 200:
                dotted = ""
            position += 1
            closing = line.partner.get(position) if after in ("(", "[") else None
            if closing is not None:
                mask, position = self._weigh_call(line, (first, position, closing), mask, depth)
            elif position < end and after not in _ENDS and self._is_bare(name, tokens[position]):
                given = self._weigh_deeper(line, position, end, depth)
                self._hand_over(name, mask, given, tokens[position:end], position - 1 == first)
                return mask | given, end
            made, position = self._weigh_subscripts(line, position, end, depth)
            mask |= made
            if not (position + 1 < end and tokens[position].text in _LINKS and tokens[position + 1].kind == "name"):
                break
            position += 1
        return mask, max(position, first + 1)

    def _meet(self, name: str, dotted: str, mask: int) -> int:
        """What a chain is made of with one more name."""
        source = self.grammar.sources.get(dotted) or (self.grammar.given.get(name) if dotted != name else None)
        return mask | TAINTS.get(source or "", 0)

    def _weigh_subscripts(self, line: Line, position: int, end: int, depth: int) -> tuple[int, int]:
        mask = 0
        while position < end and line.tokens[position].text in ("(", "[") and line.partner.get(position, end) < end:
            mask |= self._weigh_deeper(line, position + 1, line.partner[position], depth)
            position = line.partner[position] + 1
        return mask, position

    def _is_bare(self, name: str, after: Token) -> bool:
        """Whether a name takes the rest of the line without brackets."""
        if self.grammar.syntax in ("c", "cf") or (after.kind == "op" and after.text not in ('"', "-", "@", "\\")):
            return False
        return name in self._bare

    def _weigh_deeper(self, line: Line, start: int, end: int, depth: int) -> int:
        return self._weigh(line, start, end, depth + 1) if depth < MOST_DEPTH else 0

    def _weigh_call(self, line: Line, where: tuple[int, int, int], mask: int, depth: int) -> tuple[int, int]:
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
        if name in self.grammar.decoders and not given & REAL and any(map(looks_encoded, handed[:1])):
            mask |= TAINTS["decoded"]
        return mask | given, closing + 1

    def _write_both(self, line: Line, opening: int, closing: int, depth: int) -> None:
        """The first argument is where something is written, the others what."""
        for number, (start, end) in enumerate(split_arguments(line, opening, closing)):
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
        named = (token for token in handed[:5] if is_text(token) and token.text.lower() in self.grammar.objects)
        first = next(named, None)
        if first is None:
            return 0
        self.built_names = self.built_names or first.kind == "built"
        return self.grammar.kind_bit(self.grammar.objects[first.text.lower()])

    def _hand_over(self, name: str, mask: int, given: int, handed: list[Token], alone: bool) -> None:
        """Note what is done with what a name is given, `name` with the one in front of it if there is one."""
        use = self.grammar.calls.get(name, "") if alone else self.grammar.methods.get(name, "")
        name = name.rpartition(".")[2]
        use = use or self.grammar.find_use(self.grammar.methods, name, mask)
        if use == "open-pipe":
            use = tell_open(handed)
        if use == "open-text":
            use = "write-path" if any(token.text.lower() in _WRITING for token in handed[1:]) else "read"
        if use and (handed or use == "listen"):
            self._use(use, given, handed, handed[0].at if handed else 0)

    def _use(self, what: str, mask: int, handed: list[Token], at: int) -> None:
        text = handed[0].text if len(handed) >= 1 and is_text(handed[0]) else None
        mask = (mask | mask >> BY_CALL) & REAL
        before = self.uses.get((what, at))
        if before is None or before.made_of | mask != before.made_of:
            computed = TAINTS["hidden"] if any(token.kind in ("name", "tick") for token in handed) else 0
            made = mask | computed | (before.made_of if before else 0)
            self.uses[what, at] = Use(what, made, text, at)

    def _enter(self, line: Line, where: tuple[int, int, int], depth: int) -> int:
        """A call of one of the file's own functions: its parameters take what they are given."""
        _, opening, closing = where
        name = line.tokens[opening - 1].text.lower()
        total = 0
        literal = False
        pieces = split_arguments(line, opening, closing)
        parameters = self.functions[name]
        for number, (start, end) in enumerate(pieces):
            given = self._weigh_deeper(line, start, end, depth)
            given = (given | given >> BY_CALL) & REAL | given >> 16 << 16
            total |= given
            literal = literal or (end - start == 1 and looks_encoded(line.tokens[start]))
            built = end - start == 1 and line.tokens[start].kind == "built" and len(line.tokens[start].text) > 7
            literal = literal or (end - start == 1 and line.tokens[start].text.lower() in self._long)
            given |= TAINTS["decoded"] if built else 0
            if parameters:
                target = parameters[min(number, len(parameters) - 1)]
                self._give(self._made, target, (given & REAL) << BY_CALL | given >> 16 << 16 | FROM_CALLER)
        result = self._returns.get(name, 0)
        made = result & REAL | result >> 16 << 16 | (total if result & FROM_CALLER else 0)
        return made | (TAINTS["decoded"] if (literal and name in self._decoding) else 0)
