"""What a rule's condition goes by: one that can hold without a string or a value of a module would accuse any file, and
one that turns a loop for every byte takes hours on a large one.
"""

from collections.abc import Collection, Sequence
from itertools import pairwise

from codered.packs.rule_texts import Token

MOST_DEPTH = 64  # brackets inside one another
MOST_TURNS = 65_536
BLIND_MODULES = frozenset(("console", "string", "time"))  # their values do not come from the file
ABSENT = {"cuckoo": "a sandbox report", "vt": "a report of VirusTotal"}
_NEGATIVE = (("none", "of"), ("0", "of"))

Words = Sequence[Token]


def find_absent(condition: Words) -> str:
    """Why a condition needs what no scan has: the report of a module; "" if it does not."""
    for token, after in pairwise(condition):
        if token.value in ABSENT and token.kind == "word" and after.value == ".":
            return f"needs {ABSENT[token.value]} (module {token.value}), which no scan here has"
    return ""


def find_long_loop(condition: Words) -> str:
    """Why a loop of the condition takes too many turns; "" if none does."""
    for number, token in enumerate(condition):
        if token.value != "in" or number + 1 >= len(condition) or condition[number + 1].value != "(":
            continue
        if not any(word.value == "for" for word in condition[max(0, number - 8) : number]):
            continue
        inner = condition[number + 2 : _find_close(condition, number + 1)]
        if not any(word.value == inner[i + 1].value == "." for i, word in enumerate(inner[:-1])):
            continue
        if any(word.value == "filesize" for word in inner):
            return "loops over every byte of a file, which takes hours on a large one"
        if any(_read_number(word) > MOST_TURNS for word in inner):
            return f"loops more than {MOST_TURNS:,} times"
    return ""


def is_grounded(condition: Words, modules: Collection[str], grounded: Collection[str]) -> bool:
    """Whether the condition can hold only where a string, a value of one of these modules, or one of the rules
    `grounded` is found. What is nested too deep is not.
    """
    return _Grounds(frozenset(modules) - BLIND_MODULES, frozenset(grounded)).hold(condition, 0)


class _Grounds:
    def __init__(self, modules: frozenset[str], rules: frozenset[str]) -> None:
        self._modules = modules
        self._rules = rules

    def hold(self, words: Words, depth: int) -> bool:
        """Every side of an `or` needs a ground, and one of those of an `and`."""
        if depth > MOST_DEPTH:
            return False
        sides = _split(words, "or")
        if len(sides) > 1:
            return all(self.hold(side, depth + 1) for side in sides)
        sides = _split(words, "and")
        if len(sides) > 1:
            return any(self.hold(side, depth + 1) for side in sides)
        if words and words[0].value == "(" and _find_close(words, 0) == len(words) - 1:
            return self.hold(words[1:-1], depth + 1)
        return self._is_ground(words)

    def _is_ground(self, words: Words) -> bool:
        """One term: `not` and counts that nothing at all can reach from below are no ground."""
        values = tuple(word.value for word in words)
        if not values or values[0] == "not" or values[:2] in _NEGATIVE:
            return False
        if len(values) == 1 and words[0].kind == "word":
            return values[0] in self._rules or values[0] == "them"
        if words[0].kind == "name" and values[0][0] == "#" and _allows_none(values[1:]):
            return False
        return any(
            word.kind == "name" or word.value in ("them", "$") or self._is_module(words, number)
            for number, word in enumerate(words)
        )

    def _is_module(self, words: Words, number: int) -> bool:
        after = words[number + 1].value if number + 1 < len(words) else ""
        return words[number].kind == "word" and words[number].value in self._modules and after == "."


def _allows_none(values: tuple[str, ...]) -> bool:
    """Whether a count of 0 can pass: `< 5`, `<= 5`, `== 0`, `>= 0`, `!= 3`."""
    sign = "".join(value for value in values[:2] if value in "<>=!")
    last = values[-1] if values else ""
    return sign in ("<", "<=") or (sign in ("==", ">=") and last == "0") or (sign == "!=" and last != "0")


def _split(words: Words, word: str) -> list[Words]:
    """The sides of a word that stands outside of all brackets."""
    sides: list[Words] = []
    depth = start = 0
    for number, token in enumerate(words):
        depth += (token.value in ("(", "[")) - (token.value in (")", "]"))
        if depth == 0 and token.value == word and token.kind == "word":
            sides.append(words[start:number])
            start = number + 1
    return [*sides, words[start:]]


def _find_close(words: Words, opened: int) -> int:
    depth = 0
    for number in range(opened, len(words)):
        depth += (words[number].value == "(") - (words[number].value == ")")
        if depth == 0:
            return number
    return len(words)


def _read_number(token: Token) -> int:
    if token.kind != "number":
        return 0
    text = token.value.lower()
    unit = {"kb": 1 << 10, "mb": 1 << 20}.get(text[-2:], 1) if not text.startswith("0x") else 1
    digits = text.removesuffix("kb").removesuffix("mb") if unit > 1 else text
    try:
        return int(digits[:20], 0) * unit
    except ValueError:
        return 0
