"""What lies behind an entry: the programs its command names, and the scripts among them, which become entries too."""

import re
import stat
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec.structs import replace

from codered.collect.autostart.commands import MOST_COMMAND, list_programs
from codered.collect.autostart.entries import make_entry
from codered.collect.autostart.homes import list_homes
from codered.collect.autostart.places import resolve, to_rel
from codered.collect.autostart.programs import Program, read_program
from codered.collect.autostart.reading import Reader
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart

PRELOADS_UNOWNED = "preload-unowned"  # the fact of an entry that loads a library of no package
RUN_BY = "run-by-autostart"  # the fact of a script that an entry runs
MOST_SCRIPTS = 2_000
_PRELOADED = re.compile(rb"\bLD_(?:PRELOAD|AUDIT)[ \t]*=[ \t]*[\"']?([^ \t\n\"';:]{1,4096})")
_SCRIPTS = ("cron", "at", "init", "rc", "profile", "motd", "network_dispatcher", "git_hook", "initramfs")
_SYSTEM_PLACES = (b"etc/", b"usr/", b"lib/")


class _Behind(NamedTuple):
    """What is at a path that a command names: `owner` is its package, `program` is only read if it may be planted."""

    missing: bool = False
    writable: bool = False
    owner: str = ""
    program: Program | None = None


def look_behind(reader: Reader, packages: PackageDatabase, entries: Iterable[Autostart]) -> Iterator[Autostart]:
    """The entries with what could be told of the programs they run, and an entry for every script they run that is not
    as its package has it. What a package brought, and is unchanged, is passed on as it is.
    """
    looker = _Looker(reader, packages)
    kept = list(entries)
    known = {entry.path.to_bytes() for entry in kept}
    for entry in kept:
        if entry.origin == "package":
            yield entry
            continue
        yield looker.look(entry)
        for script in looker.take_scripts(entry):
            if script.path.to_bytes() not in known:
                known.add(script.path.to_bytes())
                yield script


class _Looker:
    """Remembers what it saw: many entries run the same programs."""

    def __init__(self, reader: Reader, packages: PackageDatabase) -> None:
        self._reader = reader
        self._packages = packages
        self._seen: dict[bytes, _Behind] = {}
        self._homes = {home.user: home.rel for home in list_homes(reader)}
        self._scripts: list[Program] = []
        self._count = 0
        etc = reader.stat(b"etc")
        self._root = etc.st_uid if etc is not None else 0  # an unpacked tree belongs to whoever unpacked it

    def look(self, entry: Autostart) -> Autostart:
        """The entry with `runs` and the facts of what it runs."""
        self._scripts = []
        runs = tuple(dict.fromkeys((*entry.runs, *list_programs(entry.command or _as_script(entry)))))
        facts = set(entry.facts)
        for name in runs:
            rel = self._place(name, entry.user)
            if rel is not None:
                facts |= self._add(rel, entry)
        if self._preloads_unowned(entry.text):
            facts.add(PRELOADS_UNOWNED)
        if entry.mode & stat.S_IWOTH:
            facts.add("world-writable")
        rel = entry.system_path().encode(errors="surrogateescape").lstrip(b"/")
        if rel.startswith(_SYSTEM_PLACES) and entry.uid != self._root and entry.kind != "git_hook":
            facts.add("owner-not-root")
        return replace(entry, runs=runs, facts=frozenset(facts))

    def take_scripts(self, entry: Autostart) -> Iterator[Autostart]:
        """The scripts that the entry just looked at runs."""
        for program in self._scripts:
            self._count += 1
            if self._count > MOST_SCRIPTS:
                if self._count == MOST_SCRIPTS + 1:
                    self._reader.miss(
                        program.file.rel, f"more than {MOST_SCRIPTS} scripts are run: the rest was left out"
                    )
                return
            yield make_entry(
                self._reader, self._packages, program.file, entry.kind, entry=entry.entry, user=entry.user,
                text=program.text, runs=list_programs(program.text[:MOST_COMMAND].decode(errors="replace")),
                facts=frozenset((RUN_BY,)),
            )  # fmt: skip

    def _add(self, rel: bytes, entry: Autostart) -> set[str]:
        seen = self._seen.get(rel)
        if seen is None:
            seen = self._seen[rel] = self._inspect(rel)
            if seen.program is not None:
                self._scripts.append(seen.program)
        facts = {"executable-world-writable"} if seen.writable else set()
        if seen.missing and entry.command:
            facts.add("command-missing")
        if not seen.missing and not seen.owner and self._packages.known:
            facts.add("command-unowned")
        return facts

    def _inspect(self, rel: bytes) -> _Behind:
        real = resolve(self._reader, rel)
        status = self._reader.stat(real) if real is not None else None
        if real is None or status is None:
            return _Behind(missing=True)
        if not stat.S_ISREG(status.st_mode):
            return _Behind(owner=self._packages.owner(real))
        owner = self._packages.owner(real)
        writable = bool(status.st_mode & stat.S_IWOTH)
        program = read_program(self._reader, real)
        if program is None or not program.text or self._packages.origin(program.file)[0] == "package":
            return _Behind(writable=writable, owner=owner)
        return _Behind(writable=writable, owner=owner, program=program)

    def _preloads_unowned(self, text: bytes) -> bool:
        paths = (match[1] for match in _PRELOADED.finditer(text) if match[1].startswith(b"/"))
        return self._packages.known and any(not self._packages.owner(to_rel(path)) for path in paths)

    def _place(self, name: str, user: str) -> bytes | None:
        """Where a path of a command lies below the root; None for one that is relative to who knows what."""
        for start in ("~/", "$HOME/", "${HOME}/"):
            if name.startswith(start) and user in self._homes:
                return self._homes[user] + b"/" + to_rel(name.removeprefix(start).encode(errors="replace"))
        return to_rel(name.encode(errors="replace")) if name.startswith("/") else None


def _as_script(entry: Autostart) -> str:
    """The text of an entry that is a script itself."""
    if entry.line or not (entry.kind in _SCRIPTS or entry.text.startswith(b"#!")):
        return ""
    return entry.text[:MOST_COMMAND].decode(errors="replace")
