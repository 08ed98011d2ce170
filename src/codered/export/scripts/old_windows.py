"""For NT 4 to 2003: Windows Script Host works, a command file starts it, a registration file is the fall-back."""

import re
import struct
from collections.abc import Iterator

from codered.export.scripts.quoting import quote_reg, quote_vbs, write_comment
from codered.export.scripts.steps import REG4, TYPE_NAMES, FileStep, MetabaseStep, Script, Step, ValueStep, text_of
from codered.export.scripts.templates import end_lines, fill_template, head_values, read_template
from codered.model.registry import REG_DWORD, REG_EXPAND_SZ, REG_SZ

_LONG_ROOTS = {"HKLM": "HKEY_LOCAL_MACHINE", "HKU": "HKEY_USERS"}
_LINE = 900
"""Characters of a line of a script; Windows Script Host takes 1022."""


def write_old_scripts(script: Script) -> dict[str, bytes]:
    """The files by name. Steps of other kinds are not of this family, and are passed over."""
    made = {}
    for name, lines in (("clean", _write_clean(script)), ("undo", _write_undo(script))):
        made[f"{name}.vbs"] = _write_vbs(script, f"{name}.vbs", lines)
        values = {**head_values(script, f"{name}.cmd"), "VBS": f"{name}.vbs"}
        made[f"{name}.cmd"] = end_lines(fill_template(read_template("old.cmd"), values))
    values_of = [step for step in script.steps if isinstance(step, ValueStep)]
    if values_of:
        made["clean.reg"] = _write_reg(script, values_of, undo=False)
        made["undo.reg"] = _write_reg(script, values_of, undo=True)
    return made


def _write_vbs(script: Script, name: str, lines: list[str]) -> bytes:
    parts = [read_template("old.vbs"), read_template("sha256.vbs")]
    if any(isinstance(step, MetabaseStep) for step in script.steps):
        parts.append(read_template("metabase.vbs"))
    values = head_values(script, name)
    values |= {"STARTER": name.replace(".vbs", ".cmd"), "STEPS": "\n".join("  " + line for line in lines)}
    return end_lines(fill_template("".join(parts), values))


def _write_clean(script: Script) -> list[str]:
    lines = []
    for number, step in enumerate(script.steps, 1):
        lines += [f"' {number}. {write_comment(step.because)[:300]}", _call(f"Clean{_name(step)} {number}", _say(step))]
    return lines


def _write_undo(script: Script) -> list[str]:
    lines = []
    for number, step in reversed(list(enumerate(script.steps, 1))):
        lines.append(_call(f"Undo{_name(step)} {number}", _say_undo(step)))
    return [*lines, "UndoRecord"]


def _call(head: str, arguments: list[str]) -> str:
    """A call; what is too long for a line goes on in the next ones."""
    lines, line = [], head
    for part in arguments:
        for piece in _split_long(part):
            if len(line) + len(piece) > _LINE:
                lines.append(line + " _")
                line = "   "
            line += piece
    return "\n  ".join([*lines, line])


def _split_long(argument: str) -> Iterator[str]:
    """`, ` and the expression, cut only between its parts."""
    text = ", " + argument
    start = 0
    for found in re.finditer(r' & (?=ChrW\(|")', text):
        # Inside a quoted part there is no ` & "`: a quote in it is doubled, and what stands before it counts.
        if text[: found.start()].count('"') % 2 == 0:
            yield text[start : found.end()]
            start = found.end()
    yield text[start:]


def _name(step: Step) -> str:
    return {FileStep: "File", ValueStep: "Value", MetabaseStep: "Metabase"}[type(step)]


def _say(step: Step) -> list[str]:
    if isinstance(step, FileStep):
        twins = ", ".join(map(quote_vbs, step.twins))
        return [quote_vbs(step.path), str(step.size), f'"{step.sha256}"', f"Array({twins})"]
    if isinstance(step, ValueStep):
        return [*_say_value(step), *_say_wanted(step)]
    return _say_metabase(step)


def _say_undo(step: Step) -> list[str]:
    if isinstance(step, FileStep):
        return [quote_vbs(step.path), str(step.size), f'"{step.sha256}"']
    if isinstance(step, ValueStep):
        return [*_say_value(step), f'"{TYPE_NAMES[step.type]}"', *_say_wanted(step)]
    return _say_metabase(step)


def _say_value(step: ValueStep) -> list[str]:
    expects = ", ".join(_say_data(step.type, data) for data in step.expects)
    return [quote_vbs(step.key), quote_vbs(step.name), f"Array({expects})", str(step.fold)]


def _say_wanted(step: ValueStep) -> list[str]:
    if step.sets is None:
        return ['""', '""']
    return [f'"{TYPE_NAMES[step.sets_type]}"', _say_data(step.sets_type, step.sets)]


def _say_data(kind: int, data: bytes) -> str:
    """Numbers are signed there."""
    return f"CLng({struct.unpack('<i', data)[0]})" if kind == REG_DWORD else quote_vbs(text_of(data) or "")


def _say_metabase(step: Step) -> list[str]:
    assert isinstance(step, MetabaseStep)
    if step.flags is None:
        return [quote_vbs(step.below), f"Array({', '.join(map(quote_vbs, step.expects))})", "-1"]
    return [quote_vbs(step.below), f"Array({', '.join(step.expects)})", str(step.flags)]


def _write_reg(script: Script, steps: list[ValueStep], *, undo: bool) -> bytes:
    """A registration file has no conditions; the readme says when it may be used."""
    older = script.role in REG4
    lines = ["REGEDIT4" if older else "Windows Registry Editor Version 5.00", ""]
    lines += [f"; {value}" for key, value in head_values(script, "").items() if key in ("TITLE", "DIGEST")]
    lines += ["; It looks at nothing before it changes: read README.txt first.", ""]
    for step in steps:
        kind, data = (step.type, step.expects[0]) if undo else (step.sets_type, step.sets)
        root, _, below = step.key.partition("\\")
        name = "@" if not step.name else quote_reg(step.name)
        text = "-" if data is None else write_reg_data(kind, data, older=older)
        if name is None or text is None or quote_reg(below) is None:
            lines += [f"; left out, it can't be written in this form: {write_comment(step.key)}", ""]
        else:
            lines += [f"[{_LONG_ROOTS[root.upper()]}\\{below}]", f"{name}={text}", ""]
    return end_lines("\n".join(lines))


def write_reg_data(kind: int, data: bytes, *, older: bool) -> str | None:
    """A value's data as a registration file has it; None for a text that the older form can't hold."""
    if kind == REG_DWORD:
        return f"dword:{int.from_bytes(data, 'little'):08x}"
    text = text_of(data)
    quoted = None if text is None else quote_reg(text)
    if kind == REG_SZ and quoted is not None:
        return quoted
    if kind not in (REG_SZ, REG_EXPAND_SZ) or text is None:
        return None
    if not older:
        return f"hex({kind}):" + ",".join(f"{byte:02x}" for byte in data)
    return None if quoted is None else f"hex({kind}):" + ",".join(f"{byte:02x}" for byte in (text + "\0").encode())
