"""Checks in PHP after which a value of a visitor is one of those that the script names, or a plain word."""

import re
from typing import NamedTuple

from codered.detect.scripts.php.expressions import Expressions
from codered.detect.scripts.php.tables import TABLES
from codered.detect.scripts.php.values import HIDDEN, REQUEST, UPLOAD, UPLOAD_NAME, WORD, Value, gather, merge

_LEAVES = frozenset(("exit", "die", "return", "throw", "continue"))
_LISTS = frozenset(("in_array", "array_key_exists"))
# where a script jumps, or sets variables by ways that are not followed here, no check is trusted
_NOT_FOLLOWED = frozenset(
    ("goto", "switch", "extract", "parse_str", "mb_parse_str", "import_request_variables", "list", "endif", "endwhile")
) | frozenset(("endfor", "endforeach", "array_push", "array_unshift", "array_splice"))
_MILD = re.compile(r"[\w./\\: -]{1,80}")
_WHOLE_WORD = re.compile(
    r"['\"]([/#~])(?:\^|\\A)(?:\[(?:\\[wd-]|[\w-])+\]|\\w|\\d)(?:[+*]|\{\d{1,3}(?:,\d{0,3})?\})(?:\$|\\z)\1[iDu]{0,3}['\"]"
)
_HARMFUL = frozenset((*TABLES.code, *TABLES.command, *TABLES.pattern, *TABLES.callback, "include", "require"))
_MOST_NESTED = 6
_MOST_GUARDS = 200


class Guard(NamedTuple):
    """A check: the variable, what it is known to be afterwards, and whether the branch is taken if it is not."""

    name: str
    value: Value
    denied: bool


class Guards(Expressions):
    """The part of a reading that trusts checks."""

    def read_guarded(self, here: int, end: int) -> bool:
        """Reads an `if` with what it guards; False if it guards nothing, and nothing is read."""
        tokens = self.program.tokens
        if self.guards_read >= _MOST_GUARDS or self.guarded >= _MOST_NESTED or tokens[here - 1].text not in ";{}":
            return False
        guard = self._find_guard(here)
        start = self.program.close_of(here + 1) + 1
        stop = self.program.close_of(start) if tokens[start].text == "{" else self.program.find(start, ";")
        if guard is None or stop >= end or (not guard.denied and tokens[start].text != "{"):
            return False
        if guard.denied and not self._leaves(start, stop):
            return False
        self.guards_read += 1
        if not guard.value.flags and gather(self.look_up(guard.name)) & (REQUEST | UPLOAD | UPLOAD_NAME):
            self.tell("checks-uploads", here)
        self.guarded += 1
        self.nested += 1
        if guard.denied:
            self.run_range(start + 1 if tokens[start].text == "{" else start, stop)
            self.nested -= 1
            self._run_known(guard, stop + 1, self._end_of_block(here, end))
        else:
            self._run_known(guard, start + 1, stop)
            self.nested -= 1
            self.at = stop + 1
        self.guarded -= 1
        return True

    def _run_known(self, guard: Guard, start: int, end: int) -> None:
        nested, old = self.nested, self.look_up(guard.name)
        self.scope[guard.name] = guard.value
        self.run_range(start, end)
        now = self.scope.get(guard.name, guard.value)
        self.scope[guard.name] = old if now is guard.value else merge(old, now)
        self.nested = nested
        self.at = end

    def _find_guard(self, here: int) -> Guard | None:
        tokens = self.program.tokens
        close = self.program.close_of(here + 1) - 1
        denied = tokens[here + 2].text == "!"
        at = here + 2 + denied
        word = tokens[at].text.lower().lstrip("\\")
        if tokens[at + 1].text != "(" or self.program.close_of(at + 1) != close or self.is_of_script(word, at):
            return None
        if (word not in _LISTS and word != "preg_match") or not self._is_followed():
            return None
        if word == "preg_match":
            name, value = tokens[at + 4], Value(WORD)
            if not _WHOLE_WORD.fullmatch(tokens[at + 2].text[:200]) or tokens[at + 3].text != "," or at + 5 != close:
                return None
        else:
            name, value = tokens[at + 2], Value()
            if tokens[at + 3].text != "," or not self._is_fixed(word, at + 4, close):
                return None
        known = name.kind == "variable" and not name.text.startswith("$_") and name.text not in ("$this", "$GLOBALS")
        return Guard(name.text, value, denied) if known and name.text not in TABLES.visitor else None

    def _is_fixed(self, word: str, at: int, close: int) -> bool:
        """Whether the list at a token holds only harmless texts that stand in the script."""
        tokens = self.program.tokens
        self.at = at
        listed = self.read_expression()
        strict = tokens[self.at].text == "," and tokens[self.at + 1].text.lower() == "true" and self.at + 2 == close
        if (not strict and self.at != close) or gather(listed) & ~HIDDEN or not listed.items:
            return False
        texts = list(listed.items) if word == "array_key_exists" else [item.text for item in listed.items.values()]
        return all(
            text is not None
            and _MILD.fullmatch(text)
            and text.lower().lstrip("\\") not in _HARMFUL
            and (strict or word == "array_key_exists" or not text[0].isdigit())  # 0 is equal to every word in old PHP
            for text in texts
        )

    def _is_followed(self) -> bool:
        """Whether the script sets its variables only by ways that are followed."""
        program = self.program
        if program not in self.followed:
            tokens = program.tokens
            self.followed[program] = not any(
                (kind == "name" and text.lower() in _NOT_FOLLOWED)
                or (kind == "op" and text == "$")
                or (text == "&" and tokens[at + 1].kind == "variable")
                or (text == "[" and tokens[at - 1].text in ";{}(,as" and tokens[program.close_of(at) + 1].text == "=")
                for at, (kind, text, _) in enumerate(tokens[: program.size])
            )
        return self.followed[program]

    def _leaves(self, start: int, stop: int) -> bool:
        """Whether a branch ends by leaving, whatever happens in it."""
        tokens = self.program.tokens
        if tokens[start].text != "{":
            return tokens[start].text.lower() in _LEAVES
        last = stop - 1
        if tokens[last].text != ";":
            return False
        while last > start and tokens[last - 1].text not in (";", "{", "}"):
            last -= 1
        return tokens[last].text.lower() in _LEAVES

    def _end_of_block(self, here: int, end: int) -> int:
        around = (
            closed
            for opened, closed in self.program.closes.items()
            if opened < here < closed and self.program.tokens[opened].text == "{"
        )
        return min(end, *around, end)
