"""What is known while a PHP script is read: variables by scope, properties, functions, constants, and facts so far."""

from codered.detect.scripts.facts import Fact
from codered.detect.scripts.php.program import Function, Program
from codered.detect.scripts.php.tables import TABLES
from codered.detect.scripts.php.values import FREE, NOTHING, REQUEST, UPLOAD, VISITOR, Value, merge

MOST_STEPS = 1_500_000
MOST_DEPTH = 24
MOST_UNPACKED = 4
SHOWN_BEFORE = 40
SHOWN = 200

_SET_BY_PHP = frozenset(("$this", "$argv", "$argc", "$_SERVER", "$_SESSION", "$_ENV", "$GLOBALS", "$php_errormsg"))

Scope = dict[str, Value]


class State:
    """The memory of a reading. Nothing in it knows how tokens are read."""

    def __init__(self, text: str, program: Program) -> None:
        self.source = text
        self.program = program
        self.at = 0
        self.steps = MOST_STEPS
        self.depth = 0
        self.unpacked = 0
        self.nested = 0
        self.calls: list[str] = []
        self.facts: dict[str, Fact] = {}
        self.top: Scope = {}
        self.scope: Scope = self.top
        self.properties: Scope = {}
        self.constants: Scope = {}
        self.functions: dict[str, Function] = program.list_functions()
        self.methods: dict[str, list[str]] = {}
        self.classes: set[str] = set()  # those with a method
        self.any_property = False  # properties are set, or read, whose names are not known
        self.index_methods()
        self.replaced: dict[str, str] = {}  # functions named as one of PHP: the namespace where they are meant
        self.called: set[str] = set()
        self.answers: dict[str, Value] = {}
        self.asked: dict[str, int] = {}  # how many of the answers are of a function
        self.returned: Value = NOTHING
        self.objects: dict[str, str] = {}
        self.names: set[str] = set()
        self.spilled = False
        self.shared: set[str] = set()  # variables of the whole script that a function names
        self.printed = 0
        self.unrolled = 0
        self.looping = 0
        self.guarded = 0
        self.guards_read = 0
        self.followed: dict[Program, bool] = {}  # whether its variables are set only by ways that are followed

    def index_methods(self) -> None:
        """Notes which classes have a method of a name."""
        for name in self.functions:
            owner, _, method = name.rpartition("::")
            if owner:
                self.classes.add(owner)
            if owner and name not in self.methods.setdefault(method, []):
                self.methods[method].append(name)

    def tell(self, name: str, index: int) -> None:
        """Notes a fact at a token."""
        if name not in self.facts:
            at = self.program.place(index)
            start = max(0, at - SHOWN_BEFORE)
            self.facts[name] = Fact(name, at, " ".join(self.source[start : start + SHOWN].split()))

    def is_of_script(self, name: str, index: int) -> bool:
        """Whether a call means a function of the script: outside of a namespace none of PHP's own can be replaced."""
        function = self.functions.get(name)
        if function is None or name not in TABLES.built_in:
            return function is not None
        if name not in self.replaced:
            program = function.program
            hidden = program.is_conditional(function)
            self.replaced[name] = "" if hidden else program.find_namespace(function.start)
        space, token = self.replaced[name], self.program.tokens[index].text.lower()
        return bool(space) and token in (name, f"{space}\\{name}") and self.program.find_namespace(index) == space

    def look_up(self, name: str) -> Value:
        """The value of a variable, `$` included."""
        known = self.place_of(name).get(name)
        if known is not None:
            return known
        if name in TABLES.visitor:
            return Value(VISITOR)
        if name in ("$_FILES", "$HTTP_POST_FILES"):
            return Value(UPLOAD | REQUEST)
        if name == "$GLOBALS":
            return Value(0, None, {key[1:]: value for key, value in self.top.items()} | self._visitor_items())
        if self.spilled:
            return Value(VISITOR | FREE)
        if self.scope is self.top and name not in _SET_BY_PHP:
            return Value(FREE)
        return NOTHING

    def place_of(self, name: str) -> Scope:
        """Where a variable or property is kept."""
        if name.startswith("->"):
            return self.properties
        return self.top if name in _SET_BY_PHP and name != "$this" else self.scope

    def assign(self, name: str, value: Value, *, keep: bool = False) -> None:
        """Sets a variable; `keep` where it is not certain that this happens."""
        place = self.place_of(name)
        old = place.get(name)
        if name in TABLES.visitor:
            return
        if keep and old is not None:
            value = merge(old, value)
        if len(place) < 20_000:
            place[name] = value
            if name in self.shared and place is not self.top:
                self.top[name] = merge(self.top.get(name, NOTHING), value)

    def _visitor_items(self) -> Scope:
        return {name: Value(VISITOR) for name in ("_GET", "_POST", "_REQUEST", "_COOKIE")}

    def read_expression(self, least: int = 0) -> Value:
        """The value of the expression at the next token."""
        raise NotImplementedError

    def run_range(self, start: int, end: int) -> None:
        """Reads the statements between two tokens."""
        raise NotImplementedError
