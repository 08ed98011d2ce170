"""For Windows Vista, Server 2008 and later: PowerShell 2 and what every one of them has."""

import base64
from collections.abc import Iterable

from codered.export.scripts.quoting import quote_powershell, write_comment
from codered.export.scripts.steps import FileStep, KeyStep, LinesStep, Script, Step, ValueStep
from codered.export.scripts.templates import end_lines, fill_template, head_values, read_template
from codered.model.registry import (
    REG_BINARY,
    REG_DWORD,
    REG_EXPAND_SZ,
    REG_MULTI_SZ,
    REG_QWORD,
    REG_SZ,
)

_KINDS = {
    REG_SZ: "String",
    REG_EXPAND_SZ: "ExpandString",
    REG_BINARY: "Binary",
    REG_DWORD: "DWord",
    REG_MULTI_SZ: "MultiString",
    REG_QWORD: "QWord",
}
_TEXTS = (REG_SZ, REG_EXPAND_SZ, REG_MULTI_SZ)


def write_new_scripts(script: Script) -> dict[str, bytes]:
    """The files by name."""
    numbered = list(enumerate(script.steps, 1))
    clean = [line for number, step in numbered for line in _write_step(number, step)]
    undo = [f"Restore-{_name(step)} {number} {_say(step, undo=True)}" for number, step in reversed(numbered)]
    made = {}
    for name, lines in (("clean", clean), ("undo", [*undo, "Clear-Record"])):
        values = {**head_values(script, f"{name}.ps1"), "STEPS": "\n".join(lines), "LOG": f"{name}.log"}
        made[f"{name}.ps1"] = end_lines(fill_template(read_template("new.ps1"), values))
    return made


def _write_step(number: int, step: Step) -> list[str]:
    return [f"# {number}. {write_comment(step.because)[:300]}", f"Clear-{_name(step)} {number} {_say(step)}"]


def _name(step: Step) -> str:
    return {FileStep: "File", ValueStep: "Value", KeyStep: "Key", LinesStep: "Lines"}[type(step)]


def _say(step: Step, *, undo: bool = False) -> str:
    if isinstance(step, FileStep):
        twins = "" if undo else f" {_list(quote_powershell(twin) for twin in step.twins)}"
        return f"{quote_powershell(step.path)} {step.size} '{step.sha256}'{twins}"
    if isinstance(step, ValueStep):
        expects = _list(f"'{mark_value(step.type, data)}'" for data in step.expects)
        wanted = "" if step.sets is None else mark_value(step.sets_type, step.sets)
        fold = "$true" if step.fold else "$false"
        return f"{quote_powershell(step.key)} {quote_powershell(step.name)} {expects} {fold} '{wanted}'"
    if isinstance(step, KeyStep):
        return quote_powershell(step.key) + ("" if undo else f" {step.keys} {step.values}")
    assert isinstance(step, LinesStep)
    said = f"{quote_powershell(step.path)} '{step.before}' '{step.after}'"
    if undo:
        return said
    changes = (f"(, @({line.line}, {_say_bytes(line.becomes)}))" for line in step.lines)
    return f"{said} @({' + '.join(changes)})"


def _list(parts: Iterable[str]) -> str:
    return f"@({', '.join(parts)})"


def _say_bytes(data: bytes | None) -> str:
    return "$null" if data is None else f"'{base64.b64encode(data).decode()}'"


def mark_value(kind: int, data: bytes) -> str:
    """A value as the script compares it: its kind, and its data in base64, without the end of a text."""
    if kind == REG_MULTI_SZ:
        parts = [part for part in data[: len(data) & ~1].decode("utf-16-le", "surrogatepass").split("\0") if part]
        data = "\0".join(parts).encode("utf-16-le", "surrogatepass")
    elif kind in _TEXTS and data[-2:] == b"\0\0":
        data = data[:-2]
    return f"{_KINDS[kind]}:{base64.b64encode(data).decode()}"
