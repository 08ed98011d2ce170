"""A pack's regular expression taken apart and spelled anew, for engines whose text begins or ends otherwise.

It knows what packs use: literals, escapes, classes, groups, alternatives, counts, `^` and `$`. Nothing is matched here.
"""

import re
from typing import NamedTuple

MOST_DEPTH = 20  # groups within groups
_COUNT = re.compile(r"\{(\d{0,5})(,?)(\d{0,5})\}")
_ENCODED = frozenset("${}:\\<>\"'();|")  # what clients and attackers write as %NN where a path would not need it
_SPECIAL = frozenset(".^$*+?{}[]\\|()")


class Part(NamedTuple):
    """One step of a pattern: a character, escape or class as written, or a group's `branches`; and how often."""

    source: str
    repeat: str = ""
    branches: tuple["Branch", ...] = ()

    def literal(self) -> str:
        """The one character it stands for, "" if it is no plain one."""
        if self.branches or self.source in {"^", "$", "."} or self.source.startswith("["):
            return ""
        if len(self.source) == 2 and not self.source[1].isalnum():
            return self.source[1]
        return self.source if len(self.source) == 1 else ""

    def least(self) -> int:
        """How often it must come at least."""
        if self.repeat[:1] in {"*", "?"}:
            return 0
        counted = _COUNT.match(self.repeat)
        return int(counted[1] or 0) if counted else 1


Branch = tuple[Part, ...]
ANYWHERE: Branch = (Part("^"),)
ENDING: Branch = (Part("$"),)


class Spelling(NamedTuple):
    """How a form says the start of the text, the start of the path (`(^| )` at a pattern's head), its end, any
    character and a question mark; `encoded` also takes %NN for signs that are often sent so.
    """

    start: str = "^"
    path: str = "(^| )"
    end: str = "$"
    dot: str = "."
    question: str = r"\?"
    encoded: bool = False


def parse_pattern(pattern: str) -> tuple[Branch, ...]:
    """The branches of a pattern. Raises ValueError, in words for people, for what this reader does not know."""
    if not pattern.isprintable():
        raise ValueError("its pattern holds what can not be printed")
    reader = _Reader(pattern)
    branches = reader.read_branches(0)
    if reader.at < len(pattern):
        raise ValueError("a bracket is closed that was never opened")
    return branches


def spell_pattern(branches: tuple[Branch, ...], spelling: Spelling) -> str:
    """The branches as a pattern again. A backslash and both quotes become \\xNN, so that no engine's own quoting meets
    them.
    """
    return "|".join(_spell_branch(branch, spelling) for branch in branches)


def begins_at_path(branch: Branch) -> bool:
    """Whether the branch opens with `(^| )`, a pack's way to say: where the path begins."""
    return bool(branch) and branch[0].branches == ((Part("^"),), (Part(" "),)) and not branch[0].repeat


def _spell_branch(branch: Branch, spelling: Spelling) -> str:
    if begins_at_path(branch):
        return spelling.path + "".join(_spell_part(part, spelling) for part in branch[1:])
    return "".join(_spell_part(part, spelling) for part in branch)


def _spell_part(part: Part, spelling: Spelling) -> str:
    if part.branches:
        return f"({'|'.join(_spell_within(branch, spelling) for branch in part.branches)}){part.repeat}"
    words = {"^": spelling.start, "$": spelling.end, ".": spelling.dot}
    return words.get(part.source, _spell_atom(part, spelling)) + part.repeat


def _spell_within(branch: Branch, spelling: Spelling) -> str:
    return "".join(_spell_part(part, spelling) for part in branch)


def _spell_atom(part: Part, spelling: Spelling) -> str:
    character = part.literal()
    if not character:
        return part.source.replace('"', r"\x22").replace("'", r"\x27").replace(r"\\", r"\x5c")
    if character == "?":
        return spelling.question
    plain = f"\\x{ord(character):02x}" if character in "\\\"'" else character
    if plain in _SPECIAL:
        plain = "\\" + plain
    if spelling.encoded and character in _ENCODED:
        return f"({plain}|%(25)?{ord(character):02x})"
    return r"\x25" if character == "%" and part.repeat.startswith("{") else plain


class _Reader:
    def __init__(self, text: str) -> None:
        self._text, self.at = text, 0

    def read_branches(self, depth: int) -> tuple[Branch, ...]:
        if depth > MOST_DEPTH:
            raise ValueError("its groups are nested too deep")
        branches: list[Branch] = []
        parts: list[Part] = []
        while self.at < len(self._text) and self._text[self.at] != ")":
            if self._text[self.at] == "|":
                self.at += 1
                branches.append(tuple(parts))
                parts = []
            else:
                parts.append(self._read_part(depth))
        return (*branches, tuple(parts))

    def _read_part(self, depth: int) -> Part:
        first = self._text[self.at]
        if first in "*+?":
            raise ValueError("nothing to repeat")
        if first == "(":
            return self._read_group(depth)
        if first == "\\":
            source = self._read_escape()
        elif first == "[":
            source = self._read_class()
        else:
            source = first
            self.at += 1
        return Part(source, self._read_repeat())

    def _read_group(self, depth: int) -> Part:
        self.at += 1
        if self._text.startswith("?", self.at):
            if not self._text.startswith("?:", self.at):
                raise ValueError("it uses a special kind of group")
            self.at += 2
        branches = self.read_branches(depth + 1)
        if not self._text.startswith(")", self.at):
            raise ValueError("a bracket is not closed")
        self.at += 1
        return Part("", self._read_repeat(), branches)

    def _read_escape(self) -> str:
        taken = 4 if self._text.startswith("\\x", self.at) else 2
        source = self._text[self.at : self.at + taken]
        if len(source) < taken:
            raise ValueError("an escape is cut off")
        self.at += taken
        if taken == 2 and source[1].isalnum() and source[1] not in "wWsSdDbBtnrfva":
            raise ValueError(f"it uses the escape {source}")
        return source

    def _read_class(self) -> str:
        begin = self.at
        self.at += 2 if self._text.startswith("[^", self.at) else 1
        first = self.at
        while self.at < len(self._text) and (self._text[self.at] != "]" or self.at == first):
            self.at += 2 if self._text[self.at] == "\\" else 1
        if self.at >= len(self._text):
            raise ValueError("a class is not closed")
        self.at += 1
        return self._text[begin : self.at]

    def _read_repeat(self) -> str:
        mark = self._text[self.at : self.at + 1]
        counted = _COUNT.match(self._text, self.at)
        if counted and (counted[1] or counted[3]):
            self.at = counted.end()
            repeat = f"{{{counted[1] or 0}{counted[2]}{counted[3]}}}"
        elif mark and mark in "*+?":
            self.at += 1
            repeat = mark
        else:
            return ""
        if self._text.startswith("?", self.at):
            self.at += 1
            repeat += "?"
        return repeat
