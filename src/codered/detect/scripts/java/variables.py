"""Where a reader of code stands, and the variables it sees."""

from codered.detect.scripts.java.tokens import read_literal
from codered.detect.scripts.java.values import BODY, REQUEST, TAINTS, Value, concatenate, join, merge
from codered.detect.scripts.java.world import ROOT, World

MOST_ITEMS = 20_000  # numbers of an array that are read as a text


class Variables:
    """A place in a unit's code: `at` the next word, `place` the variable that the last expression was, `given` those
    that the arguments of the last call were.
    """

    def __init__(self, world: World, unit: int) -> None:
        self.world = world
        self.unit = unit
        self.texts = world.tokens.texts
        self.kinds = world.tokens.kinds
        self.partners = world.tokens.partners
        self.at = 0
        self.depth = 0
        self.changed = False
        self.place: str | None = None
        self.given: list[str | None] = []

    def read_block(self) -> None:
        """Statements in braces; told by who knows statements."""
        raise NotImplementedError

    def assign(self, name: str, value: Value, keep: bool = False) -> None:
        """Give a variable a value; `keep`: a part of it only, the rest stays."""
        old = self.world.look_up(name, self.unit)
        if keep and old is not None:
            value = Value(old.bits | value.bits, None, old.type)
        if self.unit == ROOT or (name not in self.world.locals[self.unit] and old is not None):
            before = self.world.shared.get(name)
            self.world.share(name, value)
            after = self.world.shared[name]
            self.changed |= before is None or (before.bits, before.type) != (after.bits, after.type)
            return
        own = self.world.locals[self.unit]
        new = merge(own.get(name), value)._replace(said=value.said)
        self.changed |= own.get(name, Value()).bits != new.bits
        own[name] = new

    def declare(self, kind: str, name: str, value: Value) -> None:
        """A variable with its type: what it is made of knows better only where the type is a general one."""
        special = value.type in ("Class", "Method", "Constructor") or kind in ("Object", "var", "")
        typed = value if special and value.type else value._replace(type=kind)
        if self.unit != ROOT:
            self.world.locals[self.unit].setdefault(name, Value(type=typed.type))
        self.assign(name, typed)

    def change(self, name: str, receiver: Value, args: list[Value], member: str) -> None:
        """A call changes its receiver: what is added is in it from then on."""
        added = join(args) & TAINTS
        if receiver.type in self.world.tables.text_types and member == "append":
            whole = concatenate([receiver._replace(said=receiver.said or ""), args[0]])
            said = whole.said if receiver.said is not None or not receiver.bits else None
            self.assign(name, Value(receiver.bits | whole.bits, said, receiver.type))
        elif self.world.is_request(args[0].type) and member in ("initialize", "update"):
            self.assign(name, Value(receiver.bits | REQUEST | BODY, None, receiver.type))
        elif added:
            self.assign(name, Value(receiver.bits | added, None, receiver.type))

    def read_type(self) -> str:
        """The simple name of the type at `at`, and behind it with its `<...>`; "" if there is none."""
        name = ""
        while self.kinds[self.at] == "name":
            name = self.texts[self.at]
            self.at += 1
            if self.texts[self.at] == "." and self.kinds[self.at + 1] == "name":
                self.at += 1
                continue
            break
        if name and self.texts[self.at] == "<":
            self.at = self.skip_generic(self.at)
        return name

    def skip_generic(self, at: int) -> int:
        """The index behind `<...>`, or `at` itself if that is no list of types."""
        depth = 0
        for index in range(at, min(at + 60, len(self.texts))):
            text = self.texts[index]
            depth += (text == "<") - (text == ">")
            if depth == 0:
                return index + 1
            if not (self.kinds[index] == "name" or text in ("<", ">", ",", "?", ".", "[", "]", "&")):
                break
        return at

    def find_type_name(self, start: int, end: int) -> str:
        """The simple name of the type that stands between two indexes, with `[]` for an array."""
        name = ""
        for index in range(start, end):
            if self.texts[index] == "<":
                break
            if self.kinds[index] == "name":
                name = self.texts[index]
        return name + "[]" if self.texts[end - 1] == "]" else name

    def read_numbers(self, start: int, end: int) -> str | None:
        """What an array of numbers or letters says, None if other things stand in it."""
        if not 0 < end - start <= MOST_ITEMS:
            return None
        said, negative = [], False
        for index in range(start, end):
            text, kind = self.texts[index], self.kinds[index]
            if kind == "number":
                number = read_number(text)
                said.append(chr((-number if negative else number) & 0xFF))
                negative = False
            elif kind == "text" and text[0] == "'":
                said.append(read_literal(text)[:1])
            elif text == "-":
                negative = True
            elif text not in (",", "(", ")", "byte", "char", "int"):
                return None
        return "".join(said) if said else None


def read_number(text: str) -> int:
    """A whole number as Java writes it; 0 if it is none."""
    plain = text.replace("_", "").rstrip("lL")
    try:
        return int(plain, 16) if plain[:2] in ("0x", "0X") else int(plain)
    except ValueError:
        return 0
