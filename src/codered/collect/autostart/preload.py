"""Libraries that every program loads (/etc/ld.so.preload), and folders that the loader searches."""

import re
import stat
from collections.abc import Iterator

from codered.collect.autostart.config_lines import read_lines
from codered.collect.autostart.entries import make_entry
from codered.collect.autostart.known_names import known_names
from codered.collect.autostart.measuring import ELF, make_program_entry, measure_file
from codered.collect.autostart.places import read_folder, read_linked, resolve, to_rel
from codered.collect.autostart.reading import Reader, as_text
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart

MOST_LIBRARIES = 32  # of one line
_BETWEEN = re.compile(r"[ \t:]+")


def collect_preload(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """A line of ld.so.preload each (by its first library that no package owns), those libraries themselves, and every
    folder of ld.so.conf.d that everybody may write to.
    """
    for rel in known_names("preload-files"):
        found = read_linked(reader, rel)
        if found is None:
            continue
        for line in read_lines(found[0]):
            names = [name for name in _BETWEEN.split(line.text.partition("#")[0]) if name]
            yield from _read_libraries(reader, packages, names)
            if names:
                command = next((name for name in names if not packages.owner(_place(reader, name))), names[0])
                facts = {"preloads"}
                if not packages.owner(_place(reader, command)) and packages.known:
                    facts.add("preload-foreign")
                yield make_entry(
                    reader, packages, found[0], "preload", entry=names[0], command=command,
                    line=line.number, text=line.raw, facts=frozenset(facts),
                )  # fmt: skip
    for folder in known_names("library-folders"):
        for file, _ in read_folder(reader, folder, (b".conf",)):
            for line in read_lines(file):
                if line.text.startswith("/") and _is_writable(reader, line.text):
                    yield make_entry(
                        reader, packages, file, "preload", entry=line.text, line=line.number, text=line.raw,
                        facts=frozenset(("library-folder-writable",)),
                    )  # fmt: skip


def _read_libraries(reader: Reader, packages: PackageDatabase, names: list[str]) -> Iterator[Autostart]:
    """The libraries of no package, as files: without its line a library still lies there. Another file may be named
    to have it taken away, so only ELF files are meant.
    """
    for rel in dict.fromkeys(_place(reader, name) for name in names[:MOST_LIBRARIES]):
        library = None if packages.owner(rel) or not packages.known else measure_file(reader, rel)
        if library is not None and library.head.startswith(ELF):
            entry = as_text(rel.rpartition(b"/")[2], 255)
            facts = frozenset(("preload-foreign",))
            yield make_program_entry(reader, packages, library, "preload", entry=entry, user="root", facts=facts)


def _place(reader: Reader, name: str) -> bytes:
    """Where a library lies: the loader looks for a bare name in its own folders."""
    if "/" in name:
        rel = to_rel(name.encode(errors="replace"))
        return resolve(reader, rel) or rel
    for top in known_names("library-tops"):
        rel = top + b"/" + name.encode(errors="replace")
        if reader.stat(rel) is not None:
            return rel
    return name.encode(errors="replace")


def _is_writable(reader: Reader, folder: str) -> bool:
    real = resolve(reader, to_rel(folder.encode(errors="replace")))
    status = reader.stat(real) if real else None
    return status is not None and bool(status.st_mode & stat.S_IWOTH)
