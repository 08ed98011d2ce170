"""What flows where: a few passes over all statements, each value a set of bits, until nothing changes."""

import re

from codered.detect.scripts.budget import note_cut, take_step
from codered.detect.scripts.flows.clues import (
    LONG_TEXT,
    find_blank,
    find_decoding,
    find_held,
    looks_encoded,
)
from codered.detect.scripts.flows.effects import TAINTS_BY_CALL, Effects
from codered.detect.scripts.flows.folding import fold, is_text
from codered.detect.scripts.flows.grammar import BY_CALL, FROM_CALLER, REAL, TAINTS, Grammar
from codered.detect.scripts.flows.lines import SELF, Line, find_target, match_brackets, split_arguments
from codered.detect.scripts.flows.statements import Program, Statement
from codered.detect.scripts.flows.tokens import Token

MOST_PASSES = 5
MOST_STEPS = 800_000
MOST_DEPTH = 30
ALL = REAL | TAINTS_BY_CALL | FROM_CALLER
_SQL = re.compile(r"\b(?:select|create|drop|alter|insert|update|delete|where|exec|order by|values)\s", re.IGNORECASE)
_LINKS = (".", "->", "::")
_ENDS = (*_LINKS, ")", ",", "=")
_READS_INTO = frozenset(("read", "readasync", "readblock", "recv_into", "readinto"))
_WRITING = frozenset(("2", "8", "forwriting", "forappending"))


class Follower(Effects):
    """Follows one program. `uses` after `follow` is everything that matters, the same place only once."""

    def __init__(self, program: Program, grammar: Grammar) -> None:
        super().__init__(program, grammar)
        self._long: set[str] = set()  # variables that held a long text that is not plain
        self._unpacked: set[str] = set()  # variables that hold a text that was decoded
        self._steps = 0
        self._blank = find_blank(program, grammar)
        self._decoding = find_decoding(program, grammar)
        self._lines = [self._prepare(statement) for statement in program.statements]
        for line in self._lines:
            if line.function in self._parameters and line.value_at and not line.prop:
                self._parameters[line.function].update((line.target, *line.also))

    def follow(self) -> None:
        """Pass over the lines until nothing changes, or the budget is spent."""
        for _ in range(MOST_PASSES):
            self._changed = False
            for line in self._lines:
                self._pass(line)
                if self._steps > MOST_STEPS:
                    note_cut("more steps than a script may take")
                    return
            if not self._changed:
                return

    def _prepare(self, statement: Statement) -> Line:
        take_step()
        tokens = fold(statement.tokens, self.grammar, {})
        target, value_at, prop = find_target(tokens, self.grammar.syntax)
        if value_at and not prop:
            known = fold(tokens[value_at:], self.grammar, self.values)
            if len(known) == 1 and is_text(known[0]):
                self.values[target] = known[0].text
                if known[0].kind == "decoded":
                    self._unpacked.add(target)
                if len(known[0].text) >= LONG_TEXT and looks_encoded(known[0]):
                    self._long.add(target)
            else:
                self.values.pop(target, None)
            if held := find_held(tokens[value_at:], self.grammar):
                self._aliases[target] = held
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
        filled = fold(tokens[value_at:], self.grammar, self._blank | self.values)
        if any(token.text.lower() in self._unpacked for token in tokens[value_at:]):
            filled = [token._replace(kind="decoded") if token.kind == "built" else token for token in filled]
        return tokens[:value_at] + filled

    def _pass(self, line: Line) -> None:
        mask = self._weigh(line, line.value_at, len(line.tokens), 0)
        first = line.tokens[0].text.lower()
        if first == "return" or (self.grammar.syntax == "perl" and len(line.tokens) < 3 and line.function):
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

    def _weigh(self, line: Line, start: int, end: int, depth: int) -> int:
        """What the tokens from start to end are made of; uses on the way are noted."""
        mask, position = 0, start
        while position < end:
            token = line.tokens[position]
            self._steps += 1
            take_step()
            if token.kind == "name":
                made, position = self._weigh_chain(line, position, end, depth)
                mask |= made
                continue
            if token.kind == "tick" or (token.kind == "text" and self.grammar.syntax == "perl"):
                inside = self._weigh_inside(token.text, line.function)
                if token.kind == "tick":
                    self._use("command", inside, [], token.at)
                mask |= inside
            elif token.kind == "decoded":
                mask |= TAINTS["decoded"]
            elif is_text(token) and _SQL.search(token.text[:200]):
                mask |= TAINTS["sql"]
            position += 1
        return mask

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
                if name in self.grammar.fills and closing - first > 3:
                    self._give(self._made, tokens[first].text.lower(), mask & ALL)
            elif position < end and after not in _ENDS and self._is_bare(name, tokens[position]):
                given = self._weigh_deeper(line, position, end, depth)
                self._hand_over(name, mask, given, tokens[position:end], position - 1 == first)
                if name in self.grammar.fills and position - 1 > first:
                    self._give(self._made, tokens[first].text.lower(), given & ALL)
                return mask | given, end
            made, position = self._weigh_subscripts(line, position, end, depth)
            mask |= made
            if not (position + 1 < end and tokens[position].text in _LINKS and tokens[position + 1].kind == "name"):
                break
            position += 1
        return mask, max(position, first + 1)

    def _weigh_subscripts(self, line: Line, position: int, end: int, depth: int) -> tuple[int, int]:
        mask = 0
        held = self._aliases.get(line.tokens[position - 1].text.lower(), "") if position <= len(line.tokens) else ""
        while position < end and line.tokens[position].text in ("(", "[") and line.partner.get(position, end) < end:
            inside = line.tokens[position + 1 : line.partner[position]]
            given = self._weigh_deeper(line, position + 1, line.partner[position], depth)
            if line.tokens[position].text == "(" and held and inside:
                self._use(held, given, inside, inside[0].at)
            elif len(inside) == 1 and is_text(inside[0]):
                held = held or self._tell_named(inside[0])
            mask |= given
            position = line.partner[position] + 1
        return mask, position

    def _weigh_deeper(self, line: Line, start: int, end: int, depth: int) -> int:
        return self._weigh(line, start, end, depth + 1) if depth < MOST_DEPTH else 0

    def _weigh_handed(
        self, line: Line, where: tuple[int, int, int], alone: bool, depth: int
    ) -> tuple[int, list[Token]]:
        """What is handed to a call, in its brackets or, as the language has it, beside them; and its tokens."""
        first, opening, closing = where
        given = self._weigh_deeper(line, opening + 1, closing, depth)
        handed = line.tokens[opening + 1 : closing]
        is_split = self.grammar.syntax == "perl" and line.tokens[opening - 1].text.lower() == "split"
        if is_split and not any(token.text == "," for token in handed):
            given |= self._look_up("_", line.function)
        if alone and self.grammar.syntax == "vb" and (first == 0 or line.tokens[first - 1].text.lower() == "call"):
            given |= self._weigh_deeper(line, closing + 1, len(line.tokens), depth)
            handed = line.tokens[opening:] if closing + 1 < len(line.tokens) else handed
        return given, handed

    def _weigh_call(self, line: Line, where: tuple[int, int, int], mask: int, depth: int) -> tuple[int, int]:
        """A name with its brackets at (first name, opening, closing): what comes out, and where it ends."""
        first, opening, closing = where
        name = line.tokens[opening - 1].text.lower()
        alone = opening - 1 == first or (first > 0 and line.tokens[first - 1].text.lower() == "new")
        given, handed = self._weigh_handed(line, where, alone, depth)
        if name in self.grammar.harmless:
            return 0, closing + 1
        held = self._aliases.get(name if alone else line.tokens[first].text.lower(), "")
        if held and handed:
            self._use(held, given, handed, handed[0].at)
        if name in _READS_INTO and not alone and handed and handed[0].kind == "name":
            self._give(self._made, handed[0].text.lower(), mask & ALL)
        after = line.partner.get(closing + 1)
        by_name = name == "getattr" or line.tokens[opening].text == "["
        if by_name and handed and is_text(handed[-1]) and after and (use := self._tell_named(handed[-1])):
            inside = line.tokens[closing + 2 : after]
            self._use(use, self._weigh_deeper(line, closing + 2, after, depth), inside, line.tokens[closing].at)
        if name in self.functions:
            return mask | self._enter(line, where, depth) | self._make_object(name, handed), closing + 1
        before = line.tokens[opening - 3].text.lower() if not alone and opening > 2 else ""
        full = f"{before}.{name}" if before else name
        if self.grammar.methods.get(full) == "write-both" or self.grammar.calls.get(full) == "write-both":
            self._write_both(line, opening, closing, depth)
        else:
            self._hand_over(full, mask, given, handed, alone)
        if (self.grammar.methods if before else self.grammar.calls).get(full) == "listen":
            mask |= self._socket
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
