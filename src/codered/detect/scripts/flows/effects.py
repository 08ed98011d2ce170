"""What a program does with values: what names hold, which objects they are, and the uses that matter."""

import re
from itertools import islice

from codered.detect.scripts.flows.clues import RUNS, TERMINAL, name_object, tell_open, tell_print
from codered.detect.scripts.flows.folding import is_text
from codered.detect.scripts.flows.grammar import BY_CALL, FROM_CALLER, REAL, TAINTS, Grammar
from codered.detect.scripts.flows.lines import Use
from codered.detect.scripts.flows.statements import Program
from codered.detect.scripts.flows.tokens import Token, read_tokens

MOST_OF_SHELL = 1000  # statements: larger programs that listen are servers, which choose what they run
TAINTS_BY_CALL = REAL << BY_CALL
_WRITES = re.compile(r"[wax][bt+]{0,2}|r[bt]?\+[bt]?")
_WRITING = frozenset(("2", "8", "forwriting", "forappending"))


class Effects:
    """What is known of one program so far. `uses` are the places that matter, the same place only once."""

    def __init__(self, program: Program, grammar: Grammar) -> None:
        self.grammar = grammar
        self.functions = program.functions
        self.values: dict[str, str] = {}
        self.built_names = False
        self.uses: dict[tuple[str, int], Use] = {}
        self._aliases: dict[str, str] = {}  # variables that hold a function that runs code or commands
        self._socket = grammar.kind_bit("socket") if "socket" in grammar.objects.values() else 0
        self._small = len(program.statements) < MOST_OF_SHELL
        self._made: dict[str, int] = {}
        self._returns: dict[str, int] = {}
        self._changed = False
        for parameters in program.functions.values():
            for name in parameters:
                self._made.setdefault(name, FROM_CALLER)
        self._parameters = {name: set(parameters) for name, parameters in program.functions.items() if parameters}
        self._makers = grammar.makers
        self._bare = grammar.calls.keys() | {key.rpartition("/")[2] for key in grammar.methods}

    def _give(self, table: dict[str, int], name: str, mask: int) -> None:
        before = table.get(name, 0)
        if name and before | mask != before:
            table[name] = before | mask
            self._changed = True

    def _weigh_inside(self, text: str, function: str) -> int:
        """What a text is made of into which a language puts the values of variables."""
        mask = 0
        for piece in text.split("$")[1:200]:
            name = piece.lstrip("{")[:60]
            length = next((at for at, letter in enumerate(name) if not (letter.isalnum() or letter == "_")), len(name))
            mask |= self._look_up(name[:length].lower(), function)
        return mask

    def _look_up(self, name: str, function: str) -> int:
        own = 0
        if name in ("shift", "_") and self.grammar.syntax == "perl":
            name, own = "_", self._made.get(f"@{function}", 0)  # each function has its own `@_`
        made = self._made.get(name, 0)
        if made & FROM_CALLER and name not in self._parameters.get(function, ()):
            made &= ~(FROM_CALLER | TAINTS_BY_CALL)
        return own | made | TAINTS.get(self.grammar.sources.get(name, ""), 0)

    def _meet(self, name: str, dotted: str, mask: int) -> int:
        """What a chain is made of with one more name."""
        source = self.grammar.sources.get(dotted) or (self.grammar.given.get(name) if dotted != name else None)
        return mask | TAINTS.get(source or "", 0)

    def _tell_named(self, text: Token) -> str:
        """What is done by `x["eval"]`, a function whose name is a text."""
        use = self.grammar.calls.get(text.text.lower(), "")
        self.built_names = self.built_names or (text.kind == "built" and use in RUNS)
        return use if use in RUNS else ""

    def _is_bare(self, name: str, after: Token) -> bool:
        """Whether a name takes the rest of the line without brackets."""
        if self.grammar.syntax in ("c", "cf") or (after.kind == "op" and after.text not in ('"', "-", "@", "\\")):
            return False
        return name in self._bare or name in self.grammar.fills

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
        objects = self.grammar.objects
        named = ((name_object(token.text), token) for token in handed[:5] if is_text(token))
        name, first = next(((name, token) for name, token in named if name in objects), ("", None))
        if first is None:
            return 0
        self.built_names = self.built_names or first.kind == "built"
        if objects[name] == "accounts":
            self._use("system", 0, [first], first.at)
        return self.grammar.kind_bit(objects[name])

    def _hand_over(self, name: str, mask: int, given: int, handed: list[Token], alone: bool) -> None:
        """Note what is done with what a name is given, `name` with the one in front of it if there is one."""
        use = self.grammar.calls.get(name, "") if alone else self.grammar.methods.get(name, "")
        name = name.rpartition(".")[2]
        use = use or self.grammar.find_use(self.grammar.methods, name, mask)
        if use == "open-pipe":
            use = tell_open(handed)
            use = "" if use == "duplicate" and not self._ties_socket(handed) else use
        if use == "print-to":
            use = tell_print(handed)
        if use == "open-text":
            modes = [token.text.lower() for token in handed[1:]]
            python = self.grammar.syntax == "python"
            writes = any(mode in _WRITING or (python and _WRITES.fullmatch(mode)) for mode in modes)
            use = "write-path" if writes else "read"
        if use in ("listen", "connect") and alone and handed and handed[0].kind == "name" and self._socket:
            self._give(self._made, handed[0].text.lower(), self._socket)
        if use in RUNS and any(is_text(token) and TERMINAL.search(token.text[:200]) for token in handed[:8]):
            self._use("terminal", 0, handed, handed[0].at)
        if use and (handed or use == "listen"):
            self._use(use, given, handed, handed[0].at if handed else 0)

    def _ties_socket(self, handed: list[Token]) -> bool:
        """Whether one of the words of Perl's `open` is the name of a socket."""
        words = [word for token in handed for word in token.text.lower().replace("$", "&").split("&")]
        return any(self._made.get(word.strip(" {}="), 0) & self._socket for word in words)

    def _use(self, what: str, mask: int, handed: list[Token], at: int) -> None:
        text = handed[0].text if len(handed) >= 1 and is_text(handed[0]) else None
        if mask & self._socket and what in RUNS and self._small:
            mask |= TAINTS["fetched"]
        mask = (mask | mask >> BY_CALL) & REAL
        before = self.uses.get((what, at))
        if before is None or before.made_of | mask != before.made_of:
            computed = TAINTS["hidden"] if any(token.kind in ("name", "tick") for token in handed) else 0
            made = mask | computed | (before.made_of if before else 0)
            self.uses[what, at] = Use(what, made, text, at)
