"""systemd: units of the system and of every user, drop-ins, generators, and what switches them on."""

from collections.abc import Iterable, Iterator

from codered.collect.autostart.entries import Fields, link_paths, make_entry
from codered.collect.autostart.homes import list_homes
from codered.collect.autostart.places import NOWHERE, join_all, read_folder, resolve, resolve_folders
from codered.collect.autostart.programs import read_program
from codered.collect.autostart.reading import Entry, Reader, SmallFile, as_text
from codered.collect.autostart.tables import table
from codered.collect.autostart.unit_files import parse_unit
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart

GENERATOR = "generator"
DROP_IN = "drop-in"
RUNTIME = "runtime"  # made anew at every boot
_SWITCHES = (b".wants", b".requires", b".upholds")
_ENDINGS = table("unit-endings")


def collect_systemd(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """Every unit and drop-in of the system, of all users together and of each home; generators and sleep hooks."""
    for places in (table("system-unit-folders"), table("user-unit-folders")):
        yield from _Units(reader, packages, "").collect(resolve_folders(reader, places))
    for home in list_homes(reader):
        folders = resolve_folders(reader, join_all((home.rel,), table("home-unit-folders")))
        yield from _Units(reader, packages, home.user).collect(folders)
    for name in ("generator-folders", "sleep-hook-folders"):
        for folder in resolve_folders(reader, table(name)):
            for entry in reader.list(folder):
                program = None if entry.is_folder else read_program(reader, entry.rel)
                if program is not None:
                    facts = frozenset((GENERATOR,)) if name == "generator-folders" else frozenset[str]()
                    yield make_entry(
                        reader, packages, program.file, "systemd", entry=as_text(entry.name, 255), user="root",
                        text=program.text, links=link_paths(reader, program.links), facts=facts,
                    )  # fmt: skip


class _Units:
    """The unit files of one manager: those of the system, or of one user."""

    def __init__(self, reader: Reader, packages: PackageDatabase, user: str) -> None:
        self._reader = reader
        self._packages = packages
        self._user = user
        self._links: dict[bytes, list[bytes]] = {}  # name of a unit -> links that switch it on or name it
        self._files: dict[bytes, SmallFile] = {}
        self._drop_ins: list[tuple[bytes, SmallFile]] = []  # of which unit

    def collect(self, folders: Iterable[bytes]) -> Iterator[Autostart]:
        """The entries of these folders."""
        for folder in folders:
            for entry in self._reader.list(folder):
                self._take(entry)
        for file in self._files.values():
            yield self._make(file, file.rel.rpartition(b"/")[2])
        for unit, file in self._drop_ins:
            yield self._make(file, unit, DROP_IN)

    def _take(self, entry: Entry) -> None:
        if entry.is_folder and entry.name.endswith(_SWITCHES):
            for inner in self._reader.list(entry.rel):
                if inner.is_link:
                    self._follow(inner)
        elif entry.is_folder and entry.name.endswith(b".d"):
            unit = entry.name.removesuffix(b".d")
            self._drop_ins += [(unit, file) for file, _ in read_folder(self._reader, entry.rel, (b".conf",))]
        elif entry.is_link and entry.name.endswith(_ENDINGS):
            self._follow(entry)
        elif entry.is_file and entry.name.endswith(_ENDINGS):
            self._read(entry.rel)

    def _follow(self, link: Entry) -> None:
        """A link to a unit switches it on, or is another name of it. A mask (a link to /dev/null) is nothing."""
        real = resolve(self._reader, link.rel)
        if real in NOWHERE:
            return
        names = {link.name, (real or link.name).rpartition(b"/")[2]}
        for name in names:
            self._links.setdefault(_template(name), []).append(link.rel)
        if real is not None:
            self._read(real)

    def _read(self, rel: bytes) -> None:
        if rel not in self._files and (file := self._reader.read(rel)) is not None and file.size:
            self._files[rel] = file  # an empty one masks

    def _make(self, file: SmallFile, name: bytes, *facts: str) -> Autostart:
        unit = parse_unit(file.data)
        activates = unit.activates
        if not activates and not unit.commands and name.endswith((b".timer", b".path", b".socket")):
            activates = as_text(name.rpartition(b".")[0] + b".service", 255)
        found = [*facts, *(() if unit.parses else ("does-not-parse",))]
        if file.rel.startswith(b"run/"):
            found.append(RUNTIME)
        fields = Fields(
            entry=as_text(name, 255),
            command="; ".join(unit.commands),
            user=unit.user or self._user,
            links=link_paths(self._reader, tuple(dict.fromkeys(self._links.get(_template(name), ())))),
            runs=(activates,) if activates else (),
            facts=frozenset(found),
        )
        return make_entry(self._reader, self._packages, file, "systemd", **fields)


def _template(name: bytes) -> bytes:
    """An instance is switched on by its own name, its file has the template's: x@1.service is of x@.service."""
    start, at, rest = name.partition(b"@")
    return start + at + b"." + rest.rpartition(b".")[2] if at else name
