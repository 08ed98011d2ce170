"""README.txt of a folder of scripts: what, in which order, how to undo, and what they can't do."""

from functools import cache
from pathlib import Path

import msgspec

from codered.export.scripts.quoting import write_comment
from codered.export.scripts.steps import OLD, FileStep, KeyStep, LinesStep, Script, Step, ValueStep, name_step, text_of
from codered.export.scripts.templates import end_lines
from codered.model.registry import REG_DWORD

_MOST = 2000
_SHOWN = 200


class ReadmeWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sentences of the file readme.json."""

    title: str
    made: str
    old_run: tuple[str, ...]
    new_run: tuple[str, ...]
    old_undo: str
    new_undo: str
    facts: tuple[str, ...]
    old_facts: tuple[str, ...]
    no_host: tuple[str, ...]
    cant: tuple[str, ...]


@cache
def read_words() -> ReadmeWords:
    """The sentences."""
    return msgspec.json.decode(Path(__file__).with_suffix(".json").read_bytes(), type=ReadmeWords)


def write_readme(script: Script) -> bytes:
    """The text, ASCII."""
    words, old = read_words(), script.role in OLD
    values = {"title": write_comment(script.title), "origin": write_comment(script.origin), "id": script.id}
    lines = [words.title.format(**values), "", words.made.format(**values), f"For: {script.role}", "", "How to run it:"]
    lines += words.old_run if old else words.new_run
    lines += ["", "How to undo it:", words.old_undo if old else words.new_undo, "", "Good to know:"]
    lines += [f"- {fact.format(**values)}" for fact in (*words.facts, *(words.old_facts if old else ()))]
    lines += ["", *words.cant, "", *(("", *words.no_host, "") if old else ())]
    lines += ["Steps, in this order:"]
    for number, step in enumerate(script.steps, 1):
        lines += [f"{number:>4}. {write_comment(name_step(step))}", f"      {_tell(step)}"]
        lines += [f"      why: {write_comment(step.because)[:_SHOWN]}"]
    lines += ["      none"] if not script.steps else []
    if script.by_hand:
        lines += ["", "No script does this, decide yourself:"]
        lines += [
            f"- {write_comment(item.what)[:_SHOWN]}: {write_comment(item.because)}" for item in script.by_hand[:_MOST]
        ]
    if script.afterwards:
        lines += ["", "Afterwards:", *(f"- {write_comment(line)}" for line in dict.fromkeys(script.afterwards))]
    return end_lines("\n".join(lines) + "\n")


def _tell(step: Step) -> str:
    """What becomes of it, and under which condition."""
    if isinstance(step, FileStep):
        facts = [f"has {step.size} bytes"] if step.size >= 0 else []
        facts += [f"has the SHA-256 {step.sha256}"] if step.sha256 else []
        facts += [f"is the same as {write_comment(' or '.join(step.twins))}"] if step.twins else []
        return "quarantine it, if it " + (" and ".join(facts) if facts else "is there: its place alone says what it is")
    if isinstance(step, ValueStep):
        wanted = "delete it" if step.sets is None else f"set it to {_show(step.sets_type, step.sets)}"
        return f"{wanted}, if it is {' or '.join(_show(step.type, data) for data in step.expects)}"
    if isinstance(step, KeyStep):
        return f"save and delete it, if it has {step.keys} keys and {step.values} values in all"
    if isinstance(step, LinesStep):
        numbers = ", ".join(str(line.line) for line in step.lines[:20])
        return f"change the lines {numbers}, if the file has the SHA-256 {step.before}"
    if step.flags is None:
        return f"publish it no longer, if its Path is {write_comment(' or '.join(step.expects))}"
    return f"set its AccessFlags to {step.flags}, if they are {' or '.join(step.expects)}"


def _show(kind: int, data: bytes) -> str:
    if kind == REG_DWORD:
        return f"0x{int.from_bytes(data, 'little'):08x}"
    text = text_of(data)
    return data.hex()[:_SHOWN] if text is None else f'"{write_comment(text)[:_SHOWN]}"'
