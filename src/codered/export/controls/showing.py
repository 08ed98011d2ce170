"""Controls for people: as one text, or as files to carry to the device."""

from collections.abc import Iterator

import msgspec

from codered.export.controls.orders import Control
from codered.export.controls.windows_hosts import SCRIPTS
from codered.export.writing.layout import WIDTH, wrap


class Controls(msgspec.Struct, frozen=True, kw_only=True, tag_field="format", tag="codered/controls/1"):
    """All controls that were made, for JSON."""

    controls: tuple[Control, ...]


def render_controls(controls: tuple[Control, ...]) -> str:
    """Every control: what it stops, what to know before, what to enter, what follows, and the way back."""
    lines = []
    for number, control in enumerate(controls, 1):
        lines += [*wrap(f"{number}. {control.platform}: {control.title}", rest="   "), ""]
        lines += wrap(f"Stops: {control.what}", first="   ", rest="   ")
        for note in control.notes:
            lines += wrap(note, first="   - ", rest="     ")
        for title, text in _list_blocks(control):
            lines += ["", f"--- {title} ".ljust(WIDTH, "-"), *text.rstrip("\n").split("\n")]
        lines += ["-" * WIDTH, ""]
    return "\n".join(lines)


def list_control_files(controls: tuple[Control, ...]) -> Iterator[tuple[str, str]]:
    """Name and content of the files of all controls: `NN-platform.apply.txt`, `.then.txt`, `.undo.txt`, `.notes.txt`;
    the scripts for Windows by their own names, for they look for each other.
    """
    for number, control in enumerate(controls, 1):
        stem = f"{number:02}-{control.platform}"
        notes = "".join(f"- {note}\n" for note in control.notes)
        yield f"{stem}.notes.txt", f"{control.title}\nStops: {control.what}\n{notes}"
        if control.platform == "windows":
            yield from zip(SCRIPTS, (control.apply, control.then, control.undo), strict=True)
            continue
        yield f"{stem}.apply.txt", control.apply
        if control.then:
            yield f"{stem}.then.txt", control.then
        yield f"{stem}.undo.txt", control.undo


def _list_blocks(control: Control) -> Iterator[tuple[str, str]]:
    if control.platform == "windows":
        yield from zip(SCRIPTS, (control.apply, control.then, control.undo), strict=True)
        return
    yield "enter", control.apply
    if control.then:
        yield "then", control.then
    yield "undo", control.undo
