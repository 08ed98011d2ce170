"""What an export of packs consists of."""

from collections.abc import Callable
from typing import NamedTuple

from codered.model.rule import ParsedPack


class ExportFile(NamedTuple):
    """A file of an export: its name (relative, with `/`), and its bytes."""

    name: str
    data: bytes


class LeftOut(NamedTuple):
    """A sign that the form can't say: `pack/indicator`, and why not."""

    sign: str
    why: str


class Export(NamedTuple):
    """Packs in one form, and what of them it can't say."""

    files: tuple[ExportFile, ...]
    left_out: tuple[LeftOut, ...] = ()


class Form(NamedTuple):
    """A form that packs can be written in. `title` names the engine for people; `checked_with` is the real engine that
    our tests load each export with ("" = none can be had: the files themselves say so).
    """

    name: str
    title: str
    checked_with: str
    make: Callable[[tuple[ParsedPack, ...]], Export]


def list_header(form: str, checked_with: str, packs: tuple[ParsedPack, ...]) -> tuple[str, ...]:
    """The lines that every export opens with, as plain text: what it is, of which packs, and how far it was checked."""
    named = ", ".join(f"{one.loaded.pack.name} {one.loaded.pack.version}" for one in packs)
    checked = (
        f"Loaded and tried with {checked_with} in this project's tests."
        if checked_with
        else "NOT VALIDATED by a real engine: none could be had where this was built. Try it before you rely on it."
    )
    return (f"{form}, made by codered packs export. Packs: {named}", checked)
