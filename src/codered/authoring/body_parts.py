"""Signs of content and of memory: rules made of marks, and what shows them without being the threat."""

from codered.authoring.code_patterns import CodePattern
from codered.authoring.orders import Choice, Mark, Sample
from codered.authoring.parts import Part, make_sign, name_rule, name_string, quote, write_rule
from codered.packs.example_memory import MemoryPart
from codered.packs.example_trees import TreeFile

_ANCHORS = 2  # of 64 for all packs together
_INERT = "Inert example of a drafted pack: markers only, out of order.\n"
_PHP_END = "<?php die('inert example'); ?>\n"


def draft_body(
    pack: str, number: int, samples: tuple[Sample, ...], marks: tuple[Mark, ...], code: tuple[CodePattern, ...]
) -> Part:
    """The sign of content for these samples, the `number`-th (from 1) of the pack: at least one mark, or code."""
    text = all(sample.text for sample in samples)
    scope = "text" if text else "any" if any(sample.text for sample in samples) else "binary"
    name = "body" if number == 1 else f"body-{number}"
    anchors = marks[:_ANCHORS] if len(marks) > _ANCHORS else marks[:1]
    strings = _name_marks(marks, anchors)
    strings += [f"$code_{place} = {{ {item.source()} }}" for place, item in enumerate(code)]
    if not marks:
        seed = "".join(f"\\x{byte:02x}" for byte in code[0].seed())
        strings.insert(0, f'$anchor_code = "{seed}"')
    others = len(strings) - max(len(anchors), 1)
    weak, rule = len(marks) < 3, name_rule(pack, name.replace("-", "_"))
    has = f"what {_count(samples)} of the threat {'holds' if len(samples) == 1 else 'have in common'}"
    sign = make_sign(
        name,
        f"This file holds {has}.",
        "suspicious" if weak else "likely",
        "high",
        rule=rule,
        scope=scope,
        where=["files"],
    )
    return Part(
        layer="content",
        sign=sign,
        rule=write_rule(rule, has.capitalize(), strings, _condition(others, 2)),
        files=(_make_file(pack, name, marks, code, text),),
        near_files=_make_near(name, marks) if others else (),
        choices=(*_explain(marks, name), *_explain_rule(samples, scope, name, code, weak)),
    )


def draft_memory(pack: str, marks: tuple[Mark, ...], source: str) -> Part | None:
    """The sign of a running threat: strings with a NUL behind them; None if there are fewer than two of these."""
    ended = tuple(mark for mark in marks if mark.ended)[:6]
    if len(ended) < 2:
        return None
    anchors = ended[:2] if len(ended) > 2 else ended[:1]
    name = "in-memory"
    rule = name_rule(pack, "in_memory")
    sign = make_sign(
        name,
        "Strings of the threat stand together in the memory of this process, each with its end as a running program "
        "keeps them.",
        "likely" if len(ended) >= 3 else "suspicious",
        "critical",
        rule=rule,
        scope="binary",
        where=["memory"],
    )
    regions = tuple(_memory_part(mark) for mark in sorted(ended, key=lambda mark: mark.text, reverse=True))
    listed = " ".join(quote(mark.text.decode("ascii")) for mark in ended)
    about = "Strings of the threat, each with a NUL behind it: a list of signatures that names them has none"
    strings = _name_marks(ended, anchors, end="\\x00")
    return Part(
        layer="content",
        sign=sign,
        rule=write_rule(rule, about, strings, _condition(len(ended) - len(anchors), 2)),
        memory=regions,
        near_memory=(MemoryPart(text=f"rule example {{ strings: {listed} }}", nuls=64),),
        choices=(
            Choice("content/in-memory", f"{len(ended)} strings with a NUL behind them", f"from {source}"),
            *_explain(ended, name),
        ),
    )


def _name_marks(marks: tuple[Mark, ...], anchors: tuple[Mark, ...], end: str = "") -> list[str]:
    lines, taken = [], set()
    for number, mark in enumerate(marks):
        name = f"${'anchor' if mark in anchors else 'mark'}_{name_string(mark)}"
        name = f"{name}_{number}" if name in taken else name
        taken.add(name)
        literal = quote(mark.text.decode("ascii"))[:-1] + end + '"'
        lines.append(f"{name} = {literal}{' wide' if mark.wide else ''}")
    return lines


def _condition(others: int, wanted: int) -> str:
    if not others:
        return "any of ($anchor*)"
    needed = min(wanted, others)
    return f"any of ($anchor*) and {needed + 1} of them"


def _make_file(pack: str, name: str, marks: tuple[Mark, ...], code: tuple[CodePattern, ...], text: bool) -> TreeFile:
    """The marks in a file that can't run: one a line, from the last to the first, behind an unconditional end."""
    turned = sorted(marks, key=lambda mark: mark.text, reverse=True)
    head = _INERT + (_PHP_END if any(b"<?" in mark.text for mark in marks) else "")
    if text:
        lines = "\n".join(mark.text.decode("ascii") for mark in turned)
        return TreeFile(path=f"srv/{pack}/{name}.txt", text=f"{head}{lines}\n")
    data = head.encode() + b"\0" + b"\0\0".join(mark.form() for mark in turned) + b"\0\0"
    data += b"\0".join(item.filled() for item in code)
    return TreeFile(path=f"srv/{pack}/{name}.bin", hex=data.hex())


def _make_near(name: str, marks: tuple[Mark, ...]) -> tuple[TreeFile, ...]:
    """A note that names one mark."""
    if not marks:
        return ()
    note = f"A note about the threat that names one of its strings only:\n{marks[0].text.decode('ascii')}\n"
    return (TreeFile(path=f"srv/notes/{name}.txt", text=note),)


def _memory_part(mark: Mark) -> MemoryPart:
    form = mark.form()
    return MemoryPart(hex=form.hex(), nuls=4) if mark.wide else MemoryPart(text=mark.text.decode("ascii"))


def _explain(marks: tuple[Mark, ...], name: str) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            f"content/{name}",
            mark.text.decode("ascii") + (" (UTF-16)" if mark.wide else ""),
            f"{mark.why}; score {mark.score:.0f}; in every sample, in no clean file",
        )
        for mark in marks
    )


def _explain_rule(
    samples: tuple[Sample, ...], scope: str, name: str, code: tuple[CodePattern, ...], weak: bool
) -> tuple[Choice, ...]:
    part = f"content/{name}"
    found = [Choice(part, f"scope {scope}", f"so are {_count(samples)}")]
    if code:
        why = "too few strings in common: code that all samples hold, not compared with installed packages"
        found.append(Choice(part, f"{len(code)} patterns of code", why))
    if weak:
        found.append(Choice(part, "suspicious only", "fewer than three strings: a text that quotes them hits"))
    if scope != "text":
        found.append(Choice(part, "anchors", "two strings at most: all packs together have 64 for binaries"))
    return tuple(found)


def _count(samples: tuple[Sample, ...]) -> str:
    return "one sample" if len(samples) == 1 else f"{len(samples)} samples"
