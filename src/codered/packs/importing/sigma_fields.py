"""A field of a Sigma rule with its modifiers and values, as alternatives that a pattern can say."""

import re
from importlib import resources
from typing import Literal

import msgspec

from codered.packs.importing.patterns import anchor, escape, find_literals, find_words, refuse_pattern
from codered.packs.strict_yaml import Plain

Part = Literal["request", "referer", "agent", "anywhere", "method", "dropped"]
MOST_VALUES = 2000
_WILD = re.compile(r"\\([*?\\])|([*?])|([^*?\\]+|\\)")
_DASHES = ("-", "/", "\u2013", "\u2014", "\u2015")


class Inexpressible(Exception):
    """Why a rule can't be said as a log sign."""


class Way(msgspec.Struct, frozen=True):
    """One alternative: a pattern, whether it begins where the path (or the field) begins, and texts of which every
    match holds one (() = none is known).
    """

    pattern: str
    at_start: bool
    literals: tuple[str, ...]


class Clause(msgspec.Struct, frozen=True):
    """One of these ways fits this part of a line; `notes` say what is wider than the rule."""

    part: Part
    ways: tuple[Way, ...]
    notes: tuple[str, ...] = ()


class _Field(msgspec.Struct, frozen=True):
    part: Part
    of: Literal["whole", "path", "query"] = "whole"


_FIELDS = msgspec.json.decode(
    resources.files("codered.packs.importing").joinpath("sigma_fields.json").read_bytes(), type=dict[str, _Field]
)
_KNOWN = ("contains", "startswith", "endswith", "re", "all", "windash", "cased", "i")


def make_clauses(key: str, said: Plain) -> tuple[Clause, ...]:
    """What a field says: one clause, or with `all` one a value. Raises Inexpressible."""
    name, *modifiers = key.split("|")
    if unknown := [modifier for modifier in modifiers if modifier not in _KNOWN]:
        raise Inexpressible(f"the modifier `{unknown[0][:40]}` of `{name[:40]}` can't be said in a log sign")
    values = said if isinstance(said, list) else [said]
    texts = [value for value in values if isinstance(value, str)]
    if not values or len(texts) != len(values) or len(texts) > MOST_VALUES:
        raise Inexpressible(f"the field `{name[:40]}` has no plain values, or too many")
    field = _FIELDS.get(name.lower())
    if field is None:
        if "status" in name.lower():
            return (Clause("dropped", (), (f"`{name[:40]}` is not asked for: any answer counts",)),)
        raise Inexpressible(f"the field `{name[:60]}` is not looked at in logs")
    if field.part == "method":
        return (Clause("method", tuple(Way(escape(text.upper()), True, ()) for text in texts)),)
    notes = _list_notes(name, field, modifiers)
    ways = [_make_way(text, field, modifiers) for text in _with_dashes(texts, modifiers)]
    if "all" in modifiers:
        return tuple(Clause(field.part, (way,), notes) for way in ways)
    return (Clause(field.part, tuple(ways), notes),)


def make_keywords(words: list[str]) -> Clause:
    """Words of which one stands anywhere in the line. Raises Inexpressible."""
    if len(words) > MOST_VALUES:
        raise Inexpressible("too many key words")
    return Clause("anywhere", tuple(_make_way(word, _Field("anywhere"), ["contains"]) for word in words))


def _list_notes(name: str, field: _Field, modifiers: list[str]) -> tuple[str, ...]:
    notes = []
    if field.of == "query" and not {"startswith", "re"} & set(modifiers):
        notes.append(f"`{name}` is looked for in the path too")
    if "cased" in modifiers:
        notes.append("upper and lower case count as the same")
    return tuple(notes)


def _with_dashes(texts: list[str], modifiers: list[str]) -> list[str]:
    if "windash" not in modifiers:
        return texts
    return [re.sub(r"(?:^|(?<=\s))[-/]", dash, text) for text in texts for dash in _DASHES]


def _make_way(text: str, field: _Field, modifiers: list[str]) -> Way:
    if "re" in modifiers:
        return _make_regex_way(text, field)
    if not text:
        raise Inexpressible("asks for an empty field")
    body, literal = _read_wild(text)
    begins = not {"contains", "endswith"} & set(modifiers)
    ends = not {"contains", "startswith"} & set(modifiers)
    before, after = "", "$" if ends else ""
    if field.of == "path":
        before, after = "" if begins else "[^?]*", r"(\?|$)" if ends else ""
        begins = True
    elif field.of == "query" and begins:
        before, begins = r"\?", False
    return Way(before + body + after, begins, (literal,) if literal else ())


def _make_regex_way(text: str, field: _Field) -> Way:
    if why := refuse_pattern(text):
        raise Inexpressible(why)
    try:
        pattern, at_start = anchor(text)
    except ValueError as error:
        raise Inexpressible(str(error)) from None
    literals = find_literals(pattern)
    if field.of != "query" or not at_start:
        return Way(pattern, at_start, literals)
    return Way(rf"\?({pattern})" if "|" in pattern else rf"\?{pattern}", False, literals)


def _read_wild(text: str) -> tuple[str, str]:
    """A value with `*` and `?` as a pattern, and its longest plain text."""
    pattern, plain = "", [""]
    for escaped, wild, rest in _WILD.findall(text):
        if wild:
            pattern += ".*" if wild == "*" else "."
            plain.append("")
        else:
            pattern += escape(escaped or rest)
            plain[-1] += escaped or rest
    return pattern, max((find_words(piece) for piece in plain), key=len)
