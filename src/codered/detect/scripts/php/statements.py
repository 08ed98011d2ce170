"""Reading PHP statement by statement."""

from codered.detect.scripts.budget import take_step
from codered.detect.scripts.php.guards import Guards
from codered.detect.scripts.php.values import NOTHING, REQUEST, VISITOR, Value, gather, spread

_BRANCHES = frozenset(("if", "elseif", "while", "for", "switch", "match", "catch", "declare"))
_PLAIN = frozenset(
    ("else", "do", "try", "finally", "case", "default", "abstract", "final", "public", "private", "protected")
) | frozenset(
    ("readonly", "break", "continue", "goto", "endif", "endwhile", "endforeach", "endfor", "endswitch", "extends")
)
_LONGEST_UNROLLED = 120
_MOST_TURNS = 64


class Reading(Guards):
    """All of it: `run_range` reads statements, the rest is inherited."""

    def run_range(self, start: int, end: int) -> None:
        """Reads the statements between two tokens."""
        if len(self.calls) > 8 or self.depth > 40:
            return
        tokens = self.program.tokens
        self.at = start
        while self.at < end and self.steps > 0:
            here = self.at
            token = tokens[here]
            self.steps -= 1
            take_step()
            if token.kind == "op" and token.text in ("{", "}", ";", ")", "]", ",", ":", "=>"):
                if token.text == "{":
                    self.nested += 1
                elif token.text == "}" and self.nested:
                    self.nested -= 1
                self.at += 1
            elif token.kind == "name":
                self._read_statement(token.text.lower(), here, end)
            else:
                self.read_expression()
            if self.at <= here:
                self.at = here + 1

    def _read_statement(self, word: str, here: int, end: int) -> None:
        tokens = self.program.tokens
        after = tokens[here + 1].text
        if word == "if" and after == "(" and self.read_guarded(here, end):
            return
        self.at = here
        if word in _BRANCHES and after == "(":
            close = self.program.close_of(here + 1)
            self.at = here + 2
            while self.at < close and self.steps > 0:
                before = self.at
                self.read_expression()
                self.at = max(self.at + (tokens[self.at].text in (";", ",")), before + 1)
            self.at = close + 1
            if word in ("for", "while") and tokens[self.at].text == "{":
                self.looping = max(self.looping, self.program.close_of(self.at))
            if tokens[self.at].text != "{":
                self._read_branch(end)
        elif word == "foreach" and after == "(":
            self._read_foreach(here, end)
        elif word in _PLAIN or (after == ":" and tokens[here + 2].text != ":"):
            self.at += 1
            if word == "else" and after != "{" and after.lower() != "if":
                self._read_branch(end)
        elif (word == "function" and tokens[here + 1].kind == "name") or (after == "&" and word == "function"):
            found = self.program.read_function(here)
            self.at = found.end + 1 if found else here + 2
        elif word in ("class", "trait", "interface"):
            self.at = self.program.find(here, "{")
        elif word in ("global", "unset", "use", "namespace"):
            self._read_names(word, end)
        elif word == "const":
            self._read_constants(end)
        elif word in ("var", "static") and tokens[here + 1].kind == "variable":
            self.at += 1
        elif word == "echo":
            self._read_echo()
        else:
            self.read_expression()

    def _read_branch(self, end: int) -> None:
        """One statement that may not happen."""
        tokens = self.program.tokens
        if self.at >= end or self.depth > 30 or tokens[self.at].text in (":", ";"):
            return
        self.nested += 1
        self.depth += 1
        token = tokens[self.at]
        if token.kind == "name":
            self._read_statement(token.text.lower(), self.at, end)
        else:
            self.read_expression()
        self.depth -= 1
        self.nested = max(0, self.nested - 1)

    def _read_echo(self) -> None:
        self.at += 1
        while self.steps > 0:
            self.printed |= gather(self.read_expression())
            if self.program.tokens[self.at].text != ",":
                return
            self.at += 1

    def _read_names(self, word: str, end: int) -> None:
        tokens = self.program.tokens
        self.at += 1
        while self.at < end and tokens[self.at].text not in (";", "{"):
            token = tokens[self.at]
            if word == "global" and token.kind == "variable" and self.scope is not self.top:
                shared = self.top.get(token.text)
                if shared is None and self.spilled:
                    shared = Value(VISITOR)
                self.scope[token.text] = shared if shared is not None else NOTHING
                self.shared.add(token.text)
            self.at += 1

    def _read_constants(self, end: int) -> None:
        tokens = self.program.tokens
        self.at += 1
        while self.at < end and tokens[self.at].text != ";":
            name = tokens[self.at].text
            if tokens[self.at + 1].text == "=":
                self.at += 2
                value = self.read_expression()
                self.constants[name] = value
                self.constants[f"::{name}"] = value
            else:
                self.at += 1

    def _read_foreach(self, here: int, end: int) -> None:
        tokens = self.program.tokens
        close = self.program.close_of(here + 1)
        self.at = here + 2
        listed = self.read_expression()
        names: list[str] = []
        indirect = False
        if tokens[self.at].text.lower() == "as":
            for at in range(self.at + 1, close):
                if tokens[at].kind == "variable":
                    names.append(tokens[at].text)
                indirect = indirect or tokens[at].text == "$"
        self.at = close + 1
        if indirect and gather(listed) & REQUEST:
            self.spilled = True
        key, item = (names[0], names[1]) if len(names) > 1 else ("", names[0] if names else "")
        body_end = self.program.close_of(self.at) if tokens[self.at].text == "{" else self._end_of_statement(end)
        items = listed.items or {}
        if 0 < len(items) <= _MOST_TURNS and body_end - self.at <= _LONGEST_UNROLLED and self.unrolled < 3:
            start, nested = self.at, self.nested
            self.unrolled += 1
            for name, value in list(items.items()):
                self.nested = 0
                self._set(key, Value(listed.flags, name))
                self._set(item, value)
                self.run_range(start, body_end)
            self.unrolled -= 1
            self.nested = nested
            self.at = body_end
        else:
            self.looping = max(self.looping, body_end)
            every = spread(listed)
            self._set(key, Value((VISITOR if listed.holds(REQUEST) else 0), next(reversed(items), None)))
            self._set(item, Value(gather(listed), every.text, every.items or _last_items(listed)))

    def _set(self, name: str, value: Value) -> None:
        if name:
            self.assign(name, value)

    def _end_of_statement(self, end: int) -> int:
        at = self.at
        tokens = self.program.tokens
        while at < end and tokens[at].text != ";":
            at = self.program.close_of(at) if tokens[at].text in ("(", "[", "{") else at + 1
            self.steps -= 1  # chains of loops without braces: each looks for the end of all
            if tokens[at].text == "}" or self.steps <= 0:
                return at + 1
        return at + 1


def _last_items(listed: Value) -> dict[str, Value] | None:
    items = None
    for value in (listed.items or {}).values():
        items = value.items if value.items is not None else items
    return items
