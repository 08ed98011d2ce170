"""Heuristics from the files `*.heuristics.yaml` beside the packs, merged into one set."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from codered.model.errors import WrongUse
from codered.model.heuristics import Heuristic, Heuristics
from codered.packs.checks.patterns import explain_pattern
from codered.packs.decoding import decode_document
from codered.packs.generating import ID_SHAPE
from codered.packs.strict_yaml import Document, parse_document, read_bytes, shorten, show_path

_Value = TypeVar("_Value")
ENDING = ".heuristics.yaml"
MOST_FILES = 50
TEXT_FACT = "text:"


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: Literal[1]
    lists: dict[str, tuple[str, ...]] = {}
    patterns: dict[str, str] = {}
    rules: tuple[Heuristic, ...] = ()


def load_heuristics(folder: Path, *, patterns_too: bool = True) -> Heuristics:
    """All heuristics of the packs folder; an empty set if it has none. `patterns_too`: also try each pattern, which
    takes longer than all the rest and is needed only before they are compiled. Raises WrongUse with file and line.
    """
    digest = hashlib.sha256()
    lists: dict[str, tuple[str, ...]] = {}
    patterns: dict[str, str] = {}
    rules: dict[str, Heuristic] = {}
    documents = []
    for path in sorted(folder.glob(f"*{ENDING}"))[:MOST_FILES]:
        data = read_bytes(path)
        digest.update(f"{path.name}\0{hashlib.sha256(data).hexdigest()}\n".encode())
        document = parse_document(data, show_path(path))
        part = decode_document(document, _File)
        documents.append((document, part))
        _merge(lists, part.lists, document, "lists")
        _merge(patterns, part.patterns, document, "patterns")
        for number, rule in enumerate(part.rules):
            if rule.id in rules:
                where = document.place_of("rules", number, "id")
                raise WrongUse(f"a second heuristic `{shorten(rule.id)}`", where=where, advice="choose another id")
            rules[rule.id] = rule
    for document, part in documents:
        for where, what, advice in _find_faults(document, part, patterns, patterns_too=patterns_too):
            raise WrongUse(what, where=where, advice=advice)
    if not documents:
        return Heuristics()
    return Heuristics(lists=lists, patterns=patterns, rules=tuple(rules.values()), digest=digest.hexdigest())


def count_rules(data: bytes, where: str) -> int:
    """How many rules one file has. Raises WrongUse for one that can't be read."""
    return len(decode_document(parse_document(data, where), _File).rules)


def _merge(into: dict[str, _Value], new: dict[str, _Value], document: Document, part: str) -> None:
    for name, value in new.items():
        if name in into:
            where = document.place_of(part, name)
            raise WrongUse(f"`{shorten(name)}` a second time", where=where, advice="another file has it: rename one")
        into[name] = value


def _find_faults(
    document: Document, part: _File, patterns: dict[str, str], *, patterns_too: bool
) -> Iterator[tuple[str, str, str]]:
    """Place, fault and advice for whatever can't be used."""
    for name, pattern in part.patterns.items():
        where = document.place_of("patterns", name)
        if not ID_SHAPE.fullmatch(name):
            yield where, f"`{shorten(name)}` can't be a name", "write lower-case words joined by `-`"
        if patterns_too and (fault := explain_pattern(pattern)):
            yield where, fault, "correct the pattern"
    for number, rule in enumerate(part.rules):
        if not ID_SHAPE.fullmatch(rule.id):
            at = document.place_of("rules", number, "id")
            yield at, f"`{shorten(rule.id)}` can't be an id", "write lower-case words joined by `-`"
        if not rule.because.strip() or not rule.when:
            yield document.place_of("rules", number), f"`{rule.id}` lacks `when` or `because`", "say both"
        for fact in (*rule.when, *rule.unless):
            if fact.startswith(TEXT_FACT) and fact.removeprefix(TEXT_FACT) not in patterns:
                at = document.place_of("rules", number)
                yield at, f"`{rule.id}` names no pattern `{shorten(fact)}`", "name one of `patterns`"
