"""Making an `Autostart` of a value of the registry, or of a file."""

from typing import TypedDict, Unpack

from msgspec.structs import replace

from codered.collect.autostart.reading import SmallFile
from codered.collect.windows.autostart.commands import name_files
from codered.collect.windows.autostart.machine import WindowsMachine, home_of
from codered.model.paths import FilePath
from codered.model.persistence import Autostart, WindowsKind

MOST_TEXT = 64 << 10
DEFAULT = "win-default"  # the fact of an entry that every clean system has: judged by packs' signs alone
CUT = "text-cut"


class Fields(TypedDict, total=False):
    """What a collector says of an entry; the rest comes from where it stands."""

    entry: str
    user: str
    line: int
    text: bytes
    runs: tuple[str, ...]
    files: tuple[FilePath | None, ...]
    facts: frozenset[str]
    usual: str


class Stand(TypedDict, total=False):
    """Where in the registry an entry stands: its concrete key, the value's name (None = the whole key)."""

    key: str
    value: str | None


def of_registry(
    machine: WindowsMachine, kind: WindowsKind, stand: Stand, command: str, **fields: Unpack[Fields]
) -> Autostart:
    """The entry of a key or value that names a command. What the command runs is looked for, unless it is given."""
    key = stand["key"]
    hive = machine.registry.hive_of(key)
    state = hive.state if hive is not None else "clean"
    facts = frozenset((f"hive-{state}",)) if state not in ("clean", "live") else frozenset()
    made = Autostart(
        kind=kind,
        path=hive.path if hive is not None and hive.path is not None else FilePath(""),
        shown=hive.shown if hive is not None else None,
        command=command,
        text=as_bytes(command),
        user=key.split("\\")[1] if key.upper().startswith("HKU\\") else "",
        changed=machine.registry.written(key),
        registry=key,
        value=stand.get("value"),
    )
    return _finish(machine, replace(made, facts=facts), command, home_of(machine, key), fields)


def of_file(
    machine: WindowsMachine, kind: WindowsKind, file: SmallFile, command: str, **fields: Unpack[Fields]
) -> Autostart:
    """The entry of a file, or of a line of it, that names a command."""
    made = Autostart(
        kind=kind,
        path=machine.path(file.rel),
        shown=machine.target.shown(file.rel),
        command=command,
        text=file.data,
        sha256=file.sha256,
        size=file.size,
        mode=file.mode,
        uid=file.uid,
        changed=file.changed,
    )
    return _finish(machine, made, command, "", fields)


def _finish(machine: WindowsMachine, made: Autostart, command: str, home: str, fields: Fields) -> Autostart:
    facts = made.facts | fields.get("facts", frozenset())
    if "runs" not in fields and command:
        named = name_files(machine, command, home)
        made = replace(made, runs=named.runs, files=named.files)
        facts |= named.facts
    made = replace(made, **{**fields, "facts": facts})
    if len(made.text) > MOST_TEXT:
        where = made.registry or made.system_path()
        machine.miss(where, f"only the first {MOST_TEXT >> 10} KiB of it were judged")
        made = replace(made, text=made.text[:MOST_TEXT], facts=made.facts | {CUT})
    return made


def as_bytes(text: str) -> bytes:
    """A text of the registry, which may hold lone surrogates, as the bytes that patterns are tried on."""
    return text.encode(errors="backslashreplace")
