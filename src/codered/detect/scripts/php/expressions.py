"""Reading PHP expressions: what is known of their value, and the calls in them."""

from collections.abc import Callable

from codered.detect.scripts.budget import take_step
from codered.detect.scripts.php.calls import Calls
from codered.detect.scripts.php.folding import xor
from codered.detect.scripts.php.targets import Target, Targets
from codered.detect.scripts.php.texts import read_single, split_double
from codered.detect.scripts.php.values import (
    EMPTY,
    FREE,
    HIDDEN,
    LEADING,
    NOTHING,
    REQUEST,
    Value,
    gather,
    join,
    merge,
    read_number,
)

_POWERS = {
    "or": 1, "xor": 2, "and": 3, "?": 6, "??": 7, "||": 8, "&&": 9, "|": 10, "^": 11, "&": 12, "==": 13, "!=": 13,
    "===": 13, "!==": 13, "<=>": 13, "<": 14, ">": 14, "<=": 14, ">=": 14, ".": 15, "+": 15, "-": 15, "<<": 15,
    ">>": 15, "*": 17, "/": 17, "%": 17, "instanceof": 18,
}  # fmt: skip
_ASSIGN = frozenset(("=", ".=", "^=", "|=", "&=", "+=", "-=", "*=", "/=", "%=", "??="))
_ASSIGN_POWER = 5
_UNARY_POWER = 19
_ANSWERS_IN = {
    "preg_match": 2,
    "preg_match_all": 2,
    "ereg": 2,
    "eregi": 2,
    "parse_str": 1,
    "mb_parse_str": 1,
    "sscanf": 2,
}
_STOPS = frozenset((";", ")", "]", "}", ",", ":", "=>", ""))
_TYPES = frozenset(
    ("int", "integer", "float", "double", "bool", "boolean", "string", "array", "object", "real", "unset")
)
_INCLUDES = frozenset(("include", "include_once", "require", "require_once"))
_ARITHMETIC: dict[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "%": lambda a, b: a % b if b else 0,
    "/": lambda a, b: a // b if b else 0,
    "<<": lambda a, b: a << min(max(b, 0), 16),
    ">>": lambda a, b: a >> min(max(b, 0), 63),
}


class Expressions(Targets, Calls):
    """The part of a reading that knows expressions. `self.at` is the token to read next."""

    def read_expression(self, least: int = 0) -> Value:
        """The value of what stands at the next token, up to an operator that binds less."""
        self.steps -= 1
        take_step()
        if self.depth > 40 or self.steps < 0:
            self._leap()
            return NOTHING
        self.depth += 1
        value, target = self._read_unary()
        while self.steps > 0:
            text = self.program.tokens[self.at].text
            if text in _ASSIGN and target is not None:
                value = self._read_assignment(text, target, value)
                target = None
                continue
            power = _POWERS.get(text) or _POWERS.get(text.lower(), 0)
            if power <= least or self.program.tokens[self.at].kind not in ("op", "name"):
                break
            self.at += 1
            value = self._read_operator(text.lower(), value, power)
            target = None
        self.depth -= 1
        return value

    def _leap(self) -> None:
        """Passes over what is nested too deeply."""
        text = self.program.tokens[self.at].text
        if text in ("(", "[", "{"):
            self.at = self.program.close_of(self.at) + 1
        elif text not in _STOPS:
            self.at += 1

    def _read_assignment(self, sign: str, target: Target, old: Value) -> Value:
        self.at += 1
        if self.program.tokens[self.at].text == "&":
            self.at += 1
        value = self.read_expression(_ASSIGN_POWER - 1)
        if sign == ".=":
            value = join(old if old.text is not None or old.flags & ~FREE else EMPTY, value)
            if self.at < self.looping:  # how often this happens is not known
                value = Value(value.flags | HIDDEN)
        elif sign[0] in "^|&" and len(sign) == 2:
            value = xor(old, value, sign[0])
        elif sign == "??=":
            value = merge(old, value)
        elif sign != "=":
            value = self._calculate(sign[0], old, value)
        nested, self.nested = self.nested, 0 if sign == ".=" else self.nested  # it holds what was there before anyway
        self.store(target, value)
        self.nested = nested
        return value

    def _read_operator(self, sign: str, left: Value, power: int) -> Value:
        if sign == "?":
            return self._read_choice(left)
        right = self.read_expression(power if sign != "??" else power - 1)
        if sign == ".":
            return join(left, right)
        if sign in ("^", "|", "&"):
            return xor(left, right, sign)
        if sign == "??":
            return merge(right, left)
        if sign in _ARITHMETIC:
            return self._calculate(sign, left, right)
        return NOTHING

    def _read_choice(self, left: Value) -> Value:
        tokens = self.program.tokens
        if tokens[self.at].text == ":":
            self.at += 1
            return merge(self.read_expression(6), left)
        first = self.read_expression(_ASSIGN_POWER - 1)
        if tokens[self.at].text != ":":
            return first
        self.at += 1
        return merge(self.read_expression(6), first)

    def _calculate(self, sign: str, left: Value, right: Value) -> Value:
        if left.items is not None and right.items is not None:
            return merge(right, left)
        first, second = read_number(left.text), read_number(right.text)
        if first is None or second is None or not (left.text or "").strip() or not (right.text or "").strip():
            return Value((left.flags | right.flags) & HIDDEN)
        return Value(0, str(_ARITHMETIC[sign](first, second)))

    def _read_unary(self) -> tuple[Value, Target | None]:
        token = self.program.tokens[self.at]
        text = token.text
        if token.kind == "op" and text in ("@", "&", "...", "!", "-", "+", "~", "++", "--"):
            self.at += 1
            return self._read_signed(text)
        if text == "(" and token.kind == "op" and self.program.tokens[self.at + 2].text == ")":
            kind = self.program.tokens[self.at + 1].text.lower()
            if kind in _TYPES and self.program.tokens[self.at + 1].kind == "name":
                self.at += 3
                value = self.read_expression(_UNARY_POWER)
                if kind in ("string", "array", "object"):
                    return value, None
                number = read_number(value.text)
                return Value(0, None if number is None else str(number)), None
        if token.kind == "name":
            return self._read_word(text.lower().lstrip("\\"))
        return self.read_postfix(self._read_plain())

    def _read_signed(self, sign: str) -> tuple[Value, Target | None]:
        if sign in ("@", "&", "..."):
            self.depth += 1
            if self.depth > 40:
                return NOTHING, None
            answer = self._read_unary()
            self.depth -= 1
            return answer
        value = self.read_expression(_UNARY_POWER)
        if sign == "~" and value.text is not None:
            return Value(value.flags | HIDDEN, "".join(chr(~ord(letter) & 255) for letter in value.text)), None
        if sign == "~":
            return Value(value.flags | HIDDEN), None
        if sign == "-" and value.text is not None and value.text.isdigit():
            return Value(0, f"-{value.text}"), None
        return (value if sign in ("+", "++", "--") and value.text is not None else NOTHING), None

    def _read_word(self, word: str) -> tuple[Value, Target | None]:
        """A name: a word of the language, a call, a constant."""
        tokens = self.program.tokens
        here = self.at
        if word in _INCLUDES:
            self.at += 1
            value = self.read_expression(_ASSIGN_POWER - 1)
            self.judge_include(value, here)
            return NOTHING, None
        if (
            word in ("echo", "print", "return", "throw", "yield", "clone", "exit", "die", "static", "await")
            and tokens[self.at + 1].text != "::"
        ):
            self.at += 1
            if tokens[self.at].text in _STOPS:
                return NOTHING, None
            value = self.read_expression(_ASSIGN_POWER - 1)
            if word in ("return", "yield"):
                self.returned = merge(self.returned, value)
            return value, None
        if word == "new":
            return self.read_postfix(self.read_new())
        if word in ("function", "fn"):
            return self.read_postfix((self.read_closure(), None))
        if word in ("array", "list") and tokens[self.at + 1].text == "(":
            self.at += 1
            return self.read_postfix(self.read_list(word))
        self.at += 1
        if tokens[self.at].text == "(":
            arguments = self.read_arguments()
            if word in _ANSWERS_IN and len(arguments) > _ANSWERS_IN[word]:
                self._answer_in(word, arguments)
            if word == "eval":
                self.run_text(arguments[0] if arguments else NOTHING, here)
                if arguments and arguments[0].text is None and not gather(arguments[0]):
                    self.tell("runs-computed-code", here)
                return NOTHING, None
            return self.read_postfix((self.call(word, arguments, here), None))
        return self.read_postfix((self.read_constant(word, tokens[here].text), None))

    def _answer_in(self, word: str, arguments: list[Value]) -> None:
        """Some functions give their answer in an argument."""
        tokens = self.program.tokens
        place = _ANSWERS_IN[word]
        at = self.at - 2
        for _ in range(len(arguments) - 1 - place):
            while at > 0 and tokens[at].text != ",":
                at -= 1
            at -= 1
        if tokens[at].kind == "variable":
            subject = gather(arguments[0 if "parse" in word or word == "sscanf" else 1])
            self.assign(tokens[at].text, Value(subject & ~LEADING | (LEADING if subject & REQUEST else 0)))

    def _read_plain(self) -> tuple[Value, Target | None]:
        """What is no name and has no sign before it."""
        token = self.program.tokens[self.at]
        kind, text = token.kind, token.text
        here = self.at
        if kind == "variable":
            self.at += 1
            return self.look_up(text), ("variable", text, None)
        if kind in ("single", "nowdoc"):
            self.at += 1
            return Value(0, read_single(text) if kind == "single" else text), None
        if kind in ("double", "heredoc", "tick"):
            self.at += 1
            inner = text if kind == "heredoc" else text[1:-1]
            value = self.read_interpolated(inner)
            if kind == "tick":
                self.judge_command(value, here)
                return NOTHING, None
            return value, None
        if kind == "number":
            self.at += 1
            return Value(0, text), None
        if text == "(":
            self.at += 1
            value = self.read_expression()
            close = self.program.close_of(here)
            self.at = close + 1 if close > here else self.at
            return value, None
        if text == "[":
            return self.read_list("array")
        if text == "$":
            return self.read_indirect()
        if text not in _STOPS:
            self.at += 1
        return NOTHING, None

    def read_interpolated(self, text: str) -> Value:
        """A text in double quotes: its escapes read, its variables put in."""
        value = EMPTY
        for piece, code, escaped in split_double(text):
            said = self.read_inner(code) if code else Value(HIDDEN if escaped else 0, piece)
            value = join(value, said)
        return value
