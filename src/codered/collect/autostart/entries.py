"""Making an `Autostart` of a file: whose it is, when it changed, and what of it was read."""

from typing import TypedDict, Unpack

from msgspec.structs import replace

from codered.collect.autostart.reading import Reader, SmallFile
from codered.collect.packages import PackageDatabase
from codered.model.paths import FilePath
from codered.model.persistence import Autostart, AutostartKind

MOST_TEXT = 64 << 10
BY_LINE = "by-line"  # the fact of a file whose lines stand for themselves: one of them can be taken out
CUT = "text-cut"  # the fact of an entry whose text is not all of it


class Fields(TypedDict, total=False):
    """What a collector says of an entry; the rest comes from the file."""

    entry: str
    command: str
    user: str
    line: int
    text: bytes
    links: tuple[FilePath, ...]
    runs: tuple[str, ...]
    facts: frozenset[str]


def make_entry(
    reader: Reader, packages: PackageDatabase, file: SmallFile, kind: AutostartKind, **fields: Unpack[Fields]
) -> Autostart:
    """The entry of a file. `text` is the file's content unless it is given; what of it is too long to be kept is said,
    unless the file is just as its package has it.
    """
    origin, package = packages.origin(file)
    made = Autostart(
        kind=kind,
        path=reader.path(file.rel),
        shown=reader.target.shown(file.rel),
        text=file.data,
        sha256=file.sha256,
        size=file.size,
        mode=file.mode,
        uid=file.uid,
        origin=origin,
        package=package,
        changed=file.changed,
    )
    made = replace(made, **fields)
    if len(made.text) <= MOST_TEXT:
        return made
    if origin != "package":
        what = f"line {made.line}" if made.line else "it"
        reader.miss(file.rel, f"only the first {MOST_TEXT >> 10} KiB of {what} were judged")
    return replace(made, text=made.text[:MOST_TEXT], facts=made.facts | {CUT})


def link_paths(reader: Reader, links: tuple[bytes, ...]) -> tuple[FilePath, ...]:
    """Paths below the root as an entry names them."""
    return tuple(reader.path(rel) for rel in links)
