"""Works out Java's expressions and statements over values. Code that is no Java is stepped over, never refused."""

from codered.detect.scripts.java import calls
from codered.detect.scripts.java.tokens import read_literal
from codered.detect.scripts.java.values import HIDDEN, NOTHING, REQUEST, TAINTS, WHOLE, Value, concatenate, join
from codered.detect.scripts.java.variables import Variables

MOST_DEPTH = 50  # brackets within each other; what is deeper is stepped over

_TESTS = frozenset(("==", "!=", "<", ">", "<=", ">=", "&&", "||", "instanceof"))
_SIGNS = frozenset("+-*/%^&|") | _TESTS
_ASSIGNS = frozenset(("=", "+=", "-=", "*=", "/=", "%=", "^=", "&=", "|="))
_PREFIXES = frozenset(("!", "~", "-", "+", "++", "--"))
_ENDS = frozenset((")", "]", "}", ";", ",", ":", ""))


class Expressions(Variables):
    """Reads expressions from `at` on and moves `at` behind them."""

    def read(self) -> Value:
        """An expression with its assignments and choices."""
        if self.depth >= MOST_DEPTH:
            return self._step_over()
        self.depth += 1
        try:
            return self._read_whole()
        finally:
            self.depth -= 1

    def _read_whole(self) -> Value:
        first = self._read_operand()
        place = self.place
        sign = self.texts[self.at]
        if sign in _ASSIGNS:
            part = self.texts[self.at - 1] == "]"
            self.at += 1
            value = self.read()
            value = concatenate([first, value]) if sign == "+=" else value
            if place:
                self.assign(place, value, keep=part)
            return value
        parts, tested = [first], False
        while (sign := self.texts[self.at]) in _SIGNS:
            tested |= sign in _TESTS
            self.at += 1
            if sign == "instanceof":
                self._read_operand()
            else:
                parts.append(self._read_operand() if sign == "+" else self._read_operand()._replace(said=None))
        self.place = None if len(parts) > 1 else place
        if self.texts[self.at] == "?":
            return self._read_choice()
        if len(parts) == 1:
            return first
        return Value(type="boolean") if tested else concatenate(parts)

    def _read_choice(self) -> Value:
        self.at += 1
        one = self.read()
        if self.texts[self.at] == ":":
            self.at += 1
        other = self.read()
        self.place = None
        return Value(one.bits | other.bits, one.said if other.said in (None, one.said) else other.said, one.type)

    def _read_operand(self) -> Value:
        self.world.step()
        self.place = None
        texts = self.texts
        while texts[self.at] in _PREFIXES:
            self.at += 1
        text, kind = texts[self.at], self.kinds[self.at]
        if kind == "text":
            self.at += 1
            return self._read_chain(Value(said=read_literal(text), type="String"))
        if kind == "number":
            self.at += 1
            return Value(said=text, type="number")
        if text == "(":
            return self._read_brackets()
        if text == "{":
            return self._read_items()
        if text == "new":
            return self._read_chain(self._read_new())
        if kind == "name":
            return self._read_name()
        if text not in _ENDS:
            self.at += 1
        return NOTHING

    def _read_brackets(self) -> Value:
        """A cast, a lambda's parameters, or an expression in brackets."""
        start, close = self.at, self.partners.get(self.at, len(self.texts) - 1)
        after = self.texts[close + 1] if close + 1 < len(self.texts) else ""
        if after == "->":
            self.at = close + 2
            return self._read_body()
        if self._is_cast(start, close):
            kind = self.find_type_name(start + 1, close)
            self.at = close + 1
            if self.depth >= MOST_DEPTH:
                return self._step_over()
            self.depth += 1
            value = self._read_operand()
            self.depth -= 1
            return (
                value if value.type in ("Method", "Class", "Constructor") else value._replace(type=kind or value.type)
            )
        self.at = start + 1
        value = self.read()
        while self.at < close and self.texts[self.at] == ",":
            self.at += 1
            self.read()
        self.at = close + 1 if close + 1 < len(self.texts) else close
        place = self.place
        value = self._read_chain(value)
        self.place = self.place or place
        return value

    def _is_cast(self, start: int, close: int) -> bool:
        """Whether only a type stands in the brackets, and behind them begins something to cast."""
        if not 1 < close - start < 20 or close + 1 >= len(self.texts):
            return False
        if not all(
            self.kinds[index] == "name" or self.texts[index] in (".", "[", "]", "<", ">", ",", "?")
            for index in range(start + 1, close)
        ):
            return False
        after = self.kinds[close + 1]
        return (after in ("name", "text", "number") and self.texts[close + 1] != "instanceof") or (
            self.texts[close + 1] == "(" and self.kinds[close - 1] != "sign"
        )

    def _read_body(self) -> Value:
        """The body of a lambda."""
        if self.texts[self.at] == "{":
            self.read_block()
            return NOTHING
        return self.read()

    def _read_items(self) -> Value:
        """The items of an array; of numbers it is a text that was hidden."""
        close = self.partners.get(self.at, len(self.texts) - 1)
        said = self.read_numbers(self.at + 1, close)
        if said is not None:
            self.at = close + 1
            return Value(HIDDEN, said, "byte[]")
        self.at += 1
        values = self._read_list(close)
        whole = join(values) & TAINTS
        said = values[0].said if len(values) == 1 else None
        return Value(whole, said if said is not None else " ".join(value.said or "" for value in values[:20]), "[]")

    def _read_list(self, close: int) -> list[Value]:
        """Values between commas up to a closing bracket, `at` behind it."""
        values = []
        while self.at < close:
            before = self.at
            values.append(self.read())
            if self.texts[self.at] == "," or self.at == before:
                self.at += 1
        self.at = min(close + 1, len(self.texts) - 1)
        return values

    def _read_new(self) -> Value:
        start = self.at
        self.at += 1
        kind = self.read_type()
        if self.texts[self.at] == "[":
            while self.texts[self.at] == "[":
                self.at = min(self.partners.get(self.at, len(self.texts) - 1) + 1, len(self.texts) - 1)
            value = self._read_items() if self.texts[self.at] == "{" else NOTHING
            return value._replace(type=kind + "[]")
        if self.texts[self.at] != "(":
            return Value(type=kind)
        args = self.read_args()
        if self.texts[self.at] == "{":
            self.read_block()
        return calls.construct(self.world, kind, args, (start, self.unit))

    def read_args(self) -> list[Value]:
        """The values in brackets, `at` behind them; which variables they are stands in `given`."""
        close = self.partners.get(self.at, len(self.texts) - 1)
        self.at += 1
        values, places = [], []
        while self.at < close:
            before = self.at
            values.append(self.read())
            places.append(self.place)
            if self.texts[self.at] == "," or self.at == before:
                self.at += 1
        self.at = min(close + 1, len(self.texts) - 1)
        self.given = places
        return values

    def _read_name(self) -> Value:
        """A variable, a class or a call without a receiver, and what follows it."""
        name, start = self.texts[self.at], self.at
        self.at += 1
        after = self.texts[self.at]
        if after == "->":
            self.at += 1
            return self._read_body()
        if after == "(":
            args = self.read_args()
            return self._read_chain(calls.call(self.world, NOTHING, name, args, (start, self.unit)))
        value = self.world.look_up(name, self.unit)
        if value is None:
            if name in self.world.tables.implicit_values and after in (".", "["):
                value = Value(REQUEST | WHOLE, None, "String")
            else:
                value = Value(type=name)
        return self._read_chain(value, name)

    def _read_chain(self, value: Value, name: str | None = None) -> Value:
        """What follows an operand: fields, calls, indexes. `name`: the variable that the chain starts with."""
        base = name
        while True:
            text = self.texts[self.at]
            if text == "." and self.kinds[self.at + 1] == "name":
                member = self.texts[self.at + 1]
                self.at += 2
                if self.texts[self.at] == "(":
                    value = self._call(value, member, base)
                    name = None
                else:
                    value, name = self._read_member(value, member)
            elif text == "[":
                value = self._read_index(value)
            elif text in ("++", "--"):
                self.at += 1
            elif text == "::":
                self.at += 2
            else:
                break
        self.place = name
        return value

    def _read_member(self, value: Value, member: str) -> tuple[Value, str | None]:
        if member == "class":
            return Value(value.bits, value.said or value.type, "Class"), None
        if self.world.is_request(value.type):
            return calls.call(self.world, value, member, [], (self.at - 1, self.unit)), None
        known = self.world.look_up(member, self.unit)
        if known is not None:
            return Value(known.bits | (value.bits & TAINTS), known.said, known.type), member
        return Value(value.bits & TAINTS, None, member if member[:1].isupper() or not value.bits else ""), member

    def _read_index(self, value: Value) -> Value:
        close = self.partners.get(self.at, len(self.texts) - 1)
        self.at += 1
        self.read()
        self.at = min(close + 1, len(self.texts) - 1)
        said = value.said if value.type == "Constructor" else None
        return value._replace(said=said, type=value.type.removesuffix("[]"))

    def _call(self, receiver: Value, member: str, base: str | None) -> Value:
        start = self.at - 1
        args = self.read_args()
        given = self.given
        value = calls.call(self.world, receiver, member, args, (start, self.unit))
        tables = self.world.tables
        if base and member in tables.changes_receiver and args:
            self.change(base, receiver, args, member)
        if member in tables.fills_argument and receiver.bits & TAINTS:
            for place in filter(None, given):
                self.assign(place, Value(receiver.bits & TAINTS & ~WHOLE), keep=True)
        if member == "arraycopy" and len(args) > 2 and given[2]:
            self.assign(given[2], Value(args[0].bits & TAINTS), keep=True)
        return value

    def _step_over(self) -> Value:
        """Behind what is too deep."""
        partner = self.partners.get(self.at)
        self.at = min(partner + 1 if partner is not None else self.at + 1, len(self.texts) - 1)
        return NOTHING
