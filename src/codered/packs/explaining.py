"""Why a document does not fit its type: by line, with a suggestion. Only the place is taken from what msgspec says."""

import re

import msgspec
from msgspec import inspect

from codered.model.errors import WrongUse
from codered.packs.strict_yaml import Document, Mark, Plain, Step, shorten
from codered.packs.suggesting import find_nearest, suggest

_WAY = re.compile(r" - at `\$([^`]*)`$")
_STEP = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+)\]")
_MISSING = re.compile(r"^Object missing required field `(\w+)`")


class _Fault(msgspec.Struct, frozen=True):
    """The part of the document that does not fit, the type it should have, and the last name on the way to it."""

    value: Plain
    mark: Mark
    wanted: inspect.Type
    name: str


def explain_misfit(document: Document, kind: type, message: str) -> WrongUse:
    """The error for a document that msgspec refused as `kind` with this message."""
    way = _WAY.search(message)
    steps = _split_way(way[1]) if way else []
    fault = _follow(document, inspect.type_info(kind), steps)
    where = f"{document.where}:{fault.mark.line}"
    if "unknown field" in message and isinstance(fault.wanted, inspect.StructType) and isinstance(fault.value, dict):
        known = [field.encode_name for field in fault.wanted.fields]
        key = next((key for key in fault.value if key not in known), "")
        return WrongUse(
            f"unknown key `{shorten(key)}`",
            where=f"{document.where}:{fault.mark.keys.get(key, fault.mark.line)}",
            advice=suggest(key, known),
        )
    if missing := _MISSING.match(message):
        block = f"`{fault.name}`" if fault.name else "the file"
        return WrongUse(f"{block} lacks the key `{missing[1]}`", where=where, advice=_say_how(fault.wanted, missing[1]))
    return WrongUse(_say_what(fault, message), where=where, advice=_say_wanted(fault))


def _split_way(way: str) -> list[Step]:
    return [name or int(number) for name, number in _STEP.findall(way)]


def _follow(document: Document, wanted: inspect.Type, steps: list[Step]) -> _Fault:
    """Walk as far as document and type both go; a mapping's own keys are not on msgspec's way, so it may end early."""
    value, mark, name = document.value, document.mark, ""
    wanted = _strip_null(wanted)
    for step in steps:
        inner = _inner_type(wanted, step)
        mark_inside = mark.inside.get(step)
        if inner is None or mark_inside is None:
            break
        value = value[step]  # type: ignore[index]
        mark, wanted = mark_inside, _strip_null(inner)
        name = step if isinstance(step, str) else name
    return _Fault(value, mark, wanted, name)


def _inner_type(wanted: inspect.Type, step: Step) -> inspect.Type | None:
    if isinstance(wanted, inspect.StructType) and isinstance(step, str):
        return next((field.type for field in wanted.fields if field.encode_name == step), None)
    if isinstance(wanted, inspect.VarTupleType | inspect.ListType) and isinstance(step, int):
        return wanted.item_type
    return None


def _strip_null(wanted: inspect.Type) -> inspect.Type:
    if isinstance(wanted, inspect.UnionType):
        return next((kind for kind in wanted.types if not isinstance(kind, inspect.NoneType)), wanted)
    return wanted


def _say_how(wanted: inspect.Type, missing: str) -> str:
    inner = _inner_type(wanted, missing)
    choice = _strip_null(inner) if inner else None
    if isinstance(choice, inspect.LiteralType):
        return f"add `{missing}:` with one of {_list_values(choice)}"
    return f"add `{missing}:` to this block"


def _say_what(fault: _Fault, message: str) -> str:
    name = f"`{fault.name}`" if fault.name else "this"
    if isinstance(fault.value, str):
        return f"{name} can't be {shorten(repr(fault.value))}"
    kind = "a list" if isinstance(fault.value, list) else "a block of keys"
    return f"{name} can't be {kind}" if message.startswith("Expected") else f"{name}: {shorten(message)}"


def _say_wanted(fault: _Fault) -> str:
    wanted = fault.wanted
    if isinstance(wanted, inspect.LiteralType):
        known = [str(value) for value in wanted.values]
        near = find_nearest(fault.value, known) if isinstance(fault.value, str) else None
        return f"one of {_list_values(wanted)}" + (f"; did you mean `{near}`?" if near else "")
    if isinstance(wanted, inspect.StrType) and wanted.pattern:
        longest = f" and have at most {wanted.max_length} characters" if wanted.max_length else ""
        return f"it must {_SAY_SHAPE.get(wanted.pattern, f'look like {wanted.pattern}')}{longest}"
    return _SAY_TYPE.get(type(wanted), "see docs/pack-format.md for what belongs here")


def _list_values(wanted: inspect.LiteralType) -> str:
    return ", ".join(str(value) for value in wanted.values)


_SAY_SHAPE = {
    r"^[0-9]{4}\.[0-9]{2}\.[0-9]+$(?!\n)": "be year.month.number, as 2026.11.1",
    r"^[a-z0-9]+(-[a-z0-9]+)*$(?!\n)": "be small letters and digits, with single dashes between,",
    r"^[0-9a-f]{64}$(?!\n)": "be a SHA-256: 64 small hex digits",
    r"^(?:/|[A-Za-z]:\\)[^\x00]+$(?!\n)": "be a whole path, as /tmp/x or C:\\x",
    r"^HK(?:LM|U)\\[^\x00]+$(?!\n)": "begin with HKLM\\ or HKU\\",
}
"""Words for patterns of the model."""
_SAY_TYPE: dict[type[inspect.Type], str] = {
    inspect.StructType: "write a block of `key: value` lines",
    inspect.VarTupleType: "write a list: [one, two] or lines that start with `- `",
    inspect.StrType: "write a text",
    inspect.IntType: "write a whole number",
    inspect.FloatType: "write a number such as 0.5",
    inspect.BoolType: "write true or false",
    inspect.DateType: "write a date as YYYY-MM-DD",
}
