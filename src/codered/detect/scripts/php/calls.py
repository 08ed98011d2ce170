"""What calls do in PHP: with functions of the script, with names that are built, and with functions of PHP."""

from codered.detect.scripts.php.folding import fold_call
from codered.detect.scripts.php.program import Function
from codered.detect.scripts.php.sinks import Sinks
from codered.detect.scripts.php.tables import TABLES
from codered.detect.scripts.php.values import (
    CONNECTION,
    DECODED,
    FETCHED,
    FREE,
    HIDDEN,
    LEADING,
    NOTHING,
    OWN_FILE,
    OWN_OBJECT,
    PASSED,
    REQUEST,
    VISITOR,
    WORD,
    Value,
    gather,
    merge,
    spread,
)

_DANGER = frozenset((*TABLES.code, *TABLES.command, *TABLES.pattern, *TABLES.callback, *TABLES.decode, *TABLES.danger))
_DANGER_ITSELF = frozenset((*TABLES.code, *TABLES.command, *TABLES.pattern, "eval", "include", "require"))
_SMALL = 300  # tokens: a body that is read anew for each call
_NO_NAME = frozenset(("", "1", "0"))


class Calls(Sinks):
    """The part of a reading that knows what is called."""

    def call(self, name: str, arguments: list[Value], index: int) -> Value:
        """A call by name (small letters)."""
        self.names.add(name)
        name = name.rpartition("\\")[2]
        if self.is_of_script(name, index) and not name.startswith("->"):
            return self.call_function(name, arguments)
        self.judge_call(name, arguments, index)
        self._call_back(name, arguments, index)
        return self._answer(name, arguments)

    def call_value(self, callee: Value, arguments: list[Value], index: int) -> Value:
        """A call of what an expression gives."""
        if callee.text is None and callee.items and len(callee.items) >= 2:
            callee = list(callee.items.values())[1]
            if callee.text is not None:
                return self.call_method(NOTHING, callee, arguments, index)
        sent = 0
        for argument in arguments:
            sent |= gather(argument)
        if callee.text is not None and callee.text not in _NO_NAME:
            return self._call_named(callee, arguments, index)
        if callee.holds(REQUEST | WORD) and not callee.holds(FREE):
            strong = sent & REQUEST and callee.holds(LEADING | WORD)
            self.tell("calls-request-with-request" if strong else "runs-request-name", index)
        elif callee.holds(FREE) and not callee.holds(PASSED) and sent & REQUEST:
            self.tell("runs-unset-value", index)
        elif callee.holds(DECODED | HIDDEN | OWN_FILE):
            self.tell("hands-request-to-hidden-name" if sent & REQUEST else "calls-hidden-name", index)
        return Value(sent & ~LEADING | (callee.flags & (DECODED | HIDDEN)))

    def call_method(self, owner: Value, name: Value, arguments: list[Value], index: int) -> Value:
        """A call of a method of an object or a class."""
        sent = gather(owner) & ~OWN_OBJECT
        for argument in arguments:
            sent |= gather(argument)
        if name.text is None:
            if name.holds(REQUEST):
                self.tell("runs-request-name", index)
            return Value(sent & ~LEADING)
        word = name.text.lower()
        self.names.add(word)
        if word in TABLES.invokes and owner.text:
            spreads = word in ("invokeargs", "newinstanceargs") and arguments
            values = list((arguments[-1].items or {}).values()) or [arguments[-1]] if spreads else arguments
            return self._call_named(owner, values, index)
        if word in TABLES.invokes and owner.holds(VISITOR | DECODED | HIDDEN | WORD):
            return self.call_value(Value(owner.flags), arguments, index)
        if answer := self._call_own_method(name, word, arguments):
            return answer
        if word in TABLES.shell_methods and owner.text == "{shell}":
            self.judge_command(arguments[0] if arguments else NOTHING, index)
        if word in TABLES.callback or word in TABLES.query or word in ("eval", "cdef"):
            self.judge_call(word, arguments, index)
            self._call_back(word, arguments, index)
        if word == "fromcallable" and arguments:
            return arguments[0]
        if word in ("getconstant", "getconstants") and arguments and arguments[0].text:
            return self.constants.get(f"::{arguments[0].text}", Value(HIDDEN))
        if word in ("getmessage", "getdoccomment"):
            return Value(sent | HIDDEN)
        return Value(sent)

    def _call_own_method(self, name: Value, word: str, arguments: list[Value]) -> Value | None:
        """A call of a method that classes of the script have; None if none has it."""
        known = self.methods.get(word)
        if not known:
            known = self.methods.get("__call") or self.methods.get("__callstatic")
            listed = Value(0, None, {str(number): value for number, value in enumerate(arguments)})
            arguments = [name, listed]
        answer = None
        for one in (known or ())[:4]:
            answer = merge(answer or NOTHING, self.call_function(one, arguments))
        return answer

    def make_object(self, name: Value, arguments: list[Value], index: int) -> Value:
        """An object made of a class by its name."""
        sent = 0
        for argument in arguments:
            sent |= gather(argument)
        if name.text is None:
            if name.holds(REQUEST):
                self.tell("makes-request-object", index)
            return Value(sent)
        word = name.text.lower().rpartition("\\")[2]
        self.names.add(word)
        if f"{word}::__construct" in self.functions:
            self.call_function(f"{word}::__construct", arguments)
        elif f"{word}::{word}" in self.functions:
            self.call_function(f"{word}::{word}", arguments)
        if word in TABLES.reflection and arguments:
            callee = arguments[-1] if word.endswith("iterator") else arguments[0]
            if word.endswith("iterator"):
                self.call_value(callee, [spread(arguments[0])], index)
            return callee
        if word in ("com", "variant") and arguments and (arguments[0].text or "").lower() in TABLES.shell_objects:
            return Value(0, "{shell}")
        self.judge_call(word, arguments, index)
        if f"{word}::__invoke" in self.functions:  # the object can be called itself
            return Value(sent, f"{word}::__invoke")
        if word in self.classes:
            return Value(sent | OWN_OBJECT)
        return self._answer(word, arguments)

    def call_function(self, name: str, arguments: list[Value]) -> Value:
        """A call of a function of the script: its body is read with these arguments."""
        function = self.functions[name]
        key = f"{name}|{[(argument.flags, (argument.text or '')[:80], gather(argument)) for argument in arguments[:8]]}"
        if key in self.answers:
            return self.answers[key]
        if not self.answers:  # a second reading begins
            self.asked.clear()
        known = self.asked.get(name, 0) if len(self.answers) < 400 else MOST_ANSWERS
        if known >= MOST_ANSWERS or len(self.calls) > 6 or name in self.calls:
            return Value(_sent(arguments))
        self.answers[key] = NOTHING
        self.asked[name] = known + 1
        self.called.add(name)
        value = self.run_function(function, name, arguments)
        self.answers[key] = value
        return value

    def run_function(self, function: Function, name: str, arguments: list[Value]) -> Value:
        """Reads a body in a scope of its own; what it returns."""
        outer = (self.program, self.at, self.scope, self.returned, self.nested)
        shared, self.shared = self.shared, set()
        looping, self.looping = self.looping, 0
        closure = function.owner == "{closure}"
        self.program, self.scope, self.returned, self.nested = function.program, {}, NOTHING, 0
        if closure:
            self.scope = dict(outer[2])
        self.calls.append(name)
        listed = {str(number): value for number, value in enumerate(arguments)}
        self.scope["()"] = Value(0, None, listed)
        for number, parameter in enumerate(function.parameters):
            given = arguments[number] if number < len(arguments) else None
            if given is None and parameter.default:
                self.at = parameter.default
                given = self.read_expression(4)
            self.scope[parameter.name] = given if given is not None else Value(PASSED)
        self.run_range(function.start, function.end)
        value = self.returned
        self.calls.pop()
        self.program, self.at, self.scope, self.returned, self.nested = outer
        self.looping, self.shared = looping, shared
        return value

    def _call_named(self, callee: Value, arguments: list[Value], index: int) -> Value:
        name = (callee.text or "").lower().lstrip("\\").rpartition("::")[2]
        if callee.holds(HIDDEN | DECODED) and name in _DANGER:
            self.tell("hides-names", index)
            if name in _DANGER_ITSELF:
                self.tell("hides-name-of-execution", index)
        if callee.holds(REQUEST) and callee.text is None:
            return self.call_value(Value(callee.flags), arguments, index)
        plain = name in TABLES.built_in and "::" not in (callee.text or "")
        if name in self.methods and name not in self.functions and not plain:
            return self._call_own_method(callee, name, arguments) or NOTHING
        if name == "eval":
            self.run_text(arguments[0] if arguments else NOTHING, index)
        return self.call(name, arguments, index)

    def _call_back(self, name: str, arguments: list[Value], index: int) -> None:
        """What a function of PHP calls on behalf of the script."""
        for place in TABLES.callback.get(name, ()):
            if not -len(arguments) <= place < len(arguments):
                continue
            callee = arguments[place]
            rest = [value for number, value in enumerate(arguments) if number != place % len(arguments)]
            if name.endswith("_array") or name.startswith(("array_", "u", "iterator")):
                rest = [item for value in rest for item in (list((value.items or {}).values()) or [value])][:16]
                rest = [merge(value, Value(gather(value) | _sent(arguments) & VISITOR)) for value in rest]
            if name in ("ob_start", "preg_replace_callback", "register_shutdown_function") and not rest:
                rest = [Value(self.page_flags())] if name == "ob_start" else []
            if name.startswith("array_walk") and arguments[0].items:
                for key, item in list(arguments[0].items.items())[:8]:
                    self.call_value(callee, [item, Value(arguments[0].flags, key)], index)
                continue
            if callee.text or callee.items or callee.holds(VISITOR | DECODED | HIDDEN | FREE | WORD):
                self.call_value(callee, rest, index)

    def page_flags(self) -> int:
        """The flags of what the script writes into its page, as far as it is read."""
        return self.printed

    def _answer(self, name: str, arguments: list[Value]) -> Value:
        """What a function of PHP gives back."""
        first = arguments[0] if arguments else NOTHING
        if name in TABLES.visitor_calls:
            return Value(VISITOR)
        if name == "getenv":
            return Value(
                VISITOR if (first.text or "").startswith("HTTP_") or (first.text or "") in TABLES.server_keys else 0
            )
        if name == "filter_input":
            return Value(VISITOR)
        if name in ("func_get_args", "func_get_arg"):
            return self.scope.get("()", NOTHING) if name == "func_get_args" else spread(self.scope.get("()", NOTHING))
        if name in ("define", "class_alias") and len(arguments) > 1 and first.text:
            self.constants[first.text] = arguments[1]
            return NOTHING
        if name == "constant" and first.text:
            return self.constants.get(
                first.text.rpartition("::")[2], self.constants.get("::" + first.text.rpartition("::")[2], first)
            )
        if name in ("extract", "parse_str", "mb_parse_str", "import_request_variables"):
            if _sent(arguments) & REQUEST or name.startswith("import"):
                self.spilled = True
            return NOTHING
        if name in TABLES.read or name in TABLES.open:
            return self._answer_read(name, first)
        if name in TABLES.connect or name in ("curl_init", "socket_create"):
            return Value(CONNECTION | FETCHED)
        if name == "create_function":
            return Value(0, "")
        return fold_call(name, arguments)

    def _answer_read(self, name: str, first: Value) -> Value:
        text = (first.text or "").lower()
        if text in TABLES.visitor_files:
            return Value(VISITOR)
        if first.holds(CONNECTION):
            return Value(FETCHED | CONNECTION)
        if text.startswith(("http:", "https:", "ftp:")) or name == "curl_exec":
            return Value(FETCHED | (first.flags & REQUEST))
        if first.holds(OWN_FILE) and not first.holds(REQUEST):
            return Value(HIDDEN | DECODED)
        if name in TABLES.open:
            return Value(first.flags & ~HIDDEN, first.text)
        return NOTHING


MOST_ANSWERS = 12


def _sent(arguments: list[Value]) -> int:
    flags = 0
    for argument in arguments:
        flags |= gather(argument)
    return flags
