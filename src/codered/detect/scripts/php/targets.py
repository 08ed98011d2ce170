"""What stands at the left of an assignment or holds a value: variables, items, properties, lists, objects."""

from codered.detect.scripts.php.calls import Calls
from codered.detect.scripts.php.folding import increase
from codered.detect.scripts.php.lists import pick_any
from codered.detect.scripts.php.program import Program
from codered.detect.scripts.php.tables import TABLES
from codered.detect.scripts.php.tokens import tokenize_code
from codered.detect.scripts.php.values import (
    CHOSEN,
    HIDDEN,
    LEADING,
    MOST_ITEMS,
    NOTHING,
    OWN_FILE,
    OWN_OBJECT,
    REQUEST,
    UPLOAD,
    UPLOAD_NAME,
    VISITOR,
    WORD,
    Value,
    gather,
    merge,
    read_number,
)

Target = tuple[str, str, str | None]
"""A kind (variable, property, item, any), the name of the variable or property, and the key of its item."""


class Targets(Calls):
    """The part of a reading that knows what can be assigned to."""

    def store(self, target: Target, value: Value) -> None:
        """Assigns to a target."""
        kind, name, key = target
        keep = self.nested > 0
        if kind == "variable":
            self.assign(name, value, keep=keep)
        elif kind == "property":
            self.properties[name] = merge(self.properties.get(name, NOTHING), value)
        elif kind == "any":
            self.spilled = self.spilled or value.holds(REQUEST)
        else:
            if name in TABLES.visitor:
                return
            place = self.place_of(name)
            if name == "$GLOBALS" and key:
                self.top["$" + key] = value
                return
            old = place.get(name, NOTHING)
            items = dict(old.items or {}) if len(old.items or {}) < MOST_ITEMS else {}
            flags = old.flags
            if key is None:
                key = str(len(items))
                flags |= value.flags & (HIDDEN | REQUEST)
            items[key] = value
            place[name] = Value(flags, None, items)

    def read_postfix(self, read: tuple[Value, Target | None]) -> tuple[Value, Target | None]:
        """What follows a value: items, properties, calls, `++`."""
        value, target = read
        tokens = self.program.tokens
        while self.steps > 0:
            self.steps -= 1
            text = tokens[self.at].text
            if tokens[self.at].kind != "op":
                break
            if text == "[" or (text == "{" and target and target[0] != "any" and self.program.is_item(self.at)):
                value, target = self._read_item(value, target)
            elif text in ("->", "?->", "::"):
                value, target = self._read_member(value)
            elif text == "(":
                here = self.at
                arguments = self.read_arguments()
                value, target = self.call_value(value, arguments, here), None
            elif text in ("++", "--"):
                self.at += 1
                if text == "++" and target:
                    self.store(target, increase(value))
                break
            else:
                break
        return value, target

    def read_arguments(self) -> list[Value]:
        """The arguments in the brackets at the next token."""
        opened = self.at
        close = self.program.close_of(opened)
        self.at += 1
        values: list[Value] = []
        tokens = self.program.tokens
        while self.at < close and self.steps > 0:
            here = self.at
            if tokens[here + 1].text == ":" and tokens[here].kind == "name" and tokens[here + 2].text != ":":
                self.at += 2
            value = self.read_expression()
            if len(values) < 64:
                values.append(value)
            if tokens[self.at].text == "," or self.at == here:
                self.at += 1
        self.at = close + 1
        return values

    def read_list(self, _word: str) -> tuple[Value, Target | None]:
        """An array literal whose bracket is at the next token."""
        close = self.program.close_of(self.at)
        self.at += 1
        items: dict[str, Value] = {}
        flags = 0
        tokens = self.program.tokens
        while self.at < close and self.steps > 0:
            here = self.at
            value = self.read_expression()
            if tokens[self.at].text == "=>":
                key = value
                self.at += 1
                value = self.read_expression()
                if key.holds(REQUEST):
                    flags |= VISITOR
                if len(items) < MOST_ITEMS:
                    items[key.text if key.text is not None else str(len(items))] = value
            elif len(items) < MOST_ITEMS:
                items[str(len(items))] = value
            if tokens[self.at].text == "," or self.at == here:
                self.at += 1
        self.at = close + 1
        return Value(flags, None, items), None

    def _read_enclosed(self) -> Value:
        """An expression in braces or brackets, up to behind them."""
        close = self.program.close_of(self.at)
        self.at += 1
        value = NOTHING if self.at >= close else self.read_expression()
        self.at = close + 1
        return value

    def read_indirect(self) -> tuple[Value, Target | None]:
        """A variable whose name is in a variable or an expression."""
        here = self.at
        self.at += 1
        token = self.program.tokens[self.at]
        if token.text == "{":
            name = self._read_enclosed()
        elif token.kind == "variable":
            self.at += 1
            name = self.look_up(token.text)
        elif token.text == "$" and self.depth < 30:
            self.depth += 1
            name = self.read_indirect()[0]
            self.depth -= 1
        else:
            return NOTHING, None
        if name.text is None:
            if name.holds(REQUEST | WORD):
                return Value(VISITOR | CHOSEN), ("any", "", None)
            return Value(name.flags & HIDDEN), ("any", "", None)
        full = "$" + name.text
        if full in TABLES.visitor and name.holds(HIDDEN):
            self.tell("hides-request", here)
        return self.look_up(full), ("variable", full, None)

    def read_inner(self, code: str) -> Value:
        """An expression inside a text."""
        if self.unpacked > 6 or not code:
            return NOTHING
        outer, at = self.program, self.at
        self.unpacked += 1
        self.program = Program(tokenize_code(code[:2000]), outer.place(at))
        self.at = 0
        value = self.read_expression()
        self.program, self.at = outer, at
        self.unpacked -= 1
        return value

    def read_constant(self, word: str, written: str) -> Value:
        """A word that stands for a value; one that nobody defined says itself."""
        if word in ("__file__", "__dir__", "__compiler_halt_offset__"):
            return Value(HIDDEN | OWN_FILE) if word == "__file__" else NOTHING
        if word in ("null", "false", "php_eol"):
            return Value(0, "")
        if word == "true":
            return Value(0, "1")
        if word == "__function__" and self.calls:
            return Value(HIDDEN, self.calls[-1])
        if word == "__class__" and self.calls:
            found = self.functions.get(self.calls[-1])
            return Value(HIDDEN, found.owner if found else "")
        return self.constants.get(written, Value(0, written))

    def read_new(self) -> tuple[Value, Target | None]:
        """An object made."""
        here = self.at
        self.at += 1
        token = self.program.tokens[self.at]
        name = Value(0, token.text)
        if token.kind == "name":
            self.at += 1
        elif token.kind == "variable":
            self.at += 1
            name = self.look_up(token.text)
        arguments = self.read_arguments() if self.program.tokens[self.at].text == "(" else []
        return self.make_object(name, arguments, here), None

    def read_closure(self) -> Value:
        """A function without a name: it can be called by the text that this gives."""
        here = self.at
        if self.program.tokens[here].text.lower() == "fn":
            self.at = self.program.find(here, "=>") + 1
            self.read_expression(4)
            return NOTHING
        found = self.program.read_function(here)
        if found is None:
            self.at += 1
            return NOTHING
        if found.name:  # a method behind `static`: read when it is called
            self.at = found.end + 1
            return NOTHING
        name = f"{{closure {self.program.place(here)}}}"
        self.functions.setdefault(name, found._replace(name=name, owner="{closure}"))
        self.at = found.end + 1
        return Value(0, name)

    def _read_item(self, value: Value, target: Target | None) -> tuple[Value, Target | None]:
        close = self.program.close_of(self.at)
        key = self._read_enclosed()
        empty = self.program.tokens[close - 1].text in ("[", "{")
        following: Target | None = None
        if target and target[0] in ("variable", "property"):
            following = ("item", target[1], None if empty else key.text)
        elif target and target[0] == "item":
            following = ("item", target[1], target[2])
        return self._pick(value, key, target), following

    def _pick(self, value: Value, key: Value, target: Target | None) -> Value:
        if target and target[1] == "$_SERVER" and target[0] == "variable":
            return self._pick_server(key)
        if target and target[1] == "$GLOBALS" and key.text not in (value.items or {}) and target[0] == "variable":
            return self._pick_global(value, key)
        if value.holds(UPLOAD) and key.text in ("name", "type", "full_path"):
            return Value(VISITOR | UPLOAD_NAME)
        if value.holds(UPLOAD) and key.text in ("size", "error"):
            return NOTHING
        if value.items is not None:
            if key.text is not None and key.text in value.items:
                return value.items[key.text]
            return merge(pick_any(value), Value(key.flags & HIDDEN))
        number = read_number(key.text)
        if value.text is not None and number is not None:
            hidden = HIDDEN | (value.flags & ~LEADING)
            return (
                Value(hidden, value.text[number : number + 1 or None] if number >= 0 else value.text[number])
                if -len(value.text) <= number
                else NOTHING
            )
        return Value(value.flags | (HIDDEN if value.text is not None else 0))

    def _pick_global(self, value: Value, key: Value) -> Value:
        if key.text is None:
            return NOTHING
        if key.text.isdigit():
            return Value(HIDDEN)
        return self.look_up("$" + key.text) if key.text != "GLOBALS" else value

    def _pick_server(self, key: Value) -> Value:
        name = key.text
        if name is None:
            return Value(VISITOR if key.flags else 0)
        if name in TABLES.server_keys or (name.startswith("HTTP_") and name != "HTTP_HOST"):
            return Value(VISITOR)
        if name in ("SCRIPT_FILENAME", "PHP_SELF", "SCRIPT_NAME"):
            return Value(OWN_FILE)
        return NOTHING

    def _read_member(self, value: Value) -> tuple[Value, Target | None]:
        tokens = self.program.tokens
        here = self.at
        static = tokens[here].text == "::"
        self.at += 1
        token = tokens[self.at]
        name = Value(0, token.text)
        if token.text == "{":
            name = self._read_enclosed()
        elif token.kind == "variable":
            self.at += 1
            name = Value(0, token.text[1:]) if static and tokens[self.at].text != "(" else self.look_up(token.text)
        else:
            self.at += 1
        if tokens[self.at].text == "(":
            return self.call_method(value, name, self.read_arguments(), here), None
        if static and token.kind == "name":
            return self.constants.get(f"::{token.text}", Value(0, value.text if token.text == "class" else None)), None
        if name.text is None:
            self.any_property = True
            return Value(name.flags & VISITOR), None
        key = f"->{name.text}"
        known = self.properties.get(key, NOTHING)
        apart = not value.flags or (key in self.properties and value.holds(OWN_OBJECT) and not self.any_property)
        return (known if apart else merge(known, Value(gather(value) & VISITOR))), ("property", key, None)
