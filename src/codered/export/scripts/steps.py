"""What a script does, step by step, before it is written in any language. Files have the names the host gives them."""

from typing import Literal, get_args

import msgspec

from codered.model.plan import LineChange
from codered.model.registry import REG_BINARY, REG_DWORD, REG_EXPAND_SZ, REG_MULTI_SZ, REG_QWORD, REG_SZ

Role = Literal["iis4", "iis5", "iis6", "iis7", "windows"]
ROLES: tuple[Role, ...] = get_args(Role)
OLD: tuple[Role, ...] = ("iis4", "iis5", "iis6")
"""Those without PowerShell: command files, Windows Script Host and registration files."""
REG4: tuple[Role, ...] = ("iis4", "iis5")
"""Those whose registration files have the older form."""

TYPE_NAMES = {
    REG_SZ: "REG_SZ",
    REG_EXPAND_SZ: "REG_EXPAND_SZ",
    REG_BINARY: "REG_BINARY",
    REG_DWORD: "REG_DWORD",
    REG_MULTI_SZ: "REG_MULTI_SZ",
    REG_QWORD: "REG_QWORD",
}


class FileStep(msgspec.Struct, frozen=True, kw_only=True, tag_field="step", tag="file"):
    """A file goes into quarantine if it has this size (-1 = any) and SHA-256 ("" = any) and, if `twins` are named, the
    bytes of one of them.
    """

    path: str
    because: str
    size: int = -1
    sha256: str = ""
    twins: tuple[str, ...] = ()


class ValueStep(msgspec.Struct, frozen=True, kw_only=True, tag_field="step", tag="value"):
    """A value of the registry that has one of these data, of this REG_ type, becomes `sets` (None = it goes). `fold`:
    capital letters make no difference.
    """

    key: str
    name: str
    type: int
    expects: tuple[bytes, ...]
    because: str
    sets_type: int = 0
    sets: bytes | None = None
    fold: bool = False


class KeyStep(msgspec.Struct, frozen=True, kw_only=True, tag_field="step", tag="key"):
    """A key of the registry goes with all below it, if that is as many keys (itself counted) and values."""

    key: str
    keys: int
    values: int
    because: str


class LinesStep(msgspec.Struct, frozen=True, kw_only=True, tag_field="step", tag="lines"):
    """Lines of a file go or are replaced, if the whole file has the hash `before`; then it has the hash `after`."""

    path: str
    before: str
    after: str
    lines: tuple[LineChange, ...]
    because: str


class MetabaseStep(msgspec.Struct, frozen=True, kw_only=True, tag_field="step", tag="metabase"):
    """Of every site, the folder published as `below`: it goes if its Path is one of `expects` (`flags` None), or its
    AccessFlags, if they are one of these numbers, become `flags`.
    """

    below: str
    expects: tuple[str, ...]
    because: str
    flags: int | None = None


Step = FileStep | ValueStep | KeyStep | LinesStep | MetabaseStep


class ByHand(msgspec.Struct, frozen=True, kw_only=True):
    """What no script does, and why."""

    what: str
    because: str


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written: `id` is in the name of the quarantine folder, `origin` says what it was made from, with
    its digest; `afterwards` is what to do when it has run.
    """

    id: str
    role: Role
    title: str
    origin: str
    steps: tuple[Step, ...]
    by_hand: tuple[ByHand, ...] = ()
    afterwards: tuple[str, ...] = ()


def text_of(data: bytes) -> str | None:
    """The text of a string value's data, without its end. None if it is no whole text of one line."""
    try:
        text = data.decode("utf-16-le").removesuffix("\0")
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None


def name_step(step: Step) -> str:
    """What the step is about, for people."""
    if isinstance(step, FileStep | LinesStep):
        return step.path
    if isinstance(step, ValueStep):
        return f"{step.key}: {step.name or '(default)'}"
    return step.key if isinstance(step, KeyStep) else f"/{step.below} of every site"
