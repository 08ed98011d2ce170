"""Reading rules.yar: which rules, with which strings and which condition. For checks and for anchors."""

import copy
import re
import threading
from collections.abc import Iterator
from typing import Any

import msgspec
from plyara import Plyara
from plyara.exceptions import ParseError

from codered.engine import CompileProblem, RuleSource, compile_sources
from codered.model.errors import WrongUse
from codered.model.pack import LoadedPack
from codered.model.rule import ParsedPack, Rule, RuleString, StringKind
from codered.packs.places import rules_place
from codered.packs.rule_texts import RuleText, Told, split_rules
from codered.packs.strict_yaml import shorten

_KINDS: dict[str, StringKind] = {"text": "text", "byte": "hex", "regex": "regex"}


class _Reader(threading.local):
    """The reader of rules, made once a thread: its tables take ten times as long to make as a pack takes to read."""

    def __init__(self) -> None:
        self._plyara = Plyara()
        self._lexer = self._plyara.lexer.clone()
        kept = {name: value for name, value in vars(self._plyara).items() if name not in ("lexer", "parser")}
        self._blank = copy.deepcopy(kept)

    def read(self, text: str) -> list[dict[str, Any]]:
        """The rules of a text, as if nothing had been read before. Raises ParseError."""
        vars(self._plyara).update(copy.deepcopy(self._blank), lexer=self._lexer.clone())
        found: list[dict[str, Any]] = self._plyara.parse_string(text)
        return found


_reader = _Reader()


def read_rules(loaded: LoadedPack) -> tuple[Rule, ...]:
    """The rules of a pack's rules.yar. Raises WrongUse with the line when the engine or the reader refuses it."""
    check_compiles(loaded)
    if loaded.pack.origin is not None:
        return tuple(_read_imported(loaded.rules))
    return parse_rules(loaded.rules, rules_place(loaded))


def _read_imported(text: str) -> Iterator[Rule]:
    """The rules of an imported pack, of which nothing has to be proven: without their strings, which takes minutes."""
    for rule in split_rules(text):
        if isinstance(rule, RuleText):
            yield Rule(rule.name, rule.line, rule.last, (), rule.words(), rule.scopes)


def parse_pack(loaded: LoadedPack) -> ParsedPack:
    """The pack with its rules parsed, for exports and for authors. Raises WrongUse with the line."""
    return hold_rules(loaded, parse_rules(loaded.rules, rules_place(loaded)) if loaded.rules.strip() else ())


def hold_rules(loaded: LoadedPack, rules: tuple[Rule, ...]) -> ParsedPack:
    """The pack with its rules, each with its own text, and the modules it imports: comments name none."""
    read = tuple(split_rules(loaded.rules))
    texts = {rule.name: " ".join((*rule.scopes, rule.source)) for rule in read if isinstance(rule, RuleText)}
    imports = dict.fromkeys(told.value for told in read if isinstance(told, Told) and told.kind == "import")
    rules = tuple(msgspec.structs.replace(rule, text=texts.get(rule.name, "")) for rule in rules)
    return ParsedPack(loaded, rules, tuple(imports))


def check_compiles(loaded: LoadedPack, *, refuse_slow: bool = False) -> None:
    """Raises WrongUse with the line unless rules.yar compiles."""
    where = rules_place(loaded)
    imported = loaded.pack.origin is not None
    try:
        compile_sources([RuleSource(loaded.pack.name, loaded.rules, where)], refuse_slow=refuse_slow, relaxed=imported)
    except CompileProblem as problem:
        place = f"{where}:{problem.line}" if problem.line else where
        advice = "anchor it with a literal of 4 bytes or more" if "slow" in problem.message else "correct the rule"
        raise WrongUse(shorten(problem.message), where=place, advice=advice) from None


def parse_rules(text: str, where: str) -> tuple[Rule, ...]:
    """The rules of a source text that the engine has accepted. Raises WrongUse with the line."""
    try:
        found = _reader.read(text)
    except ParseError as error:
        place = f"{where}:{error.lineno}" if isinstance(error.lineno, int) else where
        advice = "write the rule in plainer YARA: other tools have to read it too"
        raise WrongUse(shorten(str(error)), where=place, advice=advice) from None
    lines = text.split("\n")
    return tuple(_rule(raw, lines) for raw in found)


def _rule(raw: dict[str, Any], lines: list[str]) -> Rule:
    first, last = int(raw["start_line"]), int(raw["stop_line"])
    return Rule(
        name=str(raw["rule_name"]),
        line=first,
        last=last,
        strings=tuple(_string(string, lines, first, last) for string in raw.get("strings", ())),
        condition=tuple(str(term) for term in raw.get("condition_terms", ())),
        scopes=tuple(raw.get("scopes", ())),
    )


def _string(raw: dict[str, Any], lines: list[str], first: int, last: int) -> RuleString:
    definition = re.compile(re.escape(str(raw["name"])) + r"\s*=")
    line = next((n for n in range(first, last + 1) if definition.search(lines[n - 1])), first)
    return RuleString(
        name=str(raw["name"]),
        kind=_KINDS[raw["type"]],
        source=str(raw["value"]),
        modifiers=tuple(raw.get("modifiers", ())),
        line=line,
    )
