"""Reads a unit's statements one after the other: declarations, returns, loops; everything else is an expression."""

from codered.detect.scripts.java.expressions import MOST_DEPTH, Expressions
from codered.detect.scripts.java.values import BODY, NOTHING, REQUEST, WHOLE, Value
from codered.detect.scripts.java.world import ROOT, World

MOST_ROUNDS = 3  # of one unit: a loop's variable is used before it is set

_SKIPPED = frozenset("{};:,)") | frozenset(
    ("else", "do", "try", "finally", "public", "private", "protected", "static", "final", "abstract", "transient")
)

_MODIFIERS = frozenset(("synchronized", "volatile", "native", "default", "strictfp"))
_BRACKETED = frozenset(("if", "while", "switch", "for", "synchronized"))


class Statements(Expressions):
    """The statements of one unit of a page."""

    def run(self, start: int, end: int) -> None:
        """Read the words from `start` to `end`, again as long as variables change. Raises Tired."""
        for _ in range(MOST_ROUNDS):
            self.changed = False
            self.at = start
            self._read_until(end)
            if not self.changed:
                break

    def read_block(self) -> None:
        """The statements in the braces at `at`."""
        close = self.partners.get(self.at, len(self.texts) - 1)
        self.at += 1
        if self.depth < MOST_DEPTH:
            self.depth += 1
            self._read_until(close)
            self.depth -= 1
        self.at = min(close + 1, len(self.texts) - 1)

    def _read_until(self, end: int) -> None:
        while self.at < end and self.texts[self.at]:
            before = self.at
            self._read_statement(end)
            if self.at <= before:
                self.at = before + 1

    def _read_statement(self, end: int) -> None:
        text = self.texts[self.at]
        if text in _BRACKETED and self.texts[self.at + 1] == "(":
            self.at += 2  # what stands in the brackets is read as statements too
        elif text in _SKIPPED or text in _MODIFIERS:
            self.at += 1
        elif text in ("return", "throw"):
            self.at += 1
            value = self.read()
            if self.unit != ROOT:
                self.world.give_back(self.unit, value)
        elif text in ("class", "interface", "enum") and self.kinds[self.at + 1] == "name":
            self._skip_head(end)
        elif text == "catch" and self.texts[self.at + 1] == "(":
            self.at = min(self.partners.get(self.at + 1, end), end) + 1
        elif text in ("import", "package", "case", "break", "continue", "throws"):
            self.at += 1
        elif text == "@" and self.kinds[self.at + 1] == "name":
            self.at += 2
            if self.texts[self.at] == "(":
                self.at = self.partners.get(self.at, end) + 1
        elif self.at in self.world.heads:
            self._skip_method()
        elif not self._read_declaration():
            self.read()

    def _skip_head(self, end: int) -> None:
        while self.at < end and self.texts[self.at] not in ("{", ";"):
            self.at += 1

    def _skip_method(self) -> None:
        """Methods are units of their own."""
        self.at = self.world.methods[self.world.heads[self.at]].end

    def _read_declaration(self) -> bool:
        """`Type name = value, other;` or the variable of a loop; False if no declaration stands here."""
        start = self.at
        if self.kinds[start] != "name" or self.texts[start] in ("new", "return", "this", "super"):
            return False
        kind = self.read_type()
        while self.texts[self.at] == "[" and self.texts[self.at + 1] == "]":
            kind, self.at = kind + "[]", self.at + 2
        if self.kinds[self.at] != "name" or self.texts[self.at] == "instanceof" or not kind:
            self.at = start
            return False
        if self.at in self.world.heads:
            self._skip_method()
            return True
        self._read_names(kind)
        return True

    def _read_names(self, kind: str) -> None:
        while self.kinds[self.at] == "name":
            name = self.texts[self.at]
            self.at += 1
            array = ""
            while self.texts[self.at] == "[" and self.texts[self.at + 1] == "]":
                array, self.at = "[]", self.at + 2
            if self.texts[self.at] in ("=", ":"):
                self.at += 1
                self.declare(kind + array, name, self.read())
            else:
                self.declare(kind + array, name, NOTHING)
            if self.texts[self.at] != ",":
                break
            self.at += 1


def prepare_methods(world: World) -> None:
    """Give the methods' parameters their types; what a server hands to one is the visitor's."""
    tables = world.tables
    for index, method in enumerate(world.methods):
        sent = method.name in tables.message_handlers
        for kind, name in method.takes:
            value = Value(type="request" if world.is_request(kind) else kind)
            if kind in tables.visitor_types:
                value = Value(REQUEST | BODY, None, kind)
            elif sent and kind in ("String", "ByteBuffer", "byte", "Object", "TextMessage"):
                value = Value(REQUEST | WHOLE, None, kind)
            world.locals[index][name] = value


def run_units(world: World) -> None:
    """Read the units until nothing new is told. Raises Tired."""
    prepare_methods(world)
    end = len(world.tokens.texts) - 1
    while world.waiting:
        unit = world.waiting.pop()
        if unit == ROOT:
            Statements(world, unit).run(0, end)
        else:
            method = world.methods[unit]
            Statements(world, unit).run(method.start, min(method.end, end))
