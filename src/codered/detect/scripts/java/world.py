"""All that is known of a page while its methods are read: variables, what methods give, what was seen."""

from collections.abc import Callable

from codered.detect.scripts.budget import take_step
from codered.detect.scripts.java.tables import Tables
from codered.detect.scripts.java.tokens import Tokens
from codered.detect.scripts.java.units import Method, find_classes, find_methods
from codered.detect.scripts.java.values import NOTHING, Value, merge

MOST_STEPS = 600_000  # operands of one page; the largest of the development corpus takes 90,000
ROOT = -1  # the unit that is no method: scriptlets and fields


class Tired(Exception):
    """The page has taken more steps than one may; what was seen until then counts."""


class World:
    """The state of one page. Variables of scriptlets and fields of classes are `shared`, by their bare names."""

    def __init__(self, tokens: Tokens, tables: Tables, report: Callable[[str, int], None]) -> None:
        self.tokens = tokens
        self.tables = tables
        self.report = report
        self.methods: list[Method] = find_methods(tokens)
        self.classes = find_classes(tokens)
        self.heads = {method.head: index for index, method in enumerate(self.methods)}
        self.by_name: dict[tuple[str, int], list[int]] = {}
        for index, method in enumerate(self.methods):
            self.by_name.setdefault((method.name, len(method.takes)), []).append(index)
        self.shared: dict[str, Value] = {name: Value(type=kind) for name, kind in tables.implicit.items()}
        self.locals: list[dict[str, Value]] = [{} for _ in self.methods]
        self.returns: list[Value] = [NOTHING for _ in self.methods]
        self.waiting: list[int] = [*range(len(self.methods) - 1, -1, -1), ROOT]
        self._readers: dict[str, set[int]] = {}
        self._steps = 0

    def step(self) -> None:
        """Count an operand. Raises Tired."""
        self._steps += 1
        take_step()
        if self._steps > MOST_STEPS:
            raise Tired

    def wake(self, unit: int) -> None:
        """Have a unit read (again)."""
        if unit not in self.waiting:
            self.waiting.append(unit)

    def look_up(self, name: str, unit: int) -> Value | None:
        """A variable as this unit sees it."""
        if unit != ROOT:
            own = self.locals[unit].get(name)
            if own is not None:
                return own
            self._readers.setdefault(name, set()).add(unit)
        return self.shared.get(name)

    def share(self, name: str, value: Value) -> None:
        """Give a shared variable a value more; who reads it is read again if that tells more."""
        old = self.shared.get(name)
        new = merge(old, value)._replace(said=value.said)
        self.shared[name] = new
        if old is None or (old.bits, old.type) != (new.bits, new.type):
            for unit in self._readers.get(name, ()):
                self.wake(unit)

    def give_back(self, unit: int, value: Value) -> None:
        """A method returns a value."""
        old = self.returns[unit]
        new = merge(old, value) if old is not NOTHING else value
        self.returns[unit] = new
        if (old.bits, old.type) != (new.bits, new.type):
            for reader in self._readers.get(f"{unit}()", ()):
                self.wake(reader)

    def hand_over(self, name: str, args: list[Value], unit: int) -> Value | None:
        """Call the page's own methods of a name: what they give, None if there is none that takes so many values."""
        given: Value | None = None
        for index in self.by_name.get((name, len(args)), ()):
            method = self.methods[index]
            self._readers.setdefault(f"{index}()", set()).add(unit)
            for (_, taken), value in zip(method.takes, args, strict=True):
                old = self.locals[index].get(taken, NOTHING)
                if old.type and not value.bits & ~old.bits and (old.said is None or old.said == value.said):
                    continue
                new = merge(old, value)
                self.locals[index][taken] = new
                if new.bits != old.bits:
                    self.wake(index)
            given = merge(given, self.returns[index])
        return given

    def is_request(self, kind: str) -> bool:
        """Whether a type is that of a request: one of Java's, or a class of the page made from one."""
        if kind in self.tables.request_types:
            return True
        return any(parent in self.tables.request_types for parent in self.classes.get(kind, ()))
